"""The training loop of every prior: AdamW, checkpoints, going on, progress.

A step depends on the seed, its number and the state alone: all that is random in it is drawn anew from the first two.
So a training that was cut short and goes on from its checkpoint ends in the same bytes as one that was not.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import torch
from torch import Tensor

from dreamrunner.backbones.loading import Loaded
from dreamrunner.backbones.training_recipe import TrainingRecipe
from dreamrunner.files.checkpoint import Checkpoint, Keeper, read_checkpoint
from dreamrunner.files.digest import digest_json, digest_text
from dreamrunner.files.paths import cache_folder
from dreamrunner.priors.encoding import Sample, alone_on_the_card
from dreamrunner.priors.network import Network, with_loras

if TYPE_CHECKING:
    from dreamrunner.priors.training_preview import Preview


@dataclass(frozen=True, slots=True)
class StepReport:
    """After step ``step`` (from 1) of ``steps``: its losses, by name."""

    step: int
    steps: int
    losses: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Draw:
    """What is random in one step: which sample, at which timestep (shape (1,)), with which noise (as its latents).

    ``generator`` gives what else the step needs; it and all tensors come from the CPU, the same for every device.
    """

    index: int
    sample: Sample
    timestep: Tensor
    noise: Tensor
    generator: torch.Generator

    def frame(self) -> int:
        """A random latent frame of the sample."""
        return int(torch.randint(len(self.noise), (), generator=self.generator))


class Objective(Protocol):
    """What a kind of prior is trained for.

    ``loras`` are the LoRAs that training needs and the blocks (indices from 0) of each; ``kept`` is the one that lasts.
    ``read_by`` are those that a step with a sample (by its index) works with.
    """

    @property
    def loras(self) -> Mapping[str, Sequence[int]]: ...

    @property
    def kept(self) -> str: ...

    def read_by(self, index: int) -> Sequence[str]: ...

    def step(self, network: Network, draw: Draw, backward: Callable[[Tensor], None]) -> dict[str, float]:
        """Compute the losses of one step, give each to ``backward``, and return them by name."""
        ...


@dataclass(frozen=True, slots=True)
class Trained:
    """The LoRA that lasts: ``<layer>.lora_A`` (rank, in) and ``<layer>.lora_B`` (out, rank), float32, on the CPU.

    ``losses`` has one number a step for every loss.
    """

    tensors: dict[str, Tensor]
    losses: dict[str, tuple[float, ...]]


def train(
    loaded: Loaded,
    samples: Sequence[Sample],
    objective: Objective,
    recipe: TrainingRecipe,
    *,
    seed: int,
    key: str,
    part: str = "transformer",
    checkpoint: Path | None = None,
    save_every: float | None = None,
    on_step: Callable[[StepReport], None] | None = None,
    preview: Preview | None = None,
) -> Trained:
    """Train an objective's LoRAs on samples, one a step, each as often as the others, in a part that denoises.

    ``key`` names all that the result depends on; a checkpoint with the same key is gone on from. It is kept at
    ``checkpoint``, by default in the cache folder, written every ``save_every`` seconds (by default
    :data:`~dreamrunner.files.checkpoint.SAVE_EVERY`), and is the caller's to remove once the result is safe.

    Raises:
        OSError: the checkpoint can't be written.
        TrainingError: the losses are no numbers any more, or the GPU's memory does not suffice.
    """
    checkpoint = checkpoint or checkpoint_file(key)
    looks = preview.encoded(loaded) if preview is not None else None
    alone_on_the_card(loaded, part)
    with fitting(loaded), with_loras(loaded, objective.loras, recipe, seed=seed, part=part) as network:
        run = _Run(network, recipe)
        done = run.restore(read_checkpoint(checkpoint, key))
        samples = [Sample(one.latents.to(network.device), one.text.to(network.device)) for one in samples]
        keeper = Keeper(checkpoint, save_every)
        with torch.random.fork_rng():
            for step in range(done, recipe.steps):
                draw = draw_step(loaded, samples, seed, step, part)
                losses = objective.step(network, draw, run.backward)
                if not all(map(_is_number, losses.values())):
                    raise TrainingError(f"training went astray at step {step + 1}; try a lower learning rate")
                run.update(losses)
                last = step + 1 == recipe.steps
                if keeper.due and not last:
                    later = {sample_of(seed, number, len(samples)) for number in range(step + 1, recipe.steps)}
                    read = {objective.kept, *(name for index in later for name in objective.read_by(index))}
                    keeper.write(run.checkpoint(key, step + 1, read))
                if on_step is not None:
                    on_step(StepReport(step + 1, recipe.steps, losses))
                if looks is not None and looks.is_due(step + 1):
                    looks.show(network, objective.kept, step + 1)
        tensors = {name: weight.detach().cpu().clone() for name, weight in network.parameters[objective.kept].items()}
        return Trained(tensors, {name: tuple(row[name] for row in run.losses) for name in run.losses[0]})


class TrainingError(Exception):
    """A training that cannot be done. Its text is one line: what is wrong and what to do."""


def training_key(kind: str, loaded: Loaded, recipe: TrainingRecipe, seed: int, content: Any) -> str:
    """Names all that a training's result depends on; ``content`` is JSON: digests and captions, in their order."""
    read = [kind, loaded.backbone.digest, loaded.backbone.width, loaded.backbone.height]
    read += [str(loaded.pipe.transformer.dtype), dataclasses.asdict(recipe), seed, content]
    return digest_json(read)


def checkpoint_file(key: str) -> Path:
    """Where the checkpoint of a training is kept by default."""
    return cache_folder() / "training" / f"{key}.safetensors"


def draw_step(loaded: Loaded, samples: Sequence[Sample], seed: int, step: int, part: str = "transformer") -> Draw:
    """What is random in a step (from 0) of a part's training, drawn from the seed and the step's number.

    Samples come in rounds, each round in an order of its own. The global generators are set too; dropout reads them.
    """
    generator = torch.Generator().manual_seed(_mixed(seed, "step", step))
    torch.manual_seed(_mixed(seed, "dropout", step))
    index = sample_of(seed, step, len(samples))
    sample = samples[index]
    timestep = loaded.family.draw_timestep(loaded.pipe, part, generator)
    noise = torch.randn(sample.latents.shape, generator=generator)
    device = sample.latents.device
    return Draw(index, sample, timestep.to(device), noise.to(device), generator)


def sample_of(seed: int, step: int, count: int) -> int:
    """The index of the sample, of so many, that a step (from 0) takes."""
    turn, place = divmod(step, count)
    return _round(_mixed(seed, "round", turn), count)[place]


@lru_cache(maxsize=1000)
def _round(seed: int, count: int) -> tuple[int, ...]:
    """An order of so many samples."""
    return tuple(torch.randperm(count, generator=torch.Generator().manual_seed(seed)).tolist())


def _mixed(seed: int, what: str, number: int) -> int:
    return int(digest_text(f"{seed} {what} {number}")[:14], 16)


def _is_number(value: float) -> bool:
    return value - value == 0


class _Run:
    """Optimizer and losses of a training under way."""

    def __init__(self, network: Network, recipe: TrainingRecipe) -> None:
        self.recipe = recipe
        self.named = {
            f"{lora}/{name}": weight for lora, those in network.parameters.items() for name, weight in those.items()
        }
        self.optimizer = torch.optim.AdamW(
            self.named.values(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay, fused=True
        )
        # half precision loses small gradients unless they are scaled up
        half = network.transformer.dtype == torch.float16
        self.scaler = torch.amp.GradScaler(network.device.type, enabled=half)
        self.losses: list[dict[str, float]] = []

    def backward(self, loss: Tensor) -> None:
        self.scaler.scale(loss).backward()

    def update(self, losses: dict[str, float]) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = self.recipe.rate_at(len(self.losses))
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.optimizer.zero_grad(set_to_none=True)
        self.losses.append(losses)

    def checkpoint(self, key: str, step: int, loras: Container[str]) -> Checkpoint:
        """What the rest needs: of ``loras``, which later steps read, those that a step has changed. The others are what
        they were at first, which the seed says."""
        tensors = {}
        for name, weight in self.named.items():
            moments = self.optimizer.state.get(weight)
            if not moments or name.partition("/")[0] not in loras:
                continue
            tensors[name] = weight.detach()
            tensors |= {f"{name}/{moment}": value for moment, value in moments.items()}
        return Checkpoint(key, step, tensors, {"losses": self.losses, "scaler": self.scaler.state_dict()})

    def restore(self, checkpoint: Checkpoint | None) -> int:
        """Take up a checkpoint; returns how many steps are done."""
        if checkpoint is None:
            return 0
        with torch.no_grad():
            for name, weight in self.named.items():
                if name not in checkpoint.tensors:
                    continue
                weight.copy_(checkpoint.tensors[name])
                self.optimizer.state[weight] = {
                    moment: checkpoint.tensors[f"{name}/{moment}"].to(weight.device)
                    for moment in ("step", "exp_avg", "exp_avg_sq")
                }
        self.losses = list(checkpoint.notes["losses"])
        self.scaler.load_state_dict(checkpoint.notes["scaler"])
        return checkpoint.step


@contextlib.contextmanager
def fitting(loaded: Loaded) -> Iterator[None]:
    """Turn a GPU's lack of memory into the error of a training."""
    try:
        yield
    except torch.OutOfMemoryError:
        size = f"{loaded.backbone.width}x{loaded.backbone.height}"
        raise TrainingError(
            f"training {loaded.backbone.name} at {size} needs more memory than this GPU has; train at a smaller size"
        ) from None
