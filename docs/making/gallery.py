"""Film the clips of the gallery and of the README: ``python docs/making/gallery.py [NAME ...]``.

Each is one scene of a story, filmed by the second edition of the miniature from words alone, and written as
an animated WebP beside the pages. Films are kept under ``build/gallery``, so a second run makes only what changed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

import dreamrunner
from dreamrunner.files.paths import SECOND

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "pictures" / "gallery"
WIDTH, RATE = 384, 8
"""Pixels across a clip, and its frames a second."""
QUALITY = 60
"""WebP's own measure, of 100."""


@dataclass(frozen=True)
class Clip:
    """A scene that is shown: ``story`` is its file from the repository's root, ``scene`` its name."""

    story: str
    scene: str


CLIPS = {
    "demo": Clip("stories/lantern.story", "shore"),
    "crossing": Clip("stories/crossing.story", "road"),
    "carrying": Clip("stories/carrying.story", "shore"),
    "chase": Clip("stories/chase.story", "meadow"),
    "growing": Clip("stories/growing.story", "wood"),
    "guests": Clip("stories/guests.story", "supper"),
    "pumpkin": Clip("stories/pumpkin.story", "thaw"),
    "snow": Clip("stories/snow.story", "between"),
    "soup": Clip("stories/soup.story", "sharing"),
    "supper": Clip("stories/supper.story", "kitchen"),
    "king": Clip("stories/king.story", "garden"),
    "sea": Clip("stories/sea.story", "guest"),
    "ghost": Clip("stories/ghost.story", "attic"),
}
"""What is shown, by the names of the pictures."""


def film(name: str, clip: Clip) -> Path:
    """The scene's film, made or kept from before."""
    story = dreamrunner.load(ROOT / clip.story)
    built = story.build(
        ROOT / "build" / "gallery" / name, scene=clip.scene, model=SECOND, no_learn=True, checker="none"
    )
    return built.scenes[clip.scene]


def write(film: Path, picture: Path) -> None:
    """A film as an animated WebP that begins again and again."""
    picture.parent.mkdir(parents=True, exist_ok=True)
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-i", str(film)]
    command += ["-vf", f"fps={RATE},scale={WIDTH}:-2:flags=lanczos", "-an", "-c:v", "libwebp_anim", "-loop", "0"]
    subprocess.run([*command, "-q:v", str(QUALITY), str(picture)], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[*CLIPS, []], metavar="NAME", help=", ".join(CLIPS))
    for name in parser.parse_args().names or CLIPS:
        picture = PICTURES / f"{name}.webp"
        write(film(name, CLIPS[name]), picture)
        print(f"{picture.relative_to(ROOT)}: {picture.stat().st_size / 1e3:.0f} kB", file=sys.stderr)


if __name__ == "__main__":
    main()
