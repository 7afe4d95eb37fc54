"""People in videos: how a clip is cut by tracks, and the bundled detector on drawn clips whose figures are known."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dreamrunner.datasets.segments import Segment
from dreamrunner.datasets.video import VideoError
from dreamrunner.miniature.catalog import entries, frames_of
from dreamrunner.miniature.footage import visible
from dreamrunner.retrieval.people import Track, cut, window
from dreamrunner.retrieval.yolo import DetectorError, YoloTracker
from tests.material.videos import write

WEIGHTS = Path(__file__).parents[2] / "dreamrunner" / "miniature" / "weights" / "detector"
CLIP = Segment(file=Path("a.mp4"), digest="0" * 64, start=0.0, end=10.0, caption="a clip")


def track(start: float, end: float, x: float = 0.2, person: int = 0, step: float = 0.125) -> Track:
    moments = np.arange(start, end - 1e-9, step)
    return Track(person=person, boxes=tuple((float(at), (x, 0.2, x + 0.1, 0.6)) for at in moments))


def spans(*tracks: Track, least_seconds: float = 2.0, least_frames: int = 40, rate: float = 24.0) -> list[tuple]:
    found = cut(tracks, clip=CLIP, least_seconds=least_seconds, least_frames=least_frames, rate=rate)
    return [(round(segment.start, 3), round(segment.end, 3)) for segment in found]


def test_who_stays_gives_a_segment_and_who_is_gone_too_soon_gives_none() -> None:
    assert spans(track(1.0, 5.0)) == [(1.0, 5.0)]
    assert spans(track(1.0, 2.5)) == [] and spans() == []


def test_too_few_frames_are_too_few_whatever_the_seconds() -> None:
    assert spans(track(0.0, 3.0), rate=12.0) == [] and spans(track(0.0, 3.5), rate=12.0) == [(0.0, 3.5)]


def test_who_is_hidden_for_a_moment_stays_and_who_comes_back_later_begins_anew() -> None:
    hidden = Track(person=0, boxes=(*track(0.0, 2.0).boxes, *track(2.5, 5.0).boxes))
    assert spans(hidden) == [(0.0, 5.0)]
    back = Track(person=0, boxes=(*track(0.0, 3.0).boxes, *track(6.0, 9.0).boxes))
    assert spans(back) == [(0.0, 3.0), (6.0, 9.0)]


def test_several_people_give_a_segment_each_in_order_of_time() -> None:
    assert spans(track(3.0, 8.0, 0.7, 1), track(1.0, 5.0)) == [(1.0, 5.0), (3.0, 8.0)]


def test_who_stays_very_long_is_cut_into_several() -> None:
    long = CLIP.model_copy(update={"end": 30.0})
    found = cut([track(0.0, 20.0)], clip=long, least_seconds=2, least_frames=40, rate=24)
    assert [round(segment.end - segment.start, 2) for segment in found] == [6.67, 6.67, 6.67]


def test_a_window_holds_the_person_all_the_time_and_has_the_pictures_shape() -> None:
    boxes = [(0.1, 0.3, 0.2, 0.7), (0.5, 0.2, 0.6, 0.6)]
    x0, y0, x1, y1 = window(boxes)
    assert x0 <= 0.1 and y0 <= 0.2 and x1 >= 0.6 and y1 >= 0.7 and x1 - x0 == pytest.approx(y1 - y0)
    assert window([(0.0, 0.0, 1.0, 1.0)]) == (0.0, 0.0, 1.0, 1.0)
    corner = window([(0.95, 0.9, 1.0, 1.0)])
    assert 0 <= corner[0] < corner[2] <= 1 and 0 <= corner[1] < corner[3] <= 1


def test_the_bundled_detector_follows_the_figures_of_drawn_clips(tmp_path: Path) -> None:
    tracker = YoloTracker(WEIGHTS)
    seen, all_of_them = 0, 0
    chosen = [entry for entry in entries() if not entry.upright and entry.seconds > 2][:8]
    for entry in chosen:
        file = write(tmp_path / f"{entry.name}.mp4", frames_of(entry), rate=entry.rate)
        tracks = tracker.track(file)
        for figure in entry.clip.figures:
            for moment in np.arange(0, entry.seconds - 0.1, 0.125) if not figure.is_prop else ():
                box = visible(figure, moment * 8)
                if box is None:
                    continue
                all_of_them += 1
                now = [b for each in tracks for at, b in each.boxes if abs(at - moment) < 0.01]
                seen += any(_iou(box, other) > 0.5 for other in now)
    assert seen / all_of_them > 0.85


def test_nobody_in_the_picture_gives_no_track(tmp_path: Path) -> None:
    empty = write(tmp_path / "empty.mp4", np.full((24, 64, 96, 3), 128, np.uint8))
    assert YoloTracker(WEIGHTS).track(empty) == ()


def _iou(a: tuple, b: tuple) -> float:
    common = max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    return common / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - common)


def test_weights_that_cannot_be_used_are_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(DetectorError, match="no detector weights"):
        YoloTracker(tmp_path / "none")
    (tmp_path / "yolo.pt").write_bytes(b"x")
    with pytest.raises(DetectorError, match="pickle"):
        YoloTracker(tmp_path / "yolo.pt")
    (tmp_path / "yolo.txt").write_bytes(b"x")
    with pytest.raises(DetectorError, match="neither"):
        YoloTracker(tmp_path / "yolo.txt")
    with pytest.raises(VideoError):
        YoloTracker(WEIGHTS).track(tmp_path / "none.mp4")


def test_the_key_changes_with_the_weights(tmp_path: Path) -> None:
    first = YoloTracker(WEIGHTS).key
    for file in WEIGHTS.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    assert YoloTracker(tmp_path).key == first
    (tmp_path / "config.json").write_text((tmp_path / "config.json").read_text() + "\n")
    assert YoloTracker(tmp_path).key != first


def test_the_library_neither_calls_home_nor_installs() -> None:
    from dreamrunner.retrieval.yolo import ultralytics

    library = ultralytics()
    assert os.environ["YOLO_OFFLINE"] == "true" and os.environ["YOLO_AUTOINSTALL"] == "false"
    assert library.settings["sync"] is False
    from ultralytics.utils import AUTOINSTALL, ONLINE

    assert not AUTOINSTALL and not ONLINE


def pickled(file: Path) -> Path:
    """The bundled detector as ultralytics keeps one."""
    import torch

    model = YoloTracker(WEIGHTS)._network()
    torch.save({"model": model, "train_args": {}}, file)
    return file


def test_a_pickle_is_read_once_by_who_trusts_it_and_is_the_same_network(tmp_path: Path, monkeypatch) -> None:
    import torch

    monkeypatch.setenv("DREAMRUNNER_CACHE", str(tmp_path / "cache"))
    file = pickled(tmp_path / "yolo.pt")
    with pytest.raises(DetectorError, match="--trust-weights"):
        YoloTracker(file)
    bundled = YoloTracker(WEIGHTS, size=96)._network()
    trusted = YoloTracker(file, trust_weights=True, size=96)
    pictures = torch.rand(3, 3, 64, 96, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert torch.equal(trusted._network()(pictures)[0], bundled(pictures)[0])
    folder = trusted._folder
    assert sorted(each.name for each in folder.iterdir()) == ["config.json", "model.safetensors"]
    assert list(folder.parent.iterdir()) == [folder]
    again = YoloTracker(file, size=96)
    monkeypatch.setattr("ultralytics.nn.tasks.load_checkpoint", None)
    assert again._folder == folder and again.key == trusted.key and not again._is_onnx
    assert again._network().names == {0: "person"}


def test_a_pickle_that_is_no_detector_is_refused_in_words(tmp_path: Path, monkeypatch) -> None:
    import torch

    monkeypatch.setenv("DREAMRUNNER_CACHE", str(tmp_path / "cache"))
    torch.save({"model": torch.nn.Linear(1, 1)}, tmp_path / "a.pt")
    video = write(tmp_path / "a.mp4", np.full((8, 64, 96, 3), 128, np.uint8))
    with pytest.raises(DetectorError, match=r"cannot use .*a.pt as a detector"):
        YoloTracker(tmp_path / "a.pt", trust_weights=True).track(video)
    assert not list((tmp_path / "cache" / "detector").glob("*"))


def test_the_detector_leaves_the_threads_of_others_alone() -> None:
    asked = "import os, torch; from dreamrunner.retrieval.yolo import ultralytics; before = torch.get_num_threads()"
    told = "ultralytics(); print(before == torch.get_num_threads(), os.environ.get('OMP_NUM_THREADS'))"
    free = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    ran = subprocess.run([sys.executable, "-c", f"{asked}; {told}"], env=free, capture_output=True, text=True)
    assert ran.stdout.split() == ["True", "None"], ran.stderr
