"""The tasks that a film takes: rendering and encoding each scene, joining them, drawing the storyboard."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from dreamrunner.backbones import Backbone, BackboneError
from dreamrunner.backbones.device import compute_device
from dreamrunner.build.graph import Advance, Make, Task, digest_json
from dreamrunner.build.manifest import library_versions
from dreamrunner.planning import Plan, PlannedScene
from dreamrunner.priors import Adapter
from dreamrunner.regions import RegionProgram
from dreamrunner.rendering.speedups import inexact

if TYPE_CHECKING:
    from dreamrunner.backbones import Loaded

Attention = Literal["sr3ai", "hard", "plain"]


@dataclass(frozen=True)
class Take:
    """One scene, ready to be filmed: its plan, its region program, the adapters that it calls for, and the sampling.

    ``steps`` and ``guidance`` are the sampler's; ``attention`` chooses region attention (paper 3.3) or an ablation;
    ``speedups`` are names of what makes rendering cheaper.
    """

    scene: PlannedScene
    program: RegionProgram
    adapters: tuple[Adapter, ...]
    steps: int
    guidance: float
    attention: Attention
    speedups: tuple[str, ...] = ()

    def program_json(self) -> dict[str, Any]:
        """The region program as it enters a key: without the scene's name, which changes no frame."""
        return self.program.model_dump(mode="json", exclude={"scene"})


def render_tasks(takes: Sequence[Take], backbone: Backbone) -> list[Task]:
    """One task a scene: region program to frames, kept without loss. The model is loaded once, when first needed."""
    # Its name, its folder and what it would be sampled with unless told change no frame.
    model = backbone.model_dump(mode="json", exclude={"name", "source", "steps", "guidance"})
    code = code_digest("backbones", "priors", "regions", "rendering")
    # A store may be shared by machines: what a GPU makes in half precision is another film than a CPU's in float32.
    device = compute_device()
    precision = backbone.dtype if device == "cuda" else "float32"

    @cache
    def loaded() -> Loaded:
        from dreamrunner.backbones import load

        made = load(backbone)
        if made.pipe.device.type != device:
            raise BackboneError(
                "PyTorch can't use this machine's GPU; update its driver, or film on the processor"
                " (set CUDA_VISIBLE_DEVICES to nothing)"
            )
        return made

    def render_take(take: Take) -> Make:
        def make(_: Mapping[str, Path], path: Path, advance: Advance) -> None:
            from dreamrunner.rendering import render

            frames = render(
                take.program,
                loaded(),
                take.adapters,
                seed=take.scene.seed,
                steps=take.steps,
                guidance=take.guidance,
                attention=take.attention,
                speedups=take.speedups,
                on_step=lambda step, steps: advance(step / steps),
            )
            frames.save(path)

        return make

    return [
        Task(
            kind="render",
            of=take.scene.name,
            reads={
                "model": model,
                "device": device,
                "precision": precision,
                "program": take.program_json(),
                "adapters": [[adapter.name, adapter.digest, adapter.scale] for adapter in take.adapters],
                "seed": take.scene.seed,
                "steps": take.steps,
                "guidance": take.guidance,
                "attention": take.attention,
                # What gives the same bits has no place in a key.
                **({"speedups": list(changing)} if (changing := inexact(take.speedups)) else {}),
                "libraries": library_versions(),
                "code": code,
            },
            make=render_take(take),
            suffix=".npz",
        )
        for take in takes
    ]


def encode_tasks(takes: Sequence[Take], *, smooth: bool) -> list[Task]:
    """One task a scene: its frames to a film of its own, with ffmpeg's motion interpolation when ``smooth``."""
    reads = {"smooth": smooth} | _film_makers()

    def make(needed: Mapping[str, Path], path: Path, advance: Advance) -> None:
        from dreamrunner.film import encode_scene
        from dreamrunner.rendering import Frames

        (frames,) = needed.values()
        encode_scene(Frames.load(frames), path, smooth=smooth, on_progress=advance)

    return [
        Task("encode", take.scene.name, reads, make, needs=(f"render {take.scene.name}",), suffix=".mp4")
        for take in takes
    ]


def join_task(plan: Plan) -> Task:
    """The scenes' films, in order and with their transitions and narration (a subtitle track), to the whole film."""

    def make(needed: Mapping[str, Path], path: Path, advance: Advance) -> None:
        from dreamrunner.film import join

        files = {name.removeprefix("encode "): file for name, file in needed.items()}
        join(plan, files, path, on_progress=advance)

    scenes = [scene.model_dump(mode="json", include={"duration", "transition", "narration"}) for scene in plan.scenes]
    needs = tuple(f"encode {scene.name}" for scene in plan.scenes)
    return Task("join", "", {"scenes": scenes} | _film_makers(), make, needs, ".mp4")


def storyboard_task(plan: Plan) -> Task:
    """The plan's boxes beside the frames that came out."""

    def make(needed: Mapping[str, Path], path: Path, _: Advance) -> None:
        from dreamrunner.film import draw_storyboard
        from dreamrunner.rendering import Frames

        frames = {name.removeprefix("render "): Frames.load(file) for name, file in needed.items()}
        draw_storyboard(plan, frames, path)

    reads = {"plan": plan.model_dump(mode="json"), "pillow": version("pillow"), "code": code_digest("film")}
    return Task("storyboard", "", reads, make, tuple(f"render {scene.name}" for scene in plan.scenes), ".png")


@cache
def code_digest(*stages: str) -> str:
    """The sha256 of the source of some stages, so that a result made by other code is never taken for this code's."""
    package = Path(__file__).parent.parent
    sources = sorted(path for stage in stages for path in (package / stage).rglob("*.py"))
    named = {path.relative_to(package).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in sources}
    return digest_json(named)


def _film_makers() -> dict[str, str]:
    return {"ffmpeg": version("imageio-ffmpeg"), "code": code_digest("film")}
