"""The tasks that make a film of scenes' frames: encoding each scene, cutting it to its part of the film, joining the
parts, and drawing the storyboard."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from dreamrunner.backbones import Backbone
from dreamrunner.engine.graph import Task
from dreamrunner.engine.measurements import Effort
from dreamrunner.engine.software import code_digest
from dreamrunner.files.digest import digest_file
from dreamrunner.pipeline.tasks.makers.cut import CutScene
from dreamrunner.pipeline.tasks.makers.encode import EncodeScene
from dreamrunner.pipeline.tasks.makers.join import JoinParts
from dreamrunner.pipeline.tasks.makers.render import RenderJob
from dreamrunner.pipeline.tasks.makers.storyboard import DrawStoryboard
from dreamrunner.planning import Plan

if TYPE_CHECKING:
    from dreamrunner.film.turns import Utterance

MOST_A_SECOND, MOST_A_CARD = 500_000, 500_000
"""Bytes that a second of film and a scene of a storyboard have at most, unless they are full of noise."""


def encode_tasks(jobs: Sequence[RenderJob], *, smooth: bool) -> list[Task]:
    """One task a scene: its frames to a film of its own."""

    def effort(job: RenderJob) -> Effort:
        grid, seconds = job.program.grid, job.scene.duration
        like = f"{grid.columns}x{grid.rows}{' smooth' if smooth else ''}"
        return Effort(like, seconds if smooth else grid.frames, most=round(seconds * MOST_A_SECOND))

    reads = {"smooth": smooth} | _made_by(EncodeScene)
    return [
        Task(
            "encode",
            job.scene.name,
            reads,
            EncodeScene(smooth),
            (f"render {job.scene.name}",),
            ".mp4",
            effort=effort(job),
        )
        for job in jobs
    ]


def cut_tasks(
    plan: Plan, backbone: Backbone, *, burn_subtitles: bool = False, spoken: Sequence[str] = ()
) -> list[Task]:
    """One task a scene: its film to its part of the whole film, in which with ``burn_subtitles`` what is said stands.

    What is ``spoken``, by :attr:`~dreamrunner.film.utterances.Utterance.of`, is shown as long as it is heard.
    """
    from dreamrunner.film.subtitles import heard_over
    from dreamrunner.film.timeline import part_of
    from dreamrunner.film.utterances import said_in

    size = (backbone.width, backbone.height)
    said_by_scene = {scene.name: said_in(scene) for scene in plan.scenes}
    found = []
    for scene in plan.scenes:
        part = part_of(plan, scene.name)
        heard = heard_over(plan, scene.name) if burn_subtitles else None
        reads = {"size": size, "shot": _shot_json(plan, scene.name)} | _made_by(CutScene)
        said = [each.of for each in said_by_scene.get(heard or "", ()) if each.of in spoken]
        if burn_subtitles:
            from dreamrunner.film.typeface import FONT

            reads["subtitles"] = _subtitles_json(plan, scene.name, heard if said else None)
            reads["font"] = digest_file(FONT)
        needs = [f"encode {each.scene}" for each in (part.shot, part.before) if each]
        needs += [f"fit {of}" for of in said]
        found.append(
            Task(
                "cut",
                scene.name,
                reads,
                CutScene(plan, scene.name, size, burn_subtitles),
                tuple(needs),
                ".mp4",
                effort=Effort(
                    f"{size[0]}x{size[1]}{' burnt' if burn_subtitles else ''}",
                    part.length,
                    most=round(scene.duration * MOST_A_SECOND),
                ),
            )
        )
    return found


def _shot_json(plan: Plan, scene: str) -> dict[str, Any]:
    """What a scene's part reads of the film's layout."""
    from dreamrunner.film.timeline import part_of

    part = part_of(plan, scene)
    return {
        "length": part.length,
        "fade_in": part.shot.fade_in,
        "fade_out": part.shot.fade_out,
        "dissolve": [part.shot.dissolve, part.before.length] if part.before else None,
    }


def _subtitles_json(plan: Plan, scene: str, speaking: str | None) -> Any:
    """What a scene's part reads of what is said; how long the scene ``speaking`` is heard is up to its speech too."""
    from dreamrunner.film.subtitles import cues_during
    from dreamrunner.film.timeline import part_of
    from dreamrunner.film.utterances import rooms, said_in

    if speaking is None:
        return [[cue.start, cue.end, cue.text] for cue in cues_during(plan, scene)]
    said = [_said_json(each) for scene in plan.scenes if scene.name == speaking for each in said_in(scene)]
    since = part_of(plan, scene).shot.first - part_of(plan, speaking).shot.first
    return {"said": said, "room": rooms(plan)[speaking], "since": since}


def _said_json(said: Utterance) -> Any:
    return [said.text, said.speaker, said.at, said.since]


def join_task(plan: Plan, *, subtitles: bool = True, spoken: Sequence[str] = (), music: bool = False) -> Task:
    """The scenes' parts, in their order, to the whole film.

    What is ``spoken``, by :attr:`~dreamrunner.film.utterances.Utterance.of`, is its sound, with ``music`` where that is
    played; with ``subtitles`` what is said is a subtitle track.
    """
    from dreamrunner.film.utterances import utterances

    # Pictures are copied; what the track and the sound say, and where, is all that is read.
    facts = {"name", "duration", "transition"}
    scenes = [scene.model_dump(mode="json", include=facts) for scene in plan.scenes]
    said = utterances(plan)
    needs = (*(f"cut {scene.name}" for scene in plan.scenes), *(f"fit {name}" for name in spoken))
    needs += ("play",) if music else ()
    reads = {"title": plan.title, "scenes": scenes, "subtitles": subtitles} | _made_by(JoinParts)
    if subtitles:
        reads["said"] = [[each.of, *_said_json(each)] for each in said]
    if not subtitles:
        from dreamrunner.film.joining import language_of

        reads["language"] = language_of(" ".join(each.text for each in said))
    if spoken:
        # What is spoken by which result, and when: results alone would not tell.
        reads["spoken"] = [[each.of, each.at, each.since] for each in said if each.of in spoken]
    seconds = sum(scene.duration for scene in plan.scenes)
    effort = Effort("", seconds, most=round(seconds * MOST_A_SECOND))
    return Task("join", "", reads, JoinParts(plan, subtitles), needs, ".mp4", effort=effort)


def storyboard_task(plan: Plan, *, checked: Sequence[str] = ()) -> Task:
    """The plan's boxes beside the frames that came out, with the marks of the scenes that are ``checked``."""
    # What it draws of a scene; the rest shows in the frames, or nowhere.
    drawn: dict[str, Any] = dict.fromkeys(("name", "background", "narration", "duration", "transition"), True)
    drawn["beats"] = {"__all__": {"entity", "motion", "start", "end", "keyframes"}}
    shown = plan.model_dump(mode="json", include={"title": True, "scenes": {"__all__": drawn}})
    reads = {"plan": shown, "pillow": version("pillow"), "code": code_digest(DrawStoryboard)}
    needs = (*(f"render {scene.name}" for scene in plan.scenes), *(f"check {name}" for name in checked))
    effort = Effort("", len(plan.scenes), most=len(plan.scenes) * MOST_A_CARD)
    return Task("storyboard", "", reads, DrawStoryboard(plan), needs, ".png", effort=effort)


def _made_by(maker: type) -> dict[str, str]:
    """What everything that ffmpeg makes reads of the software."""
    return {"ffmpeg": version("imageio-ffmpeg"), "code": code_digest(maker)}
