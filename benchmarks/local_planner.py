"""Replies of a local planner with random weights, all held to the plan's form: how many are of it, and how fast.

    python benchmarks/local_planner.py [--replies 1000] [--letters 12] [--json]

The model is made here: a Llama of one layer and random numbers, which would never write JSON by itself. Its texts are
bounded to a few letters, so that a thousand replies take minutes.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from pydantic import ValidationError

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dreamrunner.language import check_text
from dreamrunner.planning.chat.answers import SceneAnswer, read_scene
from dreamrunner.planning.chat.mending import mended_scene
from dreamrunner.planning.local.folder import find_local
from dreamrunner.planning.local.form import LONGEST, scene_form
from dreamrunner.planning.local.writer import loaded
from tests.material.local_model import build_local_model

STORY = """\
character witch "a witch"
character cat "a cat"
scene a
  narration "The witch waves."
  duration 1s
"""
ASKED = [{"role": "system", "content": "Plan."}, {"role": "user", "content": "{}"}]


def main() -> int:
    """Print the figures; the exit code is 1 where a reply is not of the form."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replies", type=int, default=1000)
    parser.add_argument("--letters", type=int, default=12)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    story = check_text(STORY, Path("a.story")).story
    assert story is not None
    scene, longest = story.scenes[0], dict.fromkeys(LONGEST, options.letters)
    of_form = sound = tokens = 0
    different = set()
    with tempfile.TemporaryDirectory() as folder:
        model = find_local(f"local:{build_local_model(Path(folder) / 'model')}", Path())
        with loaded(model) as writer:
            began = time.monotonic()
            for seed in range(options.replies):
                reply = writer.write(ASKED, scene_form(story, scene, longest), seed)
                tokens += reply.tokens_out
                different.add(reply.text)
                try:
                    answer = SceneAnswer.model_validate_json(reply.text)
                except ValidationError:
                    continue
                of_form += reply.whole
                mended = SceneAnswer.model_validate(mended_scene(answer.model_dump(), story, scene, []))
                sound += not isinstance(read_scene(mended, story, scene), list)
            took = time.monotonic() - began
    figures = {
        "replies": options.replies,
        "of the form": of_form,
        "different": len(different),
        "sound in meaning": sound,
        "tokens": tokens,
        "seconds": round(took, 1),
    }
    print(json.dumps(figures) if options.json else "\n".join(f"{name:<18}{value}" for name, value in figures.items()))
    return 0 if of_form == options.replies else 1


if __name__ == "__main__":
    sys.exit(main())
