"""Small plans and frames, and an independent way to read videos (PyAV)."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from dreamrunner.film import cut_scene, join
from dreamrunner.film.subtitles import heard_over
from dreamrunner.language.parts import CUT, Box, KeyFrame, Transition
from dreamrunner.planning.plan import Plan, PlannedBeat, PlannedScene
from dreamrunner.rendering.frames import Frames

COLOURS = {"red": (200, 30, 30), "green": (30, 180, 30), "blue": (30, 30, 200)}


@dataclass(frozen=True)
class Video:
    """A decoded video: ``pixels`` (F, H, W, 3), ``times`` in seconds, and what its container says."""

    pixels: np.ndarray
    times: list[float]
    duration: float
    rate: float
    pixel_format: str
    codecs: list[str]
    metadata: dict[str, str]

    def corners(self) -> np.ndarray:
        """The top-left pixel of every frame, int (F, 3)."""
        return self.pixels[:, 0, 0].astype(int)


def watch(file: Path) -> Video:
    with av.open(str(file)) as container:
        stream = container.streams.video[0]
        frames = list(container.decode(stream))
        return Video(
            np.stack([frame.to_ndarray(format="rgb24") for frame in frames]),
            [float(frame.pts * stream.time_base) for frame in frames],
            container.duration / av.time_base,
            float(stream.average_rate),
            stream.pix_fmt,
            [each.codec_context.name for each in container.streams if each.type != "data"],  # chapters are some
            dict(container.metadata) | dict(stream.metadata),
        )


def join_scenes(
    story: Plan,
    files: Mapping[str, Path],
    out: Path,
    *,
    burn_subtitles: bool = False,
    speech: Mapping[str, Path] = {},
    music: Path | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> Path:
    """The whole film of scenes' ``files``, as large as the first one: each cut to its part, and the parts joined."""
    with av.open(str(files[story.scenes[0].name])) as container:
        size = container.streams.video[0].width, container.streams.video[0].height
    with tempfile.TemporaryDirectory() as folder:
        parts = {}
        for number, scene in enumerate(story.scenes):
            heard = heard_over(story, scene.name)
            parts[scene.name] = cut_scene(
                story,
                scene.name,
                files,
                Path(folder) / f"{number}.mp4",
                size=size,
                burn_subtitles=burn_subtitles,
                speech={of: file for of, file in speech.items() if of.split("/")[0] == heard},
            )
        sound = {"speech": speech, "music": music}
        return join(story, parts, out, subtitles=not burn_subtitles, on_progress=on_progress, **sound)


def plain(colour: str, count: int = 5, duration: float = 1.0, size: tuple[int, int] = (64, 96)) -> Frames:
    """Frames of one colour; in each a white bar stands further right, so that frames differ."""
    pixels = np.empty((count, *size, 3), np.uint8)
    pixels[:] = COLOURS[colour]
    for number in range(count):
        pixels[number, size[0] // 2 :, : (number + 1) * size[1] // (count + 1)] = 255
    return Frames(pixels, duration)


def scene(name: str, duration: float = 1.0, transition: Transition = CUT, **more: object) -> PlannedScene:
    facts = {"background": "a room", "narration": f"In {name}.", "seed": 1, "beats": ()} | more
    return PlannedScene(name=name, duration=duration, transition=transition, **facts)


def plan(*scenes: PlannedScene, title: str = "A Day") -> Plan:
    return Plan(title=title, style="", planner="offline", scenes=scenes)


def beat(entity: str, box: Box, start: float = 0, end: float = 6, motion: str | None = "walking") -> PlannedBeat:
    keyframes = (KeyFrame(start, box),)
    return PlannedBeat(entity=entity, motion=motion, start=start, end=end, description=entity, keyframes=keyframes)
