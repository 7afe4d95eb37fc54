"""How the second edition's films are judged: the rules, on what judge and scout might say."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.obey import (
    Second,
    Seen,
    all_right,
    check_kept,
    interval,
    judged,
    kept_film,
    keys_of,
    middle,
    moments,
    tabled,
)
from benchmarks.obey_scripts import (
    SECONDS,
    Asked,
    authored,
    clip_of,
    cut_to_picture,
    script_of,
    span,
    wanted,
)
from dreamrunner.backbones.families.cogvideox_blocks import BlockAutoencoder
from dreamrunner.miniature.second.characters import COLOURS
from dreamrunner.miniature.second.judge import FACTS, Found, Sight
from dreamrunner.miniature.second.model import TINY, Backbone, assemble
from dreamrunner.miniature.second.training.sights import track
from dreamrunner.miniature.second.world import FRAMES, Act, Figure, Key

BOX = np.tile([0.4, 0.4, 0.6, 0.8], (FRAMES, 1))
DOG = Figure("dog", (Key(0, 96, 110, 50),), (Act("walks", 0, 24), Act("waves", 24, 1e6)), "red")


def asked(boxes: np.ndarray = BOX) -> Asked:
    there = np.isfinite(boxes).all(1)
    return Asked(DOG, boxes, there, there)


def at(x: float, y: float) -> tuple[float, float, float, float]:
    """A box of a figure's size around a middle."""
    return x - 0.08, y - 0.18, x + 0.08, y + 0.18


def seen(*middles: tuple[float, float], who: str = "dog", near: bool = True, moved: int = 24, **said: str) -> Seen:
    """A film whose judge is sure of what it sees in the box, and sees these elsewhere, in every frame."""
    truth = {"kind": "dog", "colour": "red", "look": "plain"} | said
    chances = {
        fact: np.tile([float(name == truth[fact]) for name in names], (FRAMES, 1)) for fact, names in FACTS.items()
    }
    looked_at = [moment for second in range(SECONDS) for moment in moments(second)]
    found = {moment: [Found(who, at(*middle), 0.9) for middle in middles] for moment in looked_at}

    def does(which: list[int]) -> str:
        if len(which) < 6:
            return ""
        return said.get("motion", "walks" if sum(which) / len(which) < moved else "waves")

    return Seen(Sight(chances), found, does, dict.fromkeys(looked_at, near))


def test_who_does_as_asked_is_right_in_every_second():
    seconds = judged(asked(), seen((0.5, 0.6)))
    assert seconds == [Second(True, True, True, True, True, True)] * SECONDS
    assert all_right(seconds)


@pytest.mark.parametrize("fact, wrong", [("kind", "cat"), ("kind", "nothing"), ("colour", "blue"), ("motion", "runs")])
def test_a_fact_that_is_wrong_makes_a_second_wrong(fact, wrong):
    seconds = judged(asked(), seen((0.5, 0.6), **{fact: wrong}))
    assert [getattr(second, {"kind": "here"}.get(fact, fact)) for second in seconds] == [False] * SECONDS
    assert not any(second.right for second in seconds) and all(second.alone for second in seconds)


def test_each_second_is_asked_for_its_own_beat():
    seconds = judged(asked(), seen((0.5, 0.6), motion="walks"))
    assert [second.motion for second in seconds] == [True] * 3 + [False] * 3
    assert not all_right(seconds) and all_right(judged(asked(), seen((0.5, 0.6), moved=26)))


def test_a_motion_that_can_not_be_told_is_not_asked():
    seconds = judged(asked(), seen((0.5, 0.6), motion=""))
    assert [(second.motion, second.right) for second in seconds] == [(None, True)] * SECONDS


def test_what_is_done_is_not_asked_where_others_are_near():
    crowded = Asked(DOG, BOX, np.ones(FRAMES, bool), np.arange(FRAMES) >= 8)
    seconds = judged(crowded, seen((0.5, 0.6), motion="runs"))
    assert [second.motion for second in seconds] == [None] + [False] * 5 and seconds[0].right


def test_a_second_one_outside_of_the_box_is_not_alone():
    seconds = judged(asked(), seen((0.5, 0.6), (0.1, 0.6)))
    assert not any(second.alone for second in seconds) and all(second.here for second in seconds)
    assert all(second.alone for second in judged(asked(), seen((0.1, 0.6), who="cat")))
    film = seen((0.5, 0.6))
    film.found[2].append(Found("dog", at(0.1, 0.6), 0.9))  # for a moment only
    assert judged(asked(), film)[0].alone


def test_who_is_not_where_it_is_drawn_does_not_follow():
    assert not any(second.followed for second in judged(asked(), seen((0.5, 0.6), near=False)))


def test_the_middle_of_a_colour_is_looked_for_where_something_stands_apart():
    frame = np.zeros((128, 192, 3), np.uint8)
    share = np.zeros((128, 192), np.uint8)
    frame[32:64, 96:144], share[32:64, 96:120] = COLOURS["red"], 255
    assert middle(frame, share, "red") == pytest.approx((107.5 / 192, 47.5 / 128))
    assert middle(frame, share, "blue") is None


def test_while_the_box_is_outside_nobody_is_to_be_seen():
    boxes = BOX.copy()
    boxes[16:] = np.nan
    seconds = judged(asked(boxes), seen((0.5, 0.6)))
    assert [second.right for second in seconds] == [True, True, False, False, False, False]
    assert judged(asked(boxes), seen())[2] == Second(alone=True, right=True)


def test_a_second_in_which_a_box_is_entered_or_covered_is_not_asked():
    boxes = BOX.copy()
    boxes[:5] = np.nan
    assert judged(asked(boxes), seen((0.5, 0.6)))[0] == Second(alone=True)
    late = np.arange(FRAMES) >= 5
    hidden = Asked(DOG, BOX, late, late)
    assert judged(hidden, seen((0.5, 0.6)))[0] == Second(alone=True)
    assert all_right([Second(alone=False)])


def test_scripts_are_what_was_asked_for():
    scripts = [script_of(number) for number in range(12)]
    assert clip_of(3) == scripts[3].clip
    for script in scripts:
        figures = script.clip.figures
        assert wanted(script.clip) and 1 <= len(figures) <= 3
        assert len({figure.colour for figure in figures}) == len(figures) and all(figure.colour for figure in figures)
        assert any(each.open.any() for each in script.asked)
        for beat in script.plan.beats:
            assert 0 <= beat.start < beat.end <= script.plan.duration
            assert all(0 <= edge <= 1 for key in beat.keyframes for edge in (key.box.x0, key.box.y0, key.box.x1))
            assert [key.at for key in beat.keyframes] == sorted(key.at for key in beat.keyframes)
    assert {len(script.clip.figures) for script in scripts} >= {1, 2}


def test_a_box_of_an_author_holds_all_that_its_figure_does():
    figure = Figure("frog", (Key(0, 40, 110, 40), Key(48, 150, 110, 60)), (Act("jumps", 0, 1e6),))
    given, own = authored(figure), track(figure)
    assert (given[:, :2] <= own[:, :2] + 0.01).all() and (given[:, 2:] >= own[:, 2:] - 0.01).all()
    assert np.abs(np.diff(given, 2, axis=0)).max() < 0.01  # it goes straight


def test_beats_follow_one_another():
    assert (span(DOG.acts[0], DOG.acts), span(DOG.acts[1], DOG.acts)) == (range(24), range(24, FRAMES))


def test_boxes_are_cut_to_the_picture():
    cut = cut_to_picture(np.array([[-0.1, 0.2, 0.1, 0.6], [0.95, 0.2, 1.5, 0.6], [0.1, 0.1, 0.2, 0.2]]))
    assert cut[0].tolist() == [0.0, 0.2, 0.1, 0.6] and np.isnan(cut[1]).all() and cut[2, 0] == 0.1


def test_shares_are_told_with_how_many_they_are_of():
    assert interval([[True, True], [], [True, False]]) == {"share": 0.75, "interval": (0.5, 1.0), "count": 4}
    assert interval([[]])["share"] is None
    right, wrong = Second(*[True] * 6), Second(True, True, True, False, False, True)
    table = tabled([{"drawn": [[right]], "sr3ai": [[right, wrong], [right]]}])
    assert table["sr3ai"]["all_right"]["share"] == 0.5 and table["sr3ai"]["motion"]["share"] == pytest.approx(
        2 / 3, abs=1e-4
    )
    assert keys_of(table) == {
        "all_right": 0.5,
        "plain_all_right": None,
        "hard_all_right": None,
        "drawn_all_right": 1.0,
        "followed": 1.0,
    }


def test_films_come_from_the_product_and_are_kept(tmp_path):
    parts = Backbone(TINY)
    assemble(tmp_path / "model", parts.transformer, parts.text_encoder, BlockAutoencoder(8, 1, 4), parts.prediction)
    model, keep = str(tmp_path / "model"), tmp_path / "films"
    settings = {"steps": 1, "guidance": 1.0}
    check_kept(keep, model, **settings)
    check_kept(keep, model, **settings)
    first = kept_film(keep / "0000-sr3ai.npz", script_of(0), 0, "sr3ai", model, **settings)
    assert first.shape == (FRAMES, 128, 192, 3) and first.dtype == np.uint8
    again = kept_film(keep / "0000-sr3ai.npz", script_of(0), 0, "sr3ai", "no model is asked for again", **settings)
    assert (first == again).all()
    with pytest.raises(SystemExit, match="films of another model, or with other steps or guidance"):
        check_kept(keep, model, steps=2, guidance=1.0)
