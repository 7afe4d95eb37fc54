"""Filming a scene: its region program and its priors to its frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dreamrunner.backbones.device import Device, card
from dreamrunner.backbones.errors import BackboneError
from dreamrunner.backbones.family import EXPERTS, Expert
from dreamrunner.backbones.header import numbers_in, read_header
from dreamrunner.backbones.memory_plan import FILMING, Work, plan_for, require
from dreamrunner.backbones.resident import loaded
from dreamrunner.backbones.tensor_names import configuration
from dreamrunner.pipeline.tasks.makers.checkpoint_key import checkpoint_key
from dreamrunner.pipeline.tasks.makers.progress import BEGUN
from dreamrunner.priors import Adapter, Prior
from dreamrunner.priors.values import OWN

if TYPE_CHECKING:
    from dreamrunner.backbones import Backbone
    from dreamrunner.engine.graph import Advance
    from dreamrunner.planning import PlannedScene
    from dreamrunner.regions import RegionProgram
    from dreamrunner.rendering.kinds import AttentionKind


class ToTrain(Prior):
    """A prior that this build trains: ``task`` is the name of the task that makes its file."""

    task: str

    def adapter(self, file: Path, digest: str) -> Adapter:
        """The adapter that came out."""
        return Adapter(**self.model_dump(exclude={"task"}), file=file, digest=digest)


@dataclass(frozen=True)
class RenderJob:
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

    @property
    def texts(self) -> int:
        """How many texts the scene is filmed of at once."""
        return 1 if self.attention == "plain" else len(self.program.conditions)

    @property
    def prompts(self) -> tuple[str, ...]:
        """All that the text encoder has to read for it."""
        plain = self.attention == "plain"
        read = [self.program.plain_prompt] if plain else [each.prompt for each in self.program.conditions]
        return (*read, self.program.negative_prompt)

    def work(self, backbone: Backbone, adapters: Sequence[Adapter] | None = None) -> Work:
        """What filming it takes of a GPU's memory; ``adapters`` are its priors where they lie in files here."""
        return Work(
            stages=FILMING,
            size=(backbone.width, backbone.height),
            clip=backbone.frames,
            frames=self.program.grid.frames,
            conditions=self.texts,
            asked=self.speedups,
            loras=_numbers(self.priors if adapters is None else adapters),
        )

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

    ``reads`` is the digest of all that they depend on, apart from what is in the files that are needed. ``texts`` are
    those of all scenes of the build: where the text encoder has to be loaded, it encodes what else will be needed.
    """

    job: RenderJob
    backbone: Backbone
    device: Device
    reads: str
    texts: tuple[str, ...] = ()

    def __call__(self, needed: Mapping[str, Path], path: Path, advance: Advance) -> None:
        from dreamrunner.rendering import render

        job, adapters = self.job, self._adapters(needed)
        names = {adapter.name for adapter in adapters}
        maps = tuple(one for one in job.program.lora_maps if one.adapter in names)
        memory = plan_for(self.backbone, card(), job.work(self.backbone, adapters)) if self.device == "cuda" else None
        require(memory)
        model = loaded(self.backbone, self.device)
        advance(0.0)
        done = BEGUN

        def on_step(step: int, steps: int) -> None:
            nonlocal done
            done = step / steps
            advance(done, step=step, steps=steps)

        frames = render(
            job.program.model_copy(update={"lora_maps": maps}),
            model,
            adapters,
            seed=job.scene.seed,
            steps=job.steps,
            guidance=job.guidance,
            attention=job.attention,
            speedups=job.speedups,
            memory=memory,
            texts=self.texts,
            key=self._key(needed),
            on_step=on_step,
            tell=lambda said: advance(done, note=said),
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
        for prior in self.job.priors:
            file = needed[prior.task if isinstance(prior, ToTrain) else prior.name]
            if isinstance(prior, Adapter):
                adapters.append(prior.model_copy(update={"file": file}))
            elif holds_lora(file):
                adapters.append(prior.adapter(file, file.stem).model_copy(update={"expert": learnt_by(file)}))
        return adapters


def _numbers(priors: Sequence[Adapter | ToTrain]) -> tuple[int | None, ...]:
    """Of how many numbers each prior of one network is, that network of two which has more of them; None for what is
    not known yet."""

    def count(prior: Adapter | ToTrain) -> int | None:
        try:
            return None if isinstance(prior, ToTrain) else numbers_in(prior.file)
        except BackboneError:
            return None  # whoever reads it says what is wrong with it

    each = [
        tuple(count(prior) for prior in priors if isinstance(prior, ToTrain) or prior.expert in ("", expert))
        for expert in EXPERTS
    ]
    return max(each, key=lambda counts: (len(counts), sum(number or 0 for number in counts)))


def learnt_by(file: Path) -> Expert:
    """Which network learnt what a training left in a file, where its model has two.

    Raises:
        BackboneError: the file is damaged.
    """
    own = configuration(read_header(file).get("__metadata__") or {}).get(OWN)
    return own.get("expert", "") if isinstance(own, dict) else ""


def holds_lora(file: Path) -> bool:
    """Whether there is anything in a file that a training made; it is empty where nothing was found to learn from.

    Raises:
        BackboneError: the file is damaged.
    """
    return bool(read_header(file).keys() - {"__metadata__"})
