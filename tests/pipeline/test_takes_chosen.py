"""Several takes of a scene: how many are filmed, which one the film has, what is kept of the others."""

import sys
from pathlib import Path

import pytest

from dreamrunner.checking.script import Script
from dreamrunner.checking.seen import Seen, Sighting, WatcherError
from dreamrunner.engine.graph import StepFailed
from dreamrunner.files.digest import digest_file
from dreamrunner.language.parts import Box
from dreamrunner.pipeline import Options, UsageError
from dreamrunner.pipeline.kept_takes import NoTake, choose, kept_takes, take_named
from dreamrunner.pipeline.last_film import filmed_scenes
from dreamrunner.pipeline.manifest import TakeRecord
from dreamrunner.pipeline.story import understand
from dreamrunner.pipeline.takes import best, chosen, good_enough
from tests.material.place import Place


class Brightness:
    """A watcher to whom a scene is the more right the more of its seconds have a bright upper left pixel."""

    name, key = "brightness", "brightness-1"
    __module__ = "dreamrunner.checking.drawn"  # whose code is read for keys

    def watch(self, pixels, script: Script) -> Seen:
        count = len(script.subjects)
        seconds = [
            tuple(Sighting(each, tuple(float(n == who) for n in range(count)), (None,) * count)
                  for who, place in enumerate(places) if isinstance(each := place, Box) and self.bright(pixels, number))
            for number, places in enumerate(zip(*script.places, strict=True))
        ]  # fmt: skip
        return Seen((True,) * count, tuple(seconds), (None,) * len(script.acts))

    def bright(self, pixels, number: int) -> bool:
        return int(pixels[min(number, len(pixels) - 1), 0, 0].sum()) % 3 > 0


class Blind(Brightness):
    """One that can't look."""

    name, key = "nobody", "blind-1"
    __module__ = "dreamrunner.checking.drawn"

    def watch(self, pixels, script: Script) -> Seen:
        raise WatcherError("its eyes are closed; open them")


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch):
    def by(watcher) -> None:
        monkeypatch.setattr(sys.modules["dreamrunner.pipeline.prepare"], "watcher_for", lambda *_, **__: watcher)

    by(Brightness())
    return by


def scores(records) -> list[float]:
    return [record.score for record in records]


def test_the_film_has_the_best_take_and_all_are_kept(place: Place, watched) -> None:
    built = place.build(takes=3)
    for record in built.manifest.scenes:
        takes = record.takes
        assert [take.seed - takes[0].seed for take in takes] == [0, 1, 2]
        assert record.marks.score == max(scores(takes)) == built.marks[record.plan.name].score
        taken = best(takes)
        kept = kept_takes(place.out, record.plan.name)
        assert [take.seed for take in kept] == [take.seed for take in takes]
        assert [take.filmed for take in kept] == [take == taken for take in takes]
        shown = next(take.film for take in kept if take.filmed)
        assert digest_file(shown) == digest_file(place.out / "scenes" / f"{record.plan.name}.mp4")
    assert not any(name.startswith("takes/") for name in built.manifest.outputs)
    place.recorder.made()
    again = place.build(takes=3)
    assert place.recorder.made() == [] and again.manifest == built.manifest
    place.build()
    assert len(kept_takes(place.out, "garden")) == 3  # a film without takes leaves them


def test_a_film_of_takes_is_what_the_story_tells(place: Place, watched) -> None:
    place.edit("scene kitchen", "scene kitchen\n  takes 3")
    place.edit("  seed 3", f'  seed 3\n  model "{place.model}"')
    built = place.build(model=None, allow_outside=True)
    assert {record.plan.name: len(record.takes) for record in built.manifest.scenes} == {"garden": 0, "kitchen": 3}
    understood = understand(place.story, Options(allow_outside=True))
    states = filmed_scenes(place.out, understood.plan, understood.story)
    assert {name: scene.state for name, scene in states.items()} == {"garden": "current", "kitchen": "current"}
    # The film's own is one of the three, and they are counted as `takes` does.
    seeds = [take.seed for take in kept_takes(place.out, "kitchen")]
    assert [take.seed for take in states["kitchen"].takes] == seeds and len(seeds) == 3


def test_choosing_a_take_gives_the_film_that_one(place: Place, watched) -> None:
    place.build(takes=2)
    second = take_named(kept_takes(place.out, "kitchen"), "kitchen", 2)
    assert choose(place.story, "kitchen", second.seed) and not choose(place.story, "kitchen", second.seed)
    place.recorder.made()
    place.build()
    assert "render kitchen" not in place.recorder.made()
    assert digest_file(place.out / "scenes" / "kitchen.mp4") == digest_file(second.film)
    with pytest.raises(NoTake, match="no take 7; it has 2"):
        take_named(kept_takes(place.out, "kitchen"), "kitchen", 7)
    with pytest.raises(NoTake):
        choose(place.story, "attic", 3)


def test_a_take_that_is_good_enough_is_the_last(place: Place, watched) -> None:
    built = place.build(takes=4, until=0.0)
    assert [len(record.takes) for record in built.manifest.scenes] == [1, 1]


def test_what_to_do_is_told_once_and_where_takes_are_asked_for_not_at_all(place: Place, watched) -> None:
    class Unseeing(Brightness):
        key = "unseeing-1"
        __module__ = "dreamrunner.checking.drawn"

        def bright(self, pixels, number: int) -> bool:
            return False

    watched(Unseeing())
    for more, advised in (({}, 1), ({"takes": 2}, 0)):
        place.recorder.lines.clear()
        place.build(**more)
        faulty = [line for line in place.recorder.lines if "not seen from" in line]
        assert len(faulty) >= 2 and sum(line.endswith("; try --takes 4") for line in faulty) == advised


def test_a_checker_that_fails_leaves_the_film(place: Place, watched) -> None:
    watched(Blind())
    built = place.build(takes=2)
    assert built.film.is_file() and built.storyboard.is_file() and built.marks == {}
    assert [record.marks for record in built.manifest.scenes] == [None, None]
    lines = place.recorder.lines
    assert any(line.startswith("warning: garden is not checked: its eyes are closed; open them") for line in lines)
    assert "garden: the takes could not be told apart; the film has take 1 of 2" in lines
    watched(Brightness())
    place.recorder.made()
    assert place.build().marks["garden"].score is not None
    assert {"check garden", "storyboard"} <= set(place.recorder.made())
    assert "render garden" not in place.recorder.made()


def test_a_checker_that_is_not_there_is_told_before_filming(place: Place, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"checker: there is no detector in .*nowhere"):
        place.build(checker=str(tmp_path / "nowhere"))
    place.build(checker="none")
    assert not any("checked" in line for line in place.recorder.lines)


def test_what_is_told_of_takes() -> None:
    first, second, blind = TakeRecord(seed=7, score=0.5), TakeRecord(seed=8, score=0.75), TakeRecord(seed=9, score=None)
    assert best([first, second, blind]) == second and best([blind, first]) == first and best([first, first]) is first
    assert chosen("garden", [first, second]) == (
        "garden: the film has take 2 of 2 (right: 50%, 75%); the line `seed 8` in the scene keeps it"
    )
    assert chosen("garden", [second, blind]) == "garden: the film has take 1 of 2 (right: 75%, not marked)"
    assert [good_enough(second, until) for until in (None, 0.75, 0.8)] == [False, True, False]
    assert not good_enough(blind, 0.0)


def test_failures_of_films_are_not_those_of_checks(place: Place, watched, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_, **__):
        raise RuntimeError("no light")

    monkeypatch.setattr("dreamrunner.rendering.render", broken)
    with pytest.raises(StepFailed, match="no light"):
        place.build(takes=2)
