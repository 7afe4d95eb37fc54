"""Why a task runs again: what it reads now beside what it read when the film was last made, in words for an author."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from dreamrunner.backbones import Backbone
from dreamrunner.engine.graph import Task
from dreamrunner.engine.software import library_versions
from dreamrunner.engine.store import Entry
from dreamrunner.pipeline.manifest import Manifest
from dreamrunner.pipeline.prepare import Production
from dreamrunner.pipeline.tasks.makers.render import ToTrain, holds_lora
from dreamrunner.pipeline.tasks.render import RenderTask
from dreamrunner.planning import PlannedBeat, PlannedScene

FRAMES = frozenset({"background", "camera", "avoid", "duration", "beats", "description", "span", "box"})
JOINTS = frozenset({"narration", "duration", "transition"})
"""Facts of a scene that its frames show, and those that the joined film does."""

WORDS = {
    "clips": "what the clips show or say",
    "code": "DreamRunner's own code",
    "ffmpeg": "the version of ffmpeg",
    "font": "the font of subtitles",
    "options": "how clips are searched for",
    "parts": "what looks at clips",
    "photos": "what the photos show or say",
    "pillow": "the version of Pillow",
    "recipe": "how it is learnt",
    "room": "the time that there is for its speech",
    "experts": "which network a LoRA is for",
    "scales": "the scale of a LoRA",
    "spoken": "what is spoken",
    "text": "what is said",
    "said": "what is said",
    "files": "a file of music",
}
"""What is read under a name that says little."""


def why(task: Task, key: str, production: Production, former: Manifest, made: Mapping[str, Entry]) -> tuple[str, ...]:
    """What differs from the ``former`` film, for a task whose result under ``key`` is not kept; ``made`` are the
    results of those that it needs, by name."""
    before = former.tasks.get(task.name)
    if before is None:
        return (_why_new(task, production, former),)
    if before.key == key:
        return ("what it made is no longer kept",)
    now = task.summary()
    found: list[str] = []
    for name in (name for name in {**before.reads, **now} if before.reads.get(name) != now.get(name)):
        if name in ("program", "scenes", "plan"):
            found += _why_planned(task, production, former)
        elif name in ("subtitles", "font") and former.burnt_subtitles != production.options.burn_subtitles:
            how = "are part of the picture" if production.options.burn_subtitles else "are no part of the picture"
            found.append(f"subtitles {how} now")
        elif name in ("shot", "subtitles") and task.kind == "cut":
            found += _why_cut(task.of, name, production, former)
        elif name == "adapters":
            found += _why_adapters(task, former, made)
        elif name == "model":
            found.append(_why_model(production.backbone, former))
        elif name == "libraries":
            versions = library_versions()
            old = former.versions
            found += [f"{each} {old.get(each)} is now {new}" for each, new in versions.items() if old.get(each) != new]
        elif isinstance(now.get(name), (int, float)) or name in ("device", "card", "attention", "form", "precision"):
            found.append(f"{name} {_shown(now.get(name))}, was {_shown(before.reads.get(name))}")
        else:
            found.append(f"{WORDS.get(name, name)} changed")
    return tuple(dict.fromkeys(found)) or ("what it needs changed",)


def _why_model(backbone: Backbone, former: Manifest) -> str:
    was = former.model
    if was.digest != backbone.digest:
        return f"the model is {backbone.name}"
    if (was.width, was.height) != (backbone.width, backbone.height):
        return f"the size is {backbone.width}x{backbone.height}"
    return f"what is known of {backbone.name} changed"


def _why_adapters(task: Task, former: Manifest, made: Mapping[str, Entry]) -> Iterator[str]:
    """What is another about a scene's LoRAs, by their content: where one comes from changes no scene."""
    if not isinstance(task, RenderTask):
        return
    scene = next((each for each in former.scenes if each.plan.name == task.of), None)
    old = {adapter.name: adapter.digest for adapter in scene.adapters} if scene is not None else {}
    new = {}
    for prior in task.priors:
        if not isinstance(prior, ToTrain):
            new[prior.name] = prior.digest
        elif holds_lora(made[prior.task].path):
            new[prior.name] = made[prior.task].digest
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            how = "changed" if name in old and name in new else "is new" if name in new else "is gone"
            kind, _, of = name.partition("-")
            of, _, expert = of.partition("+")
            what = "a LoRA for the whole picture" if kind == "picture" else f"the LoRA of {of}"
            yield f"{what}{f' at {expert} noise' if expert else ''} {how}"


def changes(before: PlannedScene, now: PlannedScene) -> Iterator[tuple[str, str]]:
    """What differs between two plans of one scene: the fact, and what there is to say of it."""
    for fact in ("background", "narration", "camera", "avoid", "duration", "transition"):
        if getattr(before, fact) != getattr(now, fact):
            yield fact, f"{fact} changed"
    old, new = _by_turn(before.beats), _by_turn(now.beats)
    for turn in dict.fromkeys((*old, *new)):
        entity = turn[0]
        if turn not in new:
            yield "beats", f"{entity} is gone" if turn[1] == 1 else f"a beat of {entity} is gone"
        elif turn not in old:
            yield "beats", f"{entity} is new" if turn[1] == 1 else f"a beat of {entity} is new"
        else:
            yield from _beat_changes(entity, old[turn], new[turn])


def _beat_changes(entity: str, before: PlannedBeat, now: PlannedBeat) -> Iterator[tuple[str, str]]:
    if before.motion != now.motion:
        yield "motion", f"motion of {entity} changed"
    if (before.start, before.end) != (now.start, now.end):
        yield "span", f"span of {entity} changed"
    if before.description != now.description:
        yield "description", f"description of {entity} changed"
    if before.says != now.says:
        yield "says", f"what {entity} says changed"
    old, new = ({frame.at: frame.box for frame in beat.keyframes} for beat in (before, now))
    for at in sorted({*old, *new}):
        if old.get(at) != new.get(at):
            how = "changed" if at in old and at in new else "is new" if at in new else "is gone"
            yield "box", f"box of {entity} at {at:g}s {how}"


def _why_new(task: Task, production: Production, former: Manifest) -> str:
    names = {scene.plan.name for scene in former.scenes}
    if not former.tasks:
        return "the film here was made by an older version"
    scene = next((job.scene for job in production.jobs if job.scene.name == task.of), None)
    if scene is None or task.of in names:
        return "it is new"
    kept = {job.scene.name for job in production.jobs}
    gone = [each.plan for each in former.scenes if each.plan.name not in kept]
    was = next((each.name for each in gone if each.beats == scene.beats), None)
    return f"scene {was} is called {scene.name} now" if was else f"scene {scene.name} is new"


def _why_planned(task: Task, production: Production, former: Manifest) -> Iterator[str]:
    old = {scene.plan.name: scene.plan for scene in former.scenes}
    new = {scene.name: scene for scene in production.plan.scenes}
    if task.of:
        if former.style != production.plan.style:
            yield "style changed"
        if task.of in old and task.of in new:
            yield from (said for fact, said in changes(old[task.of], new[task.of]) if fact in FRAMES)
        return
    if task.kind == "storyboard" and former.title != production.plan.title:
        yield "title changed"
    yield from (f"scene {name} is new" for name in new if name not in old)
    yield from (f"scene {name} is gone" for name in old if name not in new)
    if [name for name in old if name in new] != [name for name in new if name in old]:
        yield "the order of the scenes changed"
    for name in (name for name in new if name in old):
        shown = JOINTS if task.kind == "join" else JOINTS | FRAMES | {"motion"}
        yield from (f"{said} in {name}" for fact, said in changes(old[name], new[name]) if fact in shown)


def _why_cut(scene: str, read: str, production: Production, former: Manifest) -> Iterator[str]:
    old = [each.plan for each in former.scenes]
    before, now = ({each.name: each for each in _beside(scene, scenes)} for scenes in (old, production.plan.scenes))
    if list(before) != list(now):
        yield "the order of the scenes changed"
    shown = {"duration", "transition"} if read == "shot" else JOINTS
    for name in (name for name in now if name in before):
        yield from (f"{said} in {name}" for fact, said in changes(before[name], now[name]) if fact in shown)


def _beside(scene: str, scenes: Sequence[PlannedScene]) -> Sequence[PlannedScene]:
    """A scene with those just before and after it."""
    at = next((number for number, each in enumerate(scenes) if each.name == scene), 0)
    return scenes[max(0, at - 1) : at + 2]


def _by_turn(beats: Sequence[PlannedBeat]) -> dict[tuple[str, int], PlannedBeat]:
    """Beats by their entity and their number among its beats."""
    count: Counter[str] = Counter()
    found = {}
    for beat in beats:
        count[beat.entity] += 1
        found[beat.entity, count[beat.entity]] = beat
    return found


def _shown(value: object) -> str:
    if value is None:
        return "none"
    return ("off", "on")[value] if isinstance(value, bool) else str(value)
