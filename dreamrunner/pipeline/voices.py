"""Who speaks: the voices of a film's narrator and characters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dreamrunner.files.voice_files import INSTALL
from dreamrunner.language import Story
from dreamrunner.language.sound.voices import Voice as Named
from dreamrunner.language.sound.voices import find, usual
from dreamrunner.planning import Plan
from dreamrunner.speech import Voice, VoiceError, find_voice


@dataclass(frozen=True)
class Voices:
    """``spoken``: the voices of those who speak, by the characters' names and "" the narrator's. ``remarks``: what is
    to say of those who have none, a line each."""

    spoken: Mapping[str, Voice]
    remarks: tuple[str, ...] = ()

    @property
    def shown(self) -> str | None:
        """The voices in words, the narrator's first; None where nobody speaks."""
        return ", ".join(f"{who}: {voice.name}" if who else voice.name for who, voice in self.spoken.items()) or None


def voices_of(story: Story, plan: Plan, narrator: str | None) -> Voices:
    """The voices that speak in a film.

    A narration is spoken where ``narrator`` or the story's header names a voice, a line always, if any voice is there:
    the character's own, or else the usual one, another one for each.

    Raises:
        VoiceError: ``narrator`` names no voice.
    """
    spoken: dict[str, Voice] = {}
    remarks: list[str] = []
    if any(scene.narration.strip() for scene in plan.scenes):
        if narrator is not None:
            spoken[""] = find_voice(narrator)
        elif story.voice:
            spoken |= _found("", story.voice, usual(), story, remarks)
    speakers = _speakers(plan)
    folder = story.path.parent
    speaking = [character for character in story.characters if character.name in speakers]
    taken = _there(narrator or story.voice, folder)
    for character in speaking:
        taken += _there(character.voice, folder)
    for character in speaking:
        other = "" if _there(character.voice, folder) else usual(taken) or ""
        taken += _there(other, folder)
        spoken |= _found(character.name, character.voice, other, story, remarks)
    if silent := [name for name in speakers if name not in spoken]:
        names = ", ".join(silent)
        remarks.append(
            f"warning: nobody is heard for {names}, whose lines are only shown: no voice is here; {INSTALL} brings some"
        )
    return Voices(spoken, tuple(remarks))


def _there(name: str, folder: Path) -> list[Named]:
    """The voice that a name means, if there is one."""
    voice = find(name, folder)
    return [voice] if voice is not None else []


def _found(who: str, named: str, other: str | None, story: Story, remarks: list[str]) -> dict[str, Voice]:
    """Who speaks with the voice that is named for them, or else with another one; nobody where there is none."""
    for name in filter(None, (named, other)):
        try:
            voice = find_voice(name, story.path.parent)
        except VoiceError:
            continue
        if named and name != named:
            remarks.append(f"warning: there is no voice {named} here; {who or 'the narrator'} speaks with {voice.name}")
        return {who: voice}
    if named and not who:
        remarks.append(f"warning: there is no voice {named} here; the narrations are only shown")
    return {}


def _speakers(plan: Plan) -> list[str]:
    """The characters who speak, in the order of the film."""
    return list(dict.fromkeys(beat.entity for scene in plan.scenes for beat in scene.beats if beat.says))
