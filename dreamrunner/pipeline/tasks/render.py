"""The tasks that film scenes, and what they read: each scene's plan and its priors, to its frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dreamrunner.backbones import Backbone
from dreamrunner.backbones.device import Card, Device
from dreamrunner.engine.graph import Task
from dreamrunner.engine.measurements import Effort
from dreamrunner.engine.software import code_digest, library_versions, version
from dreamrunner.files.digest import digest_json
from dreamrunner.pipeline.tasks.makers.render import RenderJob, RenderScene, ToTrain
from dreamrunner.priors import Adapter
from dreamrunner.rendering.forms import Form, form_of
from dreamrunner.rendering.speedups import inexact, packages


@dataclass(frozen=True)
class RenderTask(Task):
    """A scene's task. Its key has the content of each of the scene's ``priors``, whatever way that came: from a task of
    this build, from an earlier one, or from the author."""

    priors: tuple[Adapter | ToTrain, ...] = ()

    def key(self, digests: Mapping[str, str]) -> str:
        used = [digests[prior.task] if isinstance(prior, ToTrain) else prior.digest for prior in self.priors]
        reads = {name: value for name, value in self.reads.items() if name != "adapters"}
        return digest_json({"task": self.kind, "reads": reads, "needs": used})


def precision(backbone: Backbone, device: Device) -> str:
    """The numbers that a device computes a backbone with. A store may be shared by machines: what a GPU makes in half
    precision is another result than a CPU's in float32."""
    return backbone.dtype if device == "cuda" else "float32"


def computed_on(device: Device, card: Card | None) -> dict[str, str]:
    """What a key says of where something is computed: kinds of GPU differ in the last bits, which add up."""
    return {"device": device} | ({"card": card.name} if card is not None and device == "cuda" else {})


def form_on(job: RenderJob, device: Device) -> Form | None:
    """The form of its region attention, where a device has several."""
    return form_of(job.program, device) if job.attention == "sr3ai" else None


def render_tasks(jobs: Sequence[RenderJob], backbone: Backbone, device: Device, card: Card | None = None) -> list[Task]:
    """One task a scene: region program to frames, kept without loss. ``device`` is what they are computed on, ``card``
    the GPU where one is known."""
    # Its name, its folder and its default sampling change no frame.
    model = backbone.model_dump(mode="json", exclude={"name", "source", "steps", "guidance", "low_guidance"})
    code = code_digest(RenderScene, *backbone.family_modules)
    texts = tuple(dict.fromkeys(text for job in jobs for text in job.prompts))

    def task(job: RenderJob) -> Task:
        reads = {
            "model": model,
            **computed_on(device, card),
            "precision": precision(backbone, device),
            "program": job.program_json(),
            # The key has their content; this record, which is shown to people, has where they came from.
            "adapters": [prior.task if isinstance(prior, ToTrain) else prior.digest for prior in job.priors],
            "scales": [prior.scale for prior in job.priors],
            **({"experts": experts} if any(experts := [_expert(prior) for prior in job.priors]) else {}),
            "seed": job.scene.seed,
            "steps": job.steps,
            "guidance": job.guidance,
            **({"low guidance": low} if (low := backbone.low_guidance_at(job.guidance)) is not None else {}),
            "attention": job.attention,
            # How it is computed, where there is more than one way: they differ in the last bits.
            **({"form": form} if (form := form_on(job, device)) is not None else {}),
            # What gives the same bits has no place in a key.
            **({"speedups": list(changing)} if (changing := inexact(job.speedups)) else {}),
            "libraries": library_versions() | {name: version(name) for name in packages(job.speedups)},
            "code": code,
        }
        return RenderTask(
            kind="render",
            of=job.scene.name,
            reads=reads,
            make=RenderScene(job, backbone, device, digest_json(reads), texts),
            needs=tuple(dict.fromkeys(prior.task for prior in job.priors if isinstance(prior, ToTrain))),
            suffix=".npz",
            files={prior.name: prior.file for prior in job.priors if isinstance(prior, Adapter)},
            accelerated=True,
            priors=job.priors,
            effort=_rendering(job, backbone, device),
        )

    return [task(job) for job in jobs]


def _expert(prior: Adapter | ToTrain) -> str:
    return prior.expert if isinstance(prior, Adapter) else ""


def _rendering(job: RenderJob, backbone: Backbone, device: Device) -> Effort:
    like = [backbone.digest[:12], f"{backbone.width}x{backbone.height}", device, job.attention, *sorted(job.speedups)]
    grid = job.program.grid
    pixels = grid.frames * backbone.width * backbone.height
    return Effort(" ".join(like), job.steps * grid.steps, most=3 * pixels)
