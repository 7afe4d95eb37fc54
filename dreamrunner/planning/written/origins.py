"""Where the facts of a plan are from: the author, a planner, or an edit of a planner's fill by hand."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from dreamrunner.language.parts import KeyFrame
from dreamrunner.language.sides import crossing, midway
from dreamrunner.language.story import MISSING, PLANNERS, Beat, Scene, Story
from dreamrunner.planning.boxes.simplify import turns
from dreamrunner.planning.plan import Plan, PlannedBeat, PlannedScene
from dreamrunner.planning.quoting import Words, words_of
from dreamrunner.planning.written.plan_file import FilledFile

AUTHOR, HAND = "author", "hand"
"""What stands for the story's author and for an edit by hand; anything else is a planner's name."""
OFFLINE = PLANNERS[0]

BEAT_FACTS = ("entity", "motion", "span", "description", "keyframes")
"""The facts of a beat, each of which has an origin. The author wrote ``keyframes`` by lines ``at``, or by a line
``enters`` and a line ``leaves`` of another side, between which the way leads over the middle."""


@dataclass(frozen=True, slots=True)
class SceneOrigins:
    """The origins of a scene's background, of its narration and of the facts of each beat; see :data:`BEAT_FACTS`.

    ``words`` are those of the narration that the offline planner took each beat from; none where it filled nothing. A
    fill of its that was edited by hand still came from them.
    """

    background: str
    narration: str
    beats: tuple[Mapping[str, str], ...]
    words: tuple[Words, ...] = ()

    def everyone(self) -> Iterator[str]:
        """All origins of the scene, as often as they come."""
        yield self.background
        yield self.narration
        for beat in self.beats:
            yield from beat.values()


def origins(planned: FilledFile) -> dict[str, SceneOrigins]:
    """The origins of everything in a planned file; see :func:`scene_origins`."""
    fills = {scene.name: scene.filled_by or planned.plan.planner for scene in planned.story.scenes}
    return scene_origins(planned.authored, planned.plan, fills, planned.edited)


def scene_origins(
    authored: Story, plan: Plan, by: Mapping[str, str], edited: Collection[str] = ()
) -> dict[str, SceneOrigins]:
    """The origins of everything in ``plan``, by scene.

    ``authored`` is the story as its author wrote it, ``by`` says of each scene who filled it, and ``edited`` names the
    scenes whose fill was edited by hand since: that counts as edited in all of its parts.
    """
    written = {scene.name: scene for scene in authored.scenes}
    found, before = {}, list[str]()
    for scene in plan.scenes:
        own, who = written.get(scene.name), by.get(scene.name, plan.planner)
        facts = _scene(scene, own, HAND if scene.name in edited else who)
        found[scene.name] = replace(facts, words=_words(authored, scene, own, who, facts, before))
        before = list(dict.fromkeys(beat.entity for beat in scene.beats))
    return found


def _words(
    authored: Story, planned: PlannedScene, written: Scene | None, by: str, facts: SceneOrigins, before: list[str]
) -> tuple[Words, ...]:
    if by != OFFLINE or written is None or not (written.narration or "").strip():
        return tuple(() for _ in planned.beats)
    # In a filled story that is read by itself, everything is written, and its line `from` says who filled it.
    found = words_of(authored, written, planned, before)
    return tuple(
        words if written.filled_by == OFFLINE or {OFFLINE, HAND} & {*beat.values()} else ()
        for words, beat in zip(found, facts.beats, strict=True)
    )


def _scene(planned: PlannedScene, written: Scene | None, by: str) -> SceneOrigins:
    if written is None:
        return SceneOrigins(by, by, tuple(dict.fromkeys(BEAT_FACTS, by) for _ in planned.beats))
    beats = written.beats if len(written.beats) == len(planned.beats) else ()
    return SceneOrigins(
        AUTHOR if written.background is not MISSING else by,
        AUTHOR if written.narration is not MISSING else by,
        tuple(_beat(beat, made, by) for beat, made in zip(beats, planned.beats, strict=bool(beats)))
        or tuple(dict.fromkeys(BEAT_FACTS, by) for _ in planned.beats),
    )


def _beat(written: Beat, planned: PlannedBeat, by: str) -> dict[str, str]:
    known = {fact: getattr(written, fact) not in (MISSING, ()) for fact in BEAT_FACTS}
    # A fill that was edited by hand may hold another place, even one on the way.
    known["keyframes"] |= by != HAND and _led_by_sides(written, planned)
    return {fact: AUTHOR if known[fact] else by for fact in BEAT_FACTS}


def _led_by_sides(written: Beat, planned: PlannedBeat) -> bool:
    """Whether a beat without written key frames goes from the side that it enters by to another that it leaves by, by
    way of the middle alone.

    A planner chose how large it is then and how high, or between the top and the bottom how far from the left, but no
    place where it turns or waits.
    """
    enters, leaves = written.enters, written.leaves
    inside = [frame for frame in planned.keyframes if planned.start < frame.at < planned.end]
    if written.keyframes or enters is None or leaves is None or enters == leaves or not inside:
        return False
    middle = KeyFrame((planned.start + planned.end) / 2, midway(inside[0].box, enters, leaves))
    return turns(planned.keyframes) == turns(crossing([middle], planned.start, planned.end, enters, leaves))
