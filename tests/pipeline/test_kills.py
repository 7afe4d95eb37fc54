"""A build that is killed with its whole process group: nothing that was finished is done again, and no byte differs."""

from pathlib import Path

from benchmarks.kills import Folder, Moment, kill
from tests.material import warm

STORY = """\
story "Kills"
  language 1
  seed 3

character dragon
  looks "a dragon"
  images "refs/*.png"

scene garden
  background "a garden"
  narration "The dragon waits."
  duration 2s
  dragon "a dragon"
    at 0s [0.3 0.3 0.7 0.95]
"""


def test_builds_that_are_killed_end_in_the_same_bytes_and_go_on_where_they_were(tmp_path: Path) -> None:
    folder = Folder(tmp_path, STORY, {"steps": 8, "train_steps": 8}, {}, save_every=0.0, popen=warm.Popen)
    folder.environment = warm.environment(DREAMRUNNER_CACHE=str(tmp_path / "cache"))
    folder.build()
    learning, filming = "train-subject dragon", "render garden"
    rows = kill(folder, [Moment(learning, step=3), Moment(filming, step=3)], folder.outputs())
    assert [(row.in_hand, row.repeated, row.same) for row in rows] == [(learning, (), True), (filming, (), True)]
    # Checkpoints are kept after every step here: what was told of is never done again.
    assert [(row.step >= 3, row.again) for row in rows] == [(True, 0), (True, 0)]
