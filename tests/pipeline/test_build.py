"""Story to film with a whole (random) model: what comes out, what is made again, and that nothing else matters."""

import hashlib
import json
import os
import shutil
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from dreamrunner.backbones import describe
from dreamrunner.engine import StepFailed, Store
from dreamrunner.engine.collect import Freed, collect
from dreamrunner.engine.progress import Event, Said
from dreamrunner.files.made import MANIFEST
from dreamrunner.pipeline import Manifest, Options, StoryError, UsageError, build
from dreamrunner.rendering import Frames
from tests.material.place import Place
from tests.material.two_scenes import STORY, Recorder

SCENES = ("garden", "kitchen")
EVERYTHING = [
    *(f"render {scene}" for scene in SCENES),
    "storyboard",
    *(f"encode {scene}" for scene in SCENES),
    *(f"cut {scene}" for scene in SCENES),
    "join",
]
OUTPUTS = [
    "manifest.json", "scenes/garden.mp4", "scenes/kitchen.mp4",
    "storyboard.png", "two.mp4", "two.otio", "two.srt", "two.vtt",
]  # fmt: skip


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in files(folder)}


def test_cleaning_takes_nothing_between_choosing_and_filming(place: Place) -> None:
    taken: list[Freed] = []

    def clean(event: Event) -> None:
        place.recorder(event)
        if isinstance(event, Said) and event.text.startswith("filming 2 scenes"):
            taken.append(collect(place.root / "cache", keep=0))

    options, store = Options(model=str(place.model), steps=1), Store(place.root / "cache")
    build(place.story, out=place.out, options=options, store=store, progress=clean)
    assert [(freed.items, freed.running) for freed in taken] == [((), 1)]
    assert place.recorder.made() == []


def test_a_build_delivers_these_files_and_no_others(first: Path) -> None:
    assert files(first / "build" / "two") == OUTPUTS


@pytest.mark.parametrize(
    ("name", "seconds"), [("two.mp4", 4.0), ("scenes/garden.mp4", 2.0), ("scenes/kitchen.mp4", 2.0)]
)
def test_films_play_in_a_browser_and_last_what_the_story_says(first: Path, name: str, seconds: float) -> None:
    path = first / "build" / "two" / name
    with av.open(path) as container:
        (video,) = container.streams.video
        assert (video.codec_context.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert sum(1 for _ in container.decode(video)) > 0
        assert float(video.duration * video.time_base) == pytest.approx(seconds, abs=0.05)
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")  # the index stands first: faststart


def test_the_storyboard_and_the_subtitles_are_whole(first: Path) -> None:
    out = first / "build" / "two"
    with Image.open(out / "storyboard.png") as picture:
        picture.load()
        assert picture.width > 200
    subtitles = (out / "two.srt").read_text()
    assert subtitles.index("The witch walks, the cat sits.") < subtitles.index("She stirs her soup.")


def test_the_manifest_says_what_the_film_was_made_from(first: Path, model: Path) -> None:
    out = first / "build" / "two"
    text = (out / "manifest.json").read_text()
    manifest = Manifest.model_validate_json(text)
    assert manifest.outputs == {
        name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in OUTPUTS if name != "manifest.json"
    }
    assert manifest.model.name == model.name
    assert (manifest.model.width, manifest.model.height, manifest.model.frames) == (32, 32, 9)
    assert len(manifest.model.digest) == 64
    assert manifest.seed == 3
    assert [scene.plan.name for scene in manifest.scenes] == ["garden", "kitchen"]
    assert manifest.scenes[0].plan.beats[0].keyframes[1].box.x0 == 0.3
    assert manifest.scenes[0].film == manifest.outputs["scenes/garden.mp4"]
    assert manifest.versions["torch"] and manifest.versions["dreamrunner"]
    assert str(first) not in text and str(model.parent) not in text


def test_the_frames_in_the_store_are_those_of_the_manifest(first: Path) -> None:
    manifest = json.loads((first / "build" / "two" / "manifest.json").read_text())
    for scene in manifest["scenes"]:
        (path,) = (first / "cache").rglob(f"{scene['frames']}.npz")
        frames = Frames.load(path)
        assert frames.pixels.shape == (9, 32, 32, 3)
        assert frames.duration == 2.0
        assert np.ptp(frames.pixels) > 0


def test_nothing_is_made_again_and_nothing_is_written_when_nothing_changed(place: Place) -> None:
    def times() -> dict[str, int]:
        return {name: (place.out / name).stat().st_mtime_ns for name in files(place.out)}

    before, cached = times(), bytes_of(place.root / "cache")
    place.build()
    assert place.recorder.made() == []
    assert times() == before and bytes_of(place.root / "cache") == cached


def remade(*scenes: str) -> list[str]:
    return [f"{kind} {scene}" for kind in ("render", "encode", "cut") for scene in scenes]


def filmed(scene: str) -> list[str]:
    return [f"render {scene}", f"encode {scene}"]


@pytest.mark.parametrize(
    ("old", "new", "made"),
    [
        pytest.param('story "Two', '# a remark\nstory "Two', [], id="a comment"),
        pytest.param('"Two Scenes"', '"Three Scenes"', ["join", "storyboard"], id="the title"),
        # a scene that has no seed of its own takes one from its name, so that moving it changes nothing
        pytest.param("scene kitchen", "scene cellar", [*remade("cellar"), "join", "storyboard"], id="a scene's name"),
        pytest.param(
            "fade 0.5s", "dissolve 0.5s", ["cut garden", "cut kitchen", "join", "storyboard"], id="a transition"
        ),
        pytest.param("She stirs her soup", "Soup", ["join", "storyboard"], id="a narration"),
        pytest.param("[0.3 0.2 0.7 0.9]", "[0.3 0.2 0.7 0.5]", [*remade("garden"), "join", "storyboard"], id="a box"),
        pytest.param('"a kitchen"', '"a cellar"', [*remade("kitchen"), "join", "storyboard"], id="a background"),
        pytest.param("seed 3", "seed 4", EVERYTHING, id="the seed"),
    ],
)
def test_only_what_an_edit_reaches_is_made_again(place: Place, old: str, new: str, made: list[str]) -> None:
    place.edit(old, new)
    place.build()
    assert sorted(place.recorder.made()) == sorted(made)
    after = bytes_of(place.out)
    place.build()
    assert place.recorder.made() == []
    assert bytes_of(place.out) == after


def test_a_scenes_name_itself_changes_no_frame(place: Place) -> None:
    place.edit("scene kitchen", "scene kitchen\n  seed 5")
    place.build()
    place.recorder.made()
    place.edit("scene kitchen", "scene cellar")
    place.build()
    assert sorted(place.recorder.made()) == ["join", "storyboard"]  # both of which hold the name


def test_a_renamed_scene_leaves_no_stale_film_but_a_users_file_stays(place: Place) -> None:
    (place.out / "scenes" / "mine.mp4").write_bytes(b"my own cut")
    place.edit("scene kitchen", "scene cellar")
    place.build()
    assert files(place.out / "scenes") == ["cellar.mp4", "garden.mp4", "mine.mp4"]


def test_a_scenes_film_that_someone_changed_is_not_taken_away(place: Place) -> None:
    (place.out / "scenes" / "kitchen.mp4").write_bytes(b"recut by hand")
    place.edit("scene kitchen", "scene cellar")
    place.build()
    assert (place.out / "scenes" / "kitchen.mp4").read_bytes() == b"recut by hand"


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_output_that_was_damaged_or_lost_is_put_back(place: Place, name: str) -> None:
    whole = bytes_of(place.out)
    (place.out / name).write_bytes(whole[name][:-1])
    place.build()
    # What it was damaged to may be somebody's work.
    kept = {str(Path(name).with_stem(f"{Path(name).stem}.kept")): whole[name][:-1]} if name != MANIFEST else {}
    assert bytes_of(place.out) == whole | kept
    (place.out / name).unlink()
    place.build()
    assert bytes_of(place.out) == whole | kept
    assert place.recorder.made() == []


def test_the_same_story_seed_and_machine_give_the_same_bytes_anywhere(
    tmp_path: Path, first: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "another" / "folder"
    elsewhere.mkdir(parents=True)
    monkeypatch.chdir(elsewhere)
    monkeypatch.setenv("DREAMRUNNER_CACHE", "own-cache")
    shutil.copy(first / "two.story", elsewhere)
    (elsewhere / "models").symlink_to(model.parent)
    os.utime(elsewhere / "two.story", (0, 0))
    recorder = Recorder()
    options = Options(model=f"models/{model.name}", steps=1)
    built = build(Path("two.story"), options=options, progress=recorder)
    assert recorder.made() == EVERYTHING
    assert built.film == Path("build/two/two.mp4")
    assert bytes_of(elsewhere / "build" / "two") == bytes_of(first / "build" / "two")
    assert (elsewhere / "own-cache").is_dir()


def test_another_seed_is_another_film(place: Place) -> None:
    before = bytes_of(place.out)
    place.build(seed=8)
    after = bytes_of(place.out)
    assert place.recorder.made() == EVERYTHING
    assert {name for name in OUTPUTS if before[name] != after[name]} == {*OUTPUTS} - {"two.otio", "two.srt", "two.vtt"}
    place.build()
    assert bytes_of(place.out) == before


@pytest.mark.parametrize(
    ("options", "made"),
    [
        ({"steps": 2}, EVERYTHING),
        ({"guidance": 1.5}, EVERYTHING),
        ({"attention": "hard"}, EVERYTHING),
        ({"smooth": True}, ["encode garden", "encode kitchen", "cut garden", "cut kitchen", "join"]),
        ({"burn_subtitles": True}, ["cut garden", "cut kitchen", "join"]),
        ({"speedups": ("pab",)}, ["render garden", "render kitchen"]),  # one step leaves a cache no work
        ({"speedups": ("vae-slicing", "vae-slicing")}, []),
    ],
)
def test_options_reach_what_they_name(place: Place, options: dict[str, object], made: list[str]) -> None:
    place.build(**options)
    assert place.recorder.made() == made


def test_subtitles_are_burnt_in_or_a_track_and_nothing_is_filmed_for_it(place: Place) -> None:
    before = bytes_of(place.out)
    assert place.build(burn_subtitles=True).manifest.burnt_subtitles
    after = bytes_of(place.out)
    assert {name for name in OUTPUTS if before[name] != after[name]} == {"two.mp4", "manifest.json"}
    with av.open(place.out / "two.mp4") as container:
        assert [stream.type for stream in container.streams if stream.type != "data"] == ["video"]
    place.recorder.made()
    place.build()
    assert place.recorder.made() == [] and bytes_of(place.out) == before


def test_a_draft_stands_apart_from_the_film_and_says_what_it_is(
    place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = bytes_of(place.out)
    monkeypatch.chdir(place.root)
    options = Options(model=str(place.model), draft=True)
    built = build(place.story, options=options, store=Store(place.root / "cache"), progress=place.recorder)
    assert built.film == Path("build/two/draft/two-draft.mp4")
    film = {name: content for name, content in bytes_of(place.out).items() if not name.startswith("draft/")}
    assert film == before and built.manifest.draft
    assert [task for task in place.recorder.made() if task.startswith("render")] == ["render garden", "render kitchen"]
    usual = describe(str(place.model)).steps
    for scene in built.manifest.scenes:
        assert scene.steps == round(usual * 0.2) and scene.speedups == ("first-block-cache",)
    # What a user asks for goes before what a draft would choose.
    place.recorder = Recorder()
    chosen = Options(model=str(place.model), draft=True, steps=2, speedups=("taylorseer",))
    (garden, _) = build(place.story, options=chosen, store=Store(place.root / "cache")).manifest.scenes
    assert (garden.steps, garden.speedups) == (2, ("taylorseer",))
    place.build()
    assert {name: content for name, content in bytes_of(place.out).items() if name in before} == before
    assert (place.out / "draft" / "two-draft.mp4").is_file()


def test_a_cache_and_a_scene_in_windows_are_refused_before_any_work(place: Place) -> None:
    place.edit('She stirs her soup."\n  duration 2s', 'She stirs her soup."\n  duration 15s')
    with pytest.raises(StepFailed, match="scene kitchen is longer than a clip, which taylorseer can't film"):
        place.build(speedups=("taylorseer",))
    assert place.recorder.made() == []
    drafted = place.build(draft=True).manifest
    assert [scene.speedups for scene in drafted.scenes] == [("first-block-cache",), ()]
    (path,) = (place.root / "cache").rglob(f"{drafted.scenes[1].frames}.npz")
    assert len(Frames.load(path).pixels) == 25  # seven latent frames, the first of which is one frame


def test_other_weights_of_the_same_shape_are_another_model(place: Place, model: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / model.name
    shutil.copytree(model, other)
    weights = next((other / "transformer").glob("*.safetensors"))
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    place.model = other
    place.build()
    assert place.recorder.made()[:2] == ["render garden", "render kitchen"]


def test_frames_of_another_device_are_not_taken_for_this_ones(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dreamrunner.engine.lanes.compute_device", lambda: "cuda")
    with pytest.raises(StepFailed, match="can't use this machine's GPU"):
        place.build()
    assert place.recorder.made() == ["render garden"]


def test_one_scene_alone_leaves_the_film_as_it_is(place: Place) -> None:
    place.edit('"a kitchen"', '"a cellar"')
    before = bytes_of(place.out)
    built = place.build(scene="kitchen")
    assert place.recorder.made() == filmed("kitchen")
    assert built.film == place.out / "takes" / "kitchen.mp4" and built.film.is_file()
    after = bytes_of(place.out)
    assert [name for name in OUTPUTS if before[name] != after[name]] == []


def test_the_others_are_made_when_a_scene_fails(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.edit("[0.1 0.2 0.5 0.9]", "[0.1 0.2 0.5 0.5]")
    place.edit('"a kitchen"', '"a cellar"')
    before = bytes_of(place.out)
    from dreamrunner import rendering

    render = rendering.render

    def fail_in_the_garden(program: object, *arguments: object, **named: object) -> Frames:
        if program.scene == "garden":
            raise RuntimeError("out of paint")
        return render(program, *arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(rendering, "render", fail_in_the_garden)
        with pytest.raises(StepFailed, match=r"^filming garden failed: .* unforeseen went wrong \(out of paint"):
            place.build(keep_going=True)
    assert place.recorder.made() == ["render garden", *remade("kitchen")]
    after = bytes_of(place.out)
    assert [name for name in OUTPUTS if before[name] != after[name]] == ["scenes/kitchen.mp4"]
    place.build()
    assert place.recorder.made() == ["render garden", "storyboard", *remade("garden")[1:], "join"]


def eight_scenes(text: str) -> str:
    head, kitchen = text.partition("scene kitchen")[::2]
    return head + "\n".join(f"scene room-{number}{kitchen}" for number in range(7))


def test_one_edited_scene_of_eight_is_filmed_and_the_film_joined_again(place: Place) -> None:
    place.story.write_text(eight_scenes(STORY))
    place.build()
    assert len(place.recorder.made()) == 7 + 7 + 7 + 2  # the garden was there
    place.edit('scene room-4\n  background "a kitchen"', 'scene room-4\n  background "a cellar"')
    place.build()
    assert sorted(place.recorder.made()) == sorted([*remade("room-4"), "join", "storyboard"])


def test_force_films_anew_what_is_kept_to_the_same_bytes(place: Place) -> None:
    before = bytes_of(place.out)
    place.build(force=True)
    assert place.recorder.made() == EVERYTHING
    assert bytes_of(place.out) == before
    place.build(force=True, scene="kitchen")
    assert place.recorder.made() == filmed("kitchen")


def test_a_scene_that_is_not_there_is_named_with_those_that_are(place: Place) -> None:
    with pytest.raises(UsageError, match=r"^scene: the story has no scene kitchn; it has garden, kitchen$") as refused:
        place.build(scene="kitchn")
    assert refused.value.option == "scene"


def test_a_story_with_an_error_makes_nothing(place: Place, tmp_path: Path) -> None:
    place.edit("  witch stirring", "  wich stirring")
    place.out = tmp_path / "untouched"
    with pytest.raises(StoryError, match="no character or prop `wich`") as refused:
        place.build()
    assert [one.severity for one in refused.value.diagnostics] == ["error"]
    assert not place.out.exists()


def test_damaged_frames_in_the_store_are_filmed_again_to_the_same_bytes(place: Place) -> None:
    whole = bytes_of(place.out)
    damaged = sorted((place.root / "cache").rglob("*.npz"))[0]
    damaged.write_bytes(damaged.read_bytes()[:-7])
    place.build()
    (made,) = place.recorder.made()
    assert made in ("render garden", "render kitchen")
    assert bytes_of(place.out) == whole


def test_two_stories_share_what_reads_the_same(place: Place, tmp_path: Path) -> None:
    other = tmp_path / "other" / "other.story"
    other.parent.mkdir()
    other.write_text(place.story.read_text().replace("Two Scenes", "Another Story"))
    place.story, place.out = other, tmp_path / "out"
    place.build()
    assert sorted(place.recorder.made()) == ["join", "storyboard"]  # both of which hold the title
    assert files(place.out) == sorted(name.replace("two.", "other.") for name in OUTPUTS)
