"""A director's changes of any sound story: lines, comments, meaning, and the way back."""

from __future__ import annotations

import difflib
from collections import Counter
from dataclasses import replace
from pathlib import Path

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dreamrunner.language import Story, check_text
from dreamrunner.language.durations import takes_its_time
from dreamrunner.language.parsing.parser import parse
from dreamrunner.language.parts import CUT, Transition
from dreamrunner.language.story import MISSING, Scene
from dreamrunner.planning import plan_story
from dreamrunner.planning.directing import NotMade, direct
from dreamrunner.planning.directing.changes import (
    Add,
    Change,
    DeleteScene,
    Describe,
    Drop,
    MoveScene,
    Remove,
    Rename,
    Retime,
    SetFact,
    Stretch,
)
from dreamrunner.planning.directing.facts import said_as
from tests.material.generated_stories import ENTITIES, PROPS, plain, stories

FILE = Path("day.story")
WORDS = st.one_of(plain, st.lists(plain, min_size=2, max_size=3).map("\n".join), st.just('a "b" \\ c'))
WAYS = {"cut": CUT, "fade 1": Transition("fade", 1.0), "dissolve .50 s": Transition("dissolve", 0.5)}
FACTS = st.sampled_from(["background", "narration", "camera", "avoid"])


def story_of(text: str) -> Story:
    checked = check_text(text, FILE)
    assume(checked.story is not None)
    return checked.story


@st.composite
def changes(draw: st.DrawFn, story: Story) -> Change:
    scene = draw(st.sampled_from(story.scenes))
    name, names = scene.name, [each.name for each in story.scenes]
    kinds = ["fact", "number", "transition", "add", "delete", "move"]
    if scene.beats:
        kinds += ["describe", "span", "retime", "drop", "remove", "rename"] * 2
    beat = draw(st.integers(0, max(0, len(scene.beats) - 1)))
    known = scene.beats[beat] if scene.beats else None
    at = draw(st.sampled_from([frame.at for frame in known.keyframes])) if known and known.keyframes else 0.0
    match draw(st.sampled_from(kinds)):
        case "fact":
            return SetFact(scene=name, fact=draw(FACTS), value=draw(WORDS))
        case "number":
            fact = draw(st.sampled_from(["duration", "seed"]))
            return SetFact(scene=name, fact=fact, value=draw(st.sampled_from([6, 9, None])))
        case "transition":
            return SetFact(scene=name, fact="transition", value=draw(st.sampled_from([*WAYS, None])))
        case "add":
            return Add(scene=name, entity=draw(st.sampled_from([*ENTITIES, *PROPS, "newcomer"])))
        case "delete":
            return DeleteScene(scene=name)
        case "move":
            return MoveScene(scene=name, before=draw(st.sampled_from([*names, ""])))
        case "describe":
            return Describe(scene=name, beat=beat, text=draw(WORDS))
        case "span":
            return Stretch(scene=name, beat=beat, start=draw(st.integers(0, 2)), end=draw(st.integers(3, 6)))
        case "retime":
            return Retime(scene=name, beat=beat, at=at, to=draw(st.integers(0, 12)) / 2)
        case "drop":
            return Drop(scene=name, beat=beat, at=at)
        case "remove":
            return Remove(scene=name, entity=known.entity)
        case _:
            return Rename(scene=name, entity=known.entity, to=draw(st.sampled_from([*ENTITIES, "newcomer"])))


def timed(text: str, scene: str) -> bool:
    """Whether a scene lasts as its words do."""
    blocks = parse(text, FILE).syntax.blocks
    block = next(block for block in blocks if block.kind.text == "scene" and block.name.text == scene)
    return takes_its_time({fact.word.text: fact for fact in block.properties()})


def wished(story: Story, change: Change, *, auto: bool) -> list[Scene]:
    """The scenes of a story after a change, as far as the change says; ``auto`` where its scene lasts as its words do.

    Nobody needs to tell what happens in such a scene.
    """
    scenes = {scene.name: scene for scene in story.scenes}
    order = list(scenes)
    match change:
        case SetFact(scene=name, fact=fact, value=value):
            empty = "" if fact in ("camera", "avoid") else MISSING
            old = scenes[name]
            speaks = any(beat.says for beat in old.beats)
            if fact == "narration" and (speaks or auto):
                empty = ""  # who speaks there needs nobody to tell it
            if fact == "duration" and auto and not speaks and old.quoted is None:
                old = replace(old, narration=MISSING)
            said = said_as(value) if isinstance(value, str) else value
            if fact == "transition":
                empty, said = CUT, WAYS.get(value)
            if fact == "background" and old.setting:
                there = next(place.shows for place in story.settings if place.name == old.setting)
                said = ", ".join(filter(None, (there, said.strip())))
            scenes[name] = replace(old, **{fact: empty if said in ("", None) else said})
        case DeleteScene(scene=name):
            order.remove(name)
        case MoveScene(scene=name, before=before) if before != name:
            order.remove(name)
            order.insert(order.index(before) if before else len(order), name)
        case Describe(scene=name, beat=number, text=text):
            old = scenes[name].beats
            new = replace(old[number], description=said_as(text) or MISSING)
            scenes[name] = replace(scenes[name], beats=(*old[:number], new, *old[number + 1 :]))
        case Remove(scene=name, entity=entity):
            old = scenes[name]
            beats = tuple(beat for beat in old.beats if beat.entity != entity)
            # The last who speaks takes along that nobody has to tell what happens; `narration ""` stays.
            silent = any(beat.says for beat in old.beats) and not any(beat.says for beat in beats)
            untold = silent and not auto and old.quoted is None and old.narration == ""
            scenes[name] = replace(old, beats=beats, narration=MISSING if untold else old.narration)
        case Rename(scene=name, entity=entity, to=to):
            beats = scenes[name].beats
            beats = tuple(replace(beat, entity=to) if beat.entity == entity else beat for beat in beats)
            scenes[name] = replace(scenes[name], beats=beats)
    return [scenes[name] for name in order]


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_a_change_of_any_story(data: st.DataObject) -> None:
    text = data.draw(stories())
    story = story_of(text)
    assume(story.scenes)
    change = data.draw(changes(story))
    plan = plan_story(story).plan
    planned = {scene.name: scene for scene in plan.scenes}[change.scene] if plan is not None else None
    known = [thing.name for thing in story.entities]
    try:
        new = direct(text, change, planned, known=known)
    except NotMade as why:
        assert str(why) and "\n" not in str(why)
        return
    before, after = parse(text, FILE), parse(new, FILE)
    assert after.diagnostics == ()
    # Comments survive, but for those of a scene that goes.
    kept = Counter(item.text for item in after.syntax.comments)
    had = Counter(item.text for item in before.syntax.comments)
    assert kept == had if not isinstance(change, DeleteScene) else kept <= had
    # Nothing but the scene's lines changes, and what declares who is new.
    if not isinstance(change, MoveScene):
        block = next(block for block in before.syntax.blocks if block.name.text == change.scene)
        heads = sorted(each.kind.location.line for each in before.syntax.blocks)
        end = next((line for line in heads if line > block.kind.location.line), 10**6)
        old, made = text.split("\n"), new.split("\n")
        for kind, low, high, there, stop in difflib.SequenceMatcher(None, old, made, autojunk=False).get_opcodes():
            inside = low + 1 >= block.kind.location.line - 9 and high <= end
            declared = "\n".join(made[there:stop]).strip() == "character newcomer" and kind == "insert"
            assert kind == "equal" or inside or declared
    checked = check_text(new, FILE)
    if checked.story is None:
        # Each part can be read; that spans overlap now, or nobody is declared, is the check's to say.
        assert not isinstance(change, DeleteScene | MoveScene | Describe | Remove)
        return
    asked = wished(story, change, auto=timed(text, change.scene))
    assert [scene.name for scene in checked.story.scenes] == [scene.name for scene in asked]
    for scene, wish in zip(checked.story.scenes, asked, strict=True):
        laid_out = scene.name == change.scene and not wish.beats  # the planner's beats may have been written down
        if isinstance(change, SetFact | DeleteScene | MoveScene | Describe | Remove) and not laid_out:
            lasts = scene.name == change.scene and timed(new, scene.name)
            assert scene == (replace(wish, duration=scene.duration) if lasts else wish)
        if isinstance(change, Rename):
            assert [beat.entity for beat in scene.beats] == [beat.entity for beat in wish.beats]
