"""A training step of one shape: forwards and backwards, replayed as one CUDA graph where that works.

So small a network leaves a GPU idle for most of a step, since starting its thousands of kernels takes the processor
longer than running them takes the GPU. A graph starts them all at once. What is random and what reads text stays
outside.
"""

from __future__ import annotations

import signal
from contextlib import contextmanager

import torch

from dreamrunner.backbones.families.block_parts import CHANNELS
from dreamrunner.miniature.second.backgrounds import HEIGHT, WIDTH
from dreamrunner.miniature.second.footage import REGIONS
from dreamrunner.miniature.second.training.networks import Learner
from dreamrunner.miniature.second.words import END, MAX_TOKENS, vocabulary

SPRITE_WEIGHT = 8.0
CHANGE_WEIGHT = 0.5
CAPTION_DROPOUT = 0.1


class Step:
    """Losses and gradients of ``model`` on batches of ``batch`` clips of ``frames`` frames.

    With ``regions``, captions are by region. After a call ``grads`` holds the gradients in the order of the model's
    parameters.
    """

    def __init__(self, model: Learner, batch: int, frames: int, *, regions: bool = False) -> None:
        self.model, self.regions = model, regions
        self.weights = list(model.parameters())
        self.dtype, device = self.weights[0].dtype, self.weights[0].device
        steps, rows, columns = (frames - 1) // 4 + 1, HEIGHT // 4, WIDTH // 4
        self.latents = torch.zeros(batch, steps, CHANNELS, rows, columns, device=device)
        self.noise = torch.zeros_like(self.latents)
        self.masks = torch.zeros(batch, steps, rows, columns, dtype=torch.uint8, device=device)
        self.times = torch.zeros(batch, dtype=torch.long, device=device)
        self.cover = None
        words = MAX_TOKENS
        if regions:
            self.cover = torch.zeros(
                batch, REGIONS + 1, steps, rows // 4, columns // 4, dtype=torch.bool, device=device
            )
            words *= REGIONS + 1
        width = model.text_encoder.config.d_model
        self.text = torch.zeros(batch, words, width, dtype=self.dtype, device=device, requires_grad=True)
        self.nothing = torch.zeros(MAX_TOKENS, dtype=torch.long, device=device)
        self.nothing[0] = vocabulary().index(END)
        self.graph: torch.cuda.CUDAGraph | None = None
        self.readers = {id(weight) for weight in model.text_encoder.parameters()}
        self.grads: list[torch.Tensor] = []

    def _loss(self) -> torch.Tensor:
        """Weighted loss on the clean sample, plus on how it changes from latent frame to latent frame."""
        noisy = self.model.noised(self.latents, self.noise, self.times).to(self.dtype)
        clean = self.model.denoise(self.text, noisy, self.times, self.cover)
        error = clean.float() - self.latents
        sprites = 1 + SPRITE_WEIGHT * self.masks[:, :, None].float()
        weight = sprites / self.model.divisor(self.times)
        scale = sprites.mean()
        loss = (weight * error.square()).mean() / scale
        if self.latents.shape[1] > 1:
            change = error[:, 1:] - error[:, :-1]
            loss = loss + CHANGE_WEIGHT * (weight[:, 1:] * change.square()).mean() / scale
        return loss

    def _forget(self) -> None:
        for weight in (*self.weights, self.text):
            weight.grad = None

    def anew(self) -> Step:
        """The same step, not recorded."""
        batch, steps = self.latents.shape[:2]
        return Step(self.model, batch, 4 * steps - 3, regions=self.regions)

    def warm(self) -> None:
        """Compute once, so that what is to be compiled is."""
        self._forget()
        self._loss().backward()
        torch.cuda.synchronize()
        self._forget()

    def capture(self) -> None:
        """Record the step as a graph, and see that it computes the same.

        Raises whatever goes wrong, RuntimeError where the graph computes something else; the step works without then.
        """
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(2):
                self._forget()
                self._loss().backward()
        torch.cuda.current_stream().wait_stream(side)
        self._forget()
        torch.cuda.synchronize()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, capture_error_mode="thread_local"):
            value = self._loss()
            value.backward()
        torch.cuda.synchronize()
        # nothing of autograd may live on, or another capture would meet this one's nodes
        self.value, self.kept = value.detach(), ([weight.grad for weight in self.weights], self.text.grad)
        del value
        self.graph = graph
        self._compare()

    def _compare(self) -> None:
        for tensor in (self.latents, self.noise, self.text):
            tensor.detach().normal_()
        self.times.random_(0, 1000)
        if self.cover is not None:
            self.cover.fill_(True)
        found = []
        for recorded in (False, True):
            if recorded:
                self.graph.replay()
                value, (grads, of_text) = self.value, self.kept
            else:
                self._forget()
                value = self._loss()
                value.backward()
                grads, of_text = [weight.grad for weight in self.weights], self.text.grad
            norms = [grad.float().norm() for grad in grads if grad is not None]
            found.append([float(value), float(torch.stack(norms).norm()), float(of_text.float().norm())])
        self._forget()
        if any(abs(a - b) > 0.03 * abs(a) + 1e-6 for a, b in zip(*found, strict=True)):
            self.graph = None
            raise RuntimeError(f"the graph computes {found[1]}, not {found[0]}")

    def __call__(
        self,
        latents: torch.Tensor,
        masks: torch.Tensor,
        tokens: torch.Tensor,
        cover: torch.Tensor | None,
        generator: torch.Generator,
    ) -> torch.Tensor:
        """The loss; ``tokens`` (batch, MAX_TOKENS) or, by region, (batch, REGIONS + 1, MAX_TOKENS)."""
        count, device = len(latents), latents.device
        self.latents.copy_(latents)
        self.masks.copy_(masks)
        if self.regions:
            self.cover.copy_(cover)
        spread = torch.rand(count, generator=generator, device=device)
        self.times.copy_(((torch.arange(count, device=device) + spread) / count * 1000).long().clamp_(0, 999))
        self.noise.normal_(generator=generator)
        drop = torch.rand(count, generator=generator, device=device) < CAPTION_DROPOUT
        tokens = torch.where(drop.view(-1, *[1] * (tokens.ndim - 1)), self.nothing, tokens)
        self._forget()
        text = self.model.read(tokens)
        with torch.no_grad():
            self.text.copy_(text)
        if self.graph is not None:
            self.graph.replay()
            value, (grads, of_text) = self.value.detach().clone(), self.kept
        else:
            loss = self._loss()
            loss.backward()
            value, grads, of_text = loss.detach(), [weight.grad for weight in self.weights], self.text.grad
        text.backward(of_text)
        self.grads = [
            weight.grad if id(weight) in self.readers else grad
            for weight, grad in zip(self.weights, grads, strict=True)
        ]
        return value


def whole_patches(model: Learner) -> None:
    """Let a network in half precision take its patches in full: convolutions of 4 x 4 in bfloat16 are wrong on some
    processors (seen with torch 2.15 and AMX).
    """
    taking = model.patching()

    def forward(latents: torch.Tensor) -> torch.Tensor:
        found = taking._conv_forward(latents.float(), taking.weight.float(), taking.bias.float())
        return found.to(latents.dtype)

    taking.forward = forward


@contextmanager
def at_most(seconds: float):
    """Raise TimeoutError where the body takes longer, on the main thread of a system that has alarms."""

    def late(*_: object) -> None:
        raise TimeoutError(f"took over {seconds:.0f} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
