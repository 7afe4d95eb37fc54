"""The timeline, read back by OpenTimelineIO itself and through the adapters that editing programs read."""

from __future__ import annotations

import opentimelineio as oti
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dreamrunner.film.opentimeline import otio
from dreamrunner.film.rates import FILM_RATE
from dreamrunner.film.timeline import film_frames, lay_out
from dreamrunner.language.parts import Transition
from dreamrunner.planning.plan import Plan
from tests.material.films import plan, scene

Clip, Gap, Bridge = oti.schema.Clip, oti.schema.Gap, oti.schema.Transition

STORY = plan(
    scene("garden", 2.0, Transition("fade", 0.5), narration="The witch walks. <i>"),
    scene("kitchen", 2.0, Transition("dissolve", 0.5), narration=""),
    scene("beach", 2.0, narration="The cat dances."),
    scene("sky", 2.0, Transition("fade", 1.0), narration="It is dark."),
)


def read(story: Plan) -> oti.schema.Timeline:
    text = otio(story, {each.name: f"scenes/{each.name}.mp4" for each in story.scenes})
    return oti.adapters.read_from_string(text, "otio_json")


def frames(time: oti.opentime.RationalTime) -> int:
    assert time.rate == FILM_RATE and time.value == int(time.value)
    return int(time.value)


def test_the_timeline_of_a_film() -> None:
    timeline = read(STORY)
    (track,) = timeline.tracks
    assert (track.name, track.kind) == ("Scenes", "Video")
    shown = [
        (each.name, frames(each.in_offset), frames(each.out_offset))
        if isinstance(each, Bridge)
        else (each.name, frames(each.source_range.start_time), frames(each.source_range.duration))
        for each in track
    ]
    assert shown == [
        ("garden", 0, 47),
        ("Fade out", 5, 0),
        ("", 5, 2),
        ("Fade in", 0, 5),
        ("kitchen", 1, 41),
        ("Dissolve", 6, 6),
        ("beach", 6, 42),
        ("sky", 0, 47),
        ("Fade out", 11, 0),
        ("", 11, 1),
    ]
    assert timeline.name == "A Day" and frames(timeline.duration()) == 180
    assert track[0].media_reference.target_url == "scenes/garden.mp4"
    assert track[0].metadata["dreamrunner"]["narration"] == "The witch walks. <i>"
    markers = [
        (m.name, frames(m.marked_range.start_time), frames(m.marked_range.duration)) for m in timeline.tracks.markers
    ]
    assert markers == [("The witch walks. <i>", 0, 48), ("The cat dances.", 84, 48), ("It is dark.", 132, 48)]


times = st.integers(1, 4000).map(lambda n: n / 1000)
kinds = st.sampled_from(("cut", "fade", "dissolve"))


@example([(0.001, "fade", 0.042), (0.063, "dissolve", 0.021), (0.063, "fade", 0.042)])
@given(st.lists(st.tuples(times, kinds, times), min_size=1, max_size=6))
def test_every_scene_stands_where_the_film_has_it(facts: list[tuple[float, str, float]]) -> None:
    story = plan(*(scene(f"s{n}", d, Transition(kind, t)) for n, (d, kind, t) in enumerate(facts)))
    shots = {shot.scene: shot for shot in lay_out(story)}
    timeline = read(story)
    (track,) = timeline.tracks
    assert frames(timeline.duration()) == film_frames(lay_out(story))
    oti.algorithms.track_with_expanded_transitions(track)  # which refuses offsets that overlap
    for each in track:
        before, after = track.neighbors_of(each)
        if isinstance(each, Bridge):
            assert not isinstance(before, Bridge) and not isinstance(after, Bridge)
            assert frames(each.in_offset) + frames(each.out_offset) > 0
        if not isinstance(each, Clip):
            continue
        shot, used = shots.pop(each.name), each.source_range
        first = frames(used.start_time) - (frames(before.in_offset) if isinstance(before, Bridge) else 0)
        last = frames(used.end_time_exclusive()) + (frames(after.out_offset) if isinstance(after, Bridge) else 0)
        # All of it is shown but the black frames, each at its time, and nothing that its file does not have.
        assert (first, last) == (int(shot.fade_in > 0), shot.length - int(shot.fade_out > 0))
        assert frames(each.range_in_parent().start_time) - frames(used.start_time) == shot.first
        assert frames(each.media_reference.available_range.duration) == shot.length
    # What has no clip has no frame of its own beside black ones and those of a dissolve.
    assert all(shot.length - (shot.fade_in > 0) - (shot.fade_out > 0) - shot.dissolve <= 0 for shot in shots.values())


def test_what_editing_programs_read() -> None:
    """Through the exchange forms of Final Cut Pro 7 (which others read too) and of CMX 3600 (any of them)."""
    timeline = read(STORY)
    exact = [(each.name, each.duration()) for each in timeline.tracks[0]]
    final_cut = oti.adapters.write_to_string(timeline, "fcp_xml")
    back = oti.adapters.read_from_string(final_cut, "fcp_xml")
    # The black frame at the film's end has no clip, and is not told.
    assert [(each.name, each.duration()) for each in back.tracks[0]] == exact[:-1]
    assert [marker.name for marker in back.tracks.markers] == ["The witch walks. <i>", "The cat dances.", "It is dark."]
    edl = oti.adapters.write_to_string(read(STORY), "cmx_3600")
    assert "FROM CLIP NAME:  garden" in edl and "D 012" in edl
    assert frames(oti.adapters.read_from_string(edl, "cmx_3600").duration()) == 180


@pytest.mark.parametrize("kind", ["cut", "fade", "dissolve"])
def test_the_same_plan_gives_the_same_bytes(kind: str) -> None:
    story = plan(scene("a", 1.0, Transition(kind, 0.5)), scene("b", 1.0))
    files = {"b": "scenes/b.mp4", "a": "scenes/a.mp4"}
    assert otio(story, files) == otio(story, dict(reversed(files.items())))
    assert "/tmp" not in otio(story, files) and otio(story, files).endswith("}\n")
