"""Encoded footage on the device that trains: many clips as latents, each used a few times with fresh noise.

A thread takes what the workers have drawn, moves it to the device and encodes it on a stream of its own; the trainer
puts what is ready into the pool between two steps, and never waits once the pool has its first clips.
"""

from __future__ import annotations

import queue
import threading

import torch
import torch.nn.functional as F

from dreamrunner.backbones.families.block_parts import CHANNELS
from dreamrunner.miniature.second.autoencoder import encode
from dreamrunner.miniature.second.backgrounds import HEIGHT, WIDTH
from dreamrunner.miniature.second.footage import REGIONS, Batch, Footage
from dreamrunner.miniature.second.words import MAX_TOKENS

TOUCHED = 8
"""A pixel differs from the empty place by more than this, in 0..255, where a figure is."""


@torch.no_grad()
def encoded(batch: Batch, empty: torch.Tensor, device: torch.device) -> tuple[torch.Tensor, ...]:
    """Latents (n, latent frames, 16, 32, 48) in half precision, sprite masks uint8 (n, latent frames, 32, 48), and the
    batch's other tensors, on the device. ``empty`` holds the backdrops there.
    """
    video = batch.video.to(device, non_blocking=True)
    place = batch.place.to(device, non_blocking=True)
    others = [tensor.to(device, non_blocking=True) for tensor in (batch.tokens, batch.region_tokens, batch.cover)]
    touched = (video.short() - empty[place][:, None].short()).abs().amax(-1) > TOUCHED
    touched = torch.cat([touched[:, :1]] * 3 + [touched], 1) if video.shape[1] > 1 else touched
    deep = 4 if video.shape[1] > 1 else 1
    masks = F.max_pool3d(touched[:, None].half() if device.type == "cuda" else touched[:, None].float(), (deep, 4, 4))[
        :, 0
    ].byte()
    pixels = video.permute(0, 4, 1, 2, 3).float() / 127.5 - 1
    return encode(pixels).transpose(1, 2).half(), masks, *others


def pin(footage: Footage) -> None:
    """Let the device read the workers' memory directly, where the driver agrees; else it is copied once more."""
    runtime = torch.cuda.cudart()
    for slots in footage.slots:
        for slot in slots:
            runtime.cudaHostRegister(slot.video.data_ptr(), slot.video.nbytes, 0)


class Pool:
    """The latest ``size`` clips of one kind of footage. While ``lock`` is held the thread leaves the device alone."""

    def __init__(self, size: int, frames: int, device: torch.device, empty: torch.Tensor) -> None:
        steps = (frames - 1) // 4 + 1
        rows, columns = HEIGHT // 4, WIDTH // 4
        shapes = (
            ((size, steps, CHANNELS, rows, columns), torch.half),
            ((size, steps, rows, columns), torch.uint8),
            ((size, MAX_TOKENS), torch.long),
            ((size, REGIONS + 1, MAX_TOKENS), torch.long),
            ((size, REGIONS + 1, steps, rows // 4, columns // 4), torch.bool),
        )
        self.rows = [torch.zeros(shape, dtype=kind, device=device) for shape, kind in shapes]
        self.size, self.held, self.next = size, 0, 0
        self.device, self.empty = device, empty
        self.ready: queue.Queue = queue.Queue(maxsize=64)
        self.stop, self.lock = threading.Event(), threading.Lock()
        self.thread: threading.Thread | None = None

    def follow(self, footage: Footage) -> None:
        """Begin to take what the workers draw."""
        if self.device.type == "cuda":
            pin(footage)
        self.thread = threading.Thread(target=self._follow, args=(footage,), daemon=True)
        self.thread.start()

    def _follow(self, footage: Footage) -> None:
        stream = torch.cuda.Stream() if self.device.type == "cuda" else None
        while not self.stop.is_set():
            batch, ticket = footage.take()
            if stream is None:
                self._put((encoded(batch, self.empty, self.device), None))
            else:
                with self.lock, torch.cuda.stream(stream):
                    found = encoded(batch, self.empty, self.device)
                    done = torch.cuda.Event()
                    done.record()
                    done.synchronize()  # the slot is drawn over once it is given back
                self._put((found, done))
            footage.give_back(ticket)

    def _put(self, found: tuple) -> None:
        while not self.stop.is_set():
            try:
                self.ready.put(found, timeout=1.0)
                return
            except queue.Full:
                continue

    def close(self) -> None:
        self.stop.set()

    def add(self, found: tuple[torch.Tensor, ...]) -> None:
        """Put encoded clips into the pool, the oldest making way."""
        many = len(found[0])
        places = torch.arange(self.next, self.next + many, device=self.device) % self.size
        for row, value in zip(self.rows, found, strict=True):
            row.index_copy_(0, places, value)
        self.next = (self.next + many) % self.size
        self.held = min(self.size, self.held + many)

    def refresh(self, least: int = 0) -> None:
        """Put in what is ready, waiting until the pool holds ``least`` clips."""
        while self.held < least or not self.ready.empty():
            found, done = self.ready.get()
            if done is not None:
                done.wait()
                for tensor in found:
                    tensor.record_stream(torch.cuda.current_stream())
            self.add(found)

    def batch(self, picks: torch.Tensor) -> list[torch.Tensor]:
        """The clips at these places."""
        return [row.index_select(0, picks) for row in self.rows]
