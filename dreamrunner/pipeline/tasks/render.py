"""The tasks that film scenes, and what they read: each scene's take, from its plan and its priors to its frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dreamrunner.backbones import Backbone
from dreamrunner.backbones.device import Device
from dreamrunner.backbones.folder import read_header
from dreamrunner.backbones.resident import loaded
from dreamrunner.engine.graph import Advance, Task
from dreamrunner.engine.measurements import Effort
from dreamrunner.engine.software import code_digest, library_versions
from dreamrunner.files.digest import digest_file, digest_json
from dreamrunner.planning import PlannedScene
from dreamrunner.priors import Adapter, Prior
from dreamrunner.regions import RegionProgram
from dreamrunner.rendering.kinds import AttentionKind
from dreamrunner.rendering.speedups import inexact

if TYPE_CHECKING:
    pass

FILMING = frozenset({"render", "encode", "cut", "join", "storyboard"})
"""The kinds of task that make a film of what is there, as against those that learn something first."""


class ToTrain(Prior):
    """A prior that this build trains: ``task`` is the name of the task that makes its file."""

    task: str

    def adapter(self, file: Path, digest: str) -> Adapter:
        """The adapter that came out."""
        return Adapter(**self.model_dump(exclude={"task"}), file=file, digest=digest)


@dataclass(frozen=True)
class Take:
    """One scene, ready to be filmed: its plan, its region program, the priors that it calls for, and the sampling.

    ``steps`` and ``guidance`` are the sampler's; ``attention`` chooses region attention (paper 3.3) or an ablation;
    ``speedups`` are names of what makes rendering cheaper.
    """

    scene: PlannedScene
    program: RegionProgram
    priors: tuple[Adapter | ToTrain, ...]
    steps: int
    guidance: float
    attention: AttentionKind
    speedups: tuple[str, ...] = ()

    def program_json(self) -> dict[str, Any]:
        """The region program as it enters a key: what this kind of attention reads of it, and no names."""
        if self.attention == "plain":
            return self.program.model_dump(mode="json", exclude={"scene", "conditions", "lora_maps"})
        program = self.program.model_dump(mode="json", exclude={"scene", "plain_prompt"})
        order = [prior.name for prior in self.priors]
        for lora in program["lora_maps"]:
            lora["adapter"] = order.index(lora["adapter"])
        return program


@dataclass(frozen=True)
class RenderScene:
    """Makes a scene's frames. The model stays loaded in the process that calls it, for the next scene.

    ``reads`` is the digest of all that they depend on, apart from what is in the files that are needed.
    """

    take: Take
    backbone: Backbone
    device: Device
    reads: str

    def __call__(self, needed: Mapping[str, Path], path: Path, advance: Advance) -> None:
        from dreamrunner.rendering import render

        take, adapters = self.take, self._adapters(needed)
        names = {adapter.name for adapter in adapters}
        maps = tuple(one for one in take.program.lora_maps if one.adapter in names)
        frames = render(
            take.program.model_copy(update={"lora_maps": maps}),
            loaded(self.backbone, self.device),
            adapters,
            seed=take.scene.seed,
            steps=take.steps,
            guidance=take.guidance,
            attention=take.attention,
            speedups=take.speedups,
            key=self._key(needed),
            on_step=lambda step, steps: advance(step / steps, step=step, steps=steps),
        )
        frames.save(path)

    def forget(self, needed: Mapping[str, Path]) -> None:
        from dreamrunner.rendering.sampling import sampling_file

        sampling_file(self._key(needed)).unlink(missing_ok=True)

    def _key(self, needed: Mapping[str, Path]) -> str:
        return checkpoint_key(self.reads, needed)

    def _adapters(self, needed: Mapping[str, Path]) -> list[Adapter]:
        """The adapters where they lie here; one that came out empty, since there was nothing to learn from, is none."""
        adapters = []
        for prior in self.take.priors:
            file = needed[prior.task if isinstance(prior, ToTrain) else prior.name]
            if isinstance(prior, Adapter):
                adapters.append(prior.model_copy(update={"file": file}))
            elif holds_lora(file):
                adapters.append(prior.adapter(file, file.stem))
        return adapters


def checkpoint_key(reads: str, needed: Mapping[str, Path]) -> str:
    """Names all that a task's result depends on, for the checkpoint of its making: ``reads`` is the digest of the
    values that it reads, ``needed`` are its files."""
    return digest_json([reads, {name: digest_file(file) for name, file in needed.items()}])


def holds_lora(file: Path) -> bool:
    """Whether there is anything in a file that a training made; it is empty where nothing was found to learn from.

    Raises:
        BackboneError: the file is damaged.
    """
    return bool(read_header(file).keys() - {"__metadata__"})


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


def render_tasks(takes: Sequence[Take], backbone: Backbone, device: Device) -> list[Task]:
    """One task a scene: region program to frames, kept without loss. ``device`` is what they are computed on."""
    # Its name, its folder and what it would be sampled with unless told change no frame.
    model = backbone.model_dump(mode="json", exclude={"name", "source", "steps", "guidance"})
    code = code_digest("backbones", "priors", "regions", "rendering")

    def task(take: Take) -> Task:
        reads = {
            "model": model,
            "device": device,
            "precision": precision(backbone, device),
            "program": take.program_json(),
            # Which they are stands in the key by content; here, to be told, by where it came from.
            "adapters": [prior.task if isinstance(prior, ToTrain) else prior.digest for prior in take.priors],
            "scales": [prior.scale for prior in take.priors],
            "seed": take.scene.seed,
            "steps": take.steps,
            "guidance": take.guidance,
            "attention": take.attention,
            # What gives the same bits has no place in a key.
            **({"speedups": list(changing)} if (changing := inexact(take.speedups)) else {}),
            "libraries": library_versions(),
            "code": code,
        }
        return RenderTask(
            kind="render",
            of=take.scene.name,
            reads=reads,
            make=RenderScene(take, backbone, device, digest_json(reads)),
            needs=tuple(prior.task for prior in take.priors if isinstance(prior, ToTrain)),
            suffix=".npz",
            files={prior.name: prior.file for prior in take.priors if isinstance(prior, Adapter)},
            accelerated=True,
            priors=take.priors,
            effort=_rendering(take, backbone, device),
        )

    return [task(take) for take in takes]


def _rendering(take: Take, backbone: Backbone, device: Device) -> Effort:
    like = [backbone.digest[:12], f"{backbone.width}x{backbone.height}", device, take.attention, *sorted(take.speedups)]
    grid = take.program.grid
    pixels = grid.frames * backbone.width * backbone.height
    return Effort(" ".join(like), take.steps * grid.steps, most=3 * pixels)
