"""A story whose character and motion the miniature was never taught: learnt once, kept, never learnt for nothing."""

import hashlib
import json
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dreamrunner.backbones import describe
from dreamrunner.datasets import given_clips, open_source
from dreamrunner.engine import StepFailed, Store
from dreamrunner.engine.store import Entry
from dreamrunner.pipeline import Built, Options, StoryError, UsageError, build, prepare, understand
from dreamrunner.pipeline.adapters.makers.training import TrainingSpec
from dreamrunner.pipeline.adapters.tasks import motion_task
from dreamrunner.pipeline.tasks.makers.render import holds_lora
from dreamrunner.priors import read_sidecar
from dreamrunner.priors.photos import given_photos
from dreamrunner.retrieval import Catalog, Parts, SimilarityError, index_source
from tests.material.strangers import clips, photos, play
from tests.material.two_scenes import Recorder
from tests.retrieval.test_retrieve import Brightness, People


class Place:
    """A folder with the story, its photos and clips, and a store of its own."""

    def __init__(self, root: Path) -> None:
        self.root, self.story, self.out = root, root / "play.story", root / "film"
        self.listener = Recorder()

    @property
    def store(self) -> Store:
        return Store(self.root / "cache")

    def build(self, **options: object) -> Built:
        self.listener = Recorder()
        chosen = Options(**{"steps": 1, "train_steps": 1} | options)
        return build(self.story, out=self.out, options=chosen, store=self.store, progress=self.listener)

    def made(self) -> list[str]:
        return self.listener.made()

    def edit(self, old: str, new: str) -> None:
        text = self.story.read_text()
        assert old in text
        self.story.write_text(text.replace(old, new))

    def outputs(self) -> dict[str, bytes]:
        return {
            path.relative_to(self.out).as_posix(): path.read_bytes() for path in self.out.rglob("*") if path.is_file()
        }


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Built once. Copy it, leave it alone."""
    root = tmp_path_factory.mktemp("play")
    play(root)
    place = Place(root)
    place.built = place.build()
    return place


@pytest.fixture
def place(first: Place, tmp_path: Path) -> Place:
    shutil.copytree(first.root, tmp_path / "copy")
    return Place(tmp_path / "copy")


def test_what_the_story_needs_is_learnt_before_it_is_filmed(first: Place) -> None:
    begun = [task for task in first.listener._made if task.startswith(("train", "render"))]
    # The beach needs nothing more, and waits for no training.
    assert begun == ["render beach", "train-motion spinning", "train-subject dragon", "render garden"]
    assert "sitting, jumping: known to the model" in first.listener.lines
    assert "dragon: learnt from 2 photos" in first.listener.lines
    assert "spinning: learnt from 2 clips" in first.listener.lines


def test_the_manifest_says_where_everything_comes_from(first: Place) -> None:
    manifest = first.built.manifest
    how = {record.of: (record.how, record.adapter) for record in manifest.priors}
    assert {of: way for of, (way, _) in how.items()} == {
        "dragon": "photos",
        "spinning": "clips",
        "sitting": "known",
        "jumping": "known",
    }
    garden, beach = manifest.scenes
    assert {(one.name, one.digest) for one in garden.adapters} == {
        ("subject-dragon", how["dragon"][1]),
        ("motion-spinning", how["spinning"][1]),
    }
    assert beach.adapters == () and how["sitting"][1] == ""


def test_the_kept_file_says_itself_what_it_was_trained_on(first: Place) -> None:
    for record in first.built.manifest.priors[:2]:
        (file,) = (first.root / "cache").rglob(f"{record.adapter}.safetensors")
        assert hashlib.sha256(file.read_bytes()).hexdigest() == record.adapter
        assert not file.with_suffix(".json").exists()
        sidecar = read_sidecar(file)
        assert (sidecar.of, sidecar.steps, sidecar.seed, sidecar.source) == (record.of, 1, 0, "hand")
        if record.of == "dragon":
            assert set(sidecar.captions) == {"a [v1] dragon"}
            assert sidecar.content == tuple(
                hashlib.sha256(photo.read_bytes()).hexdigest() for photo in sorted((first.root / "refs").iterdir())
            )
        else:
            assert sidecar.captions == ("spinning 0", "spinning 1")
    assert list((first.root / "cache" / "v1" / "making").glob("*.json")) == []


def test_the_placeholder_is_in_the_prompts_and_not_in_the_plan(first: Place) -> None:
    assert "[v1]" not in (first.out / "manifest.json").read_text() and "[v1]" not in first.story.read_text()


def test_nothing_is_learnt_again_in_another_folder_with_another_look_at_the_story(place: Place) -> None:
    before = place.outputs()
    place.build()
    assert place.made() == [] and place.outputs() == before
    for photo in (place.root / "refs").iterdir():
        photo.rename(photo.with_stem(f"photo-{photo.stem}"))
    place.build()
    assert place.made() == [] and place.outputs() == before, "a photo's name is nothing that it shows"


def test_a_second_build_finds_what_was_learnt_without_torch(place: Place) -> None:
    watch = "import sys; from dreamrunner.cli import main; code = main(sys.argv[1:]); "
    watch += "sys.exit(code or 40 * bool({'torch', 'diffusers', 'ultralytics'} & set(sys.modules)))"
    told = ["build", "play.story", "--steps", "1", "--train-steps", "1", "-o", "film"]
    cache = {"DREAMRUNNER_CACHE": str(place.root / "cache"), "PYTHONPATH": str(Path(__file__).parents[2])}
    before = place.outputs()
    done = subprocess.run(
        [sys.executable, "-c", watch, *told], cwd=place.root, env=os.environ | cache, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "learnt 1 motion: kept from before\nlearnt 1 character: kept from before\n" in done.stderr
    assert place.outputs() == before


def test_what_was_learnt_stays_in_its_checkpoint_until_it_is_kept(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(place.root / "cache"))
    monkeypatch.setattr("dreamrunner.files.checkpoint.SAVE_EVERY", 0.0)
    keep, checkpoints = Store.keep, place.root / "cache" / "training"

    def torn(store: Store, key: str, task: str, made: Path, code: str) -> Entry:
        if task.startswith("train"):
            raise OSError("the power is gone")
        return keep(store, key, task, made, code)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "keep", torn)
        with pytest.raises(StepFailed, match="the power is gone"):
            place.build(train_steps=2, keep_going=True)
    assert [steps_done(file) for file in checkpoints.iterdir()] == [1, 1]
    place.build(train_steps=2)
    assert place.made()[:2] == ["train-motion spinning", "train-subject dragon"]
    assert list(checkpoints.iterdir()) == []


def steps_done(file: Path) -> int:
    from safetensors import safe_open

    with safe_open(file, "np") as opened:
        return json.loads(opened.metadata()["checkpoint"])["step"]


@pytest.mark.parametrize(
    ("old", "new", "filmed"),
    [
        ("at 0s [0.02 0.4 0.28 0.92]", "at 0s [0.02 0.4 0.5 0.92]", ["garden"]),
        ('"a beach"', '"a castle"', ["beach"]),
        ("seed 3", "seed 4", ["garden", "beach"]),
    ],
)
def test_an_edit_of_scenes_learns_nothing(place: Place, old: str, new: str, filmed: list[str]) -> None:
    place.edit(old, new)
    place.build()
    made = place.made()
    assert [task for task in made if task.startswith("train")] == []
    assert [task for task in made if task.startswith("render")] == [f"render {name}" for name in filmed]


def test_another_caption_is_another_training_of_that_motion_alone(place: Place) -> None:
    (place.root / "clips" / "spinning 0.txt").write_text("a witch spins round")
    place.build()
    assert [task for task in place.made() if task.startswith(("train", "render"))] == [
        "train-motion spinning",
        "render garden",
    ]


def test_only_what_the_filmed_scene_needs_is_learnt(place: Place) -> None:
    shutil.rmtree(place.root / "cache")
    place.build(scene="beach")
    assert place.made() == ["render beach", "check beach", "encode beach"]


def test_one_that_cannot_be_used_is_named_and_left_out_and_none_is_an_error(place: Place) -> None:
    good = sorted((place.root / "clips").iterdir())[0]
    cut = place.root / "clips" / "cut.mp4"
    cut.write_bytes(good.read_bytes()[:3000])
    place.build()
    assert place.made() == []
    assert any(line.startswith(f"skipped {cut}: is ") for line in place.listener.lines)
    for clip in (place.root / "clips").glob("spinning*"):
        clip.write_bytes(clip.read_bytes()[:3000])
    with pytest.raises(StoryError, match=r"none of the clips of spinning can be used: .*cut.mp4"):
        place.build()
    assert place.made() == []


def test_the_tasks_hold_no_path_and_can_be_sent_elsewhere(tmp_path: Path) -> None:
    backbone = describe("miniature")
    keys, tasks = [], []
    for folder in (tmp_path / "one", tmp_path / "two"):
        segments, _ = given_clips(clips(folder), least_seconds=2.0)
        spec = TrainingSpec("spinning", backbone, "cpu", backbone.training.motion)
        tasks.append(motion_task(spec, 8.0, segments))
        keys.append(tasks[-1].key({}))
        assert str(tmp_path) not in json.dumps(tasks[-1].reads)
    assert keys[0] == keys[1]
    sent = pickle.loads(pickle.dumps(tasks[0]))
    assert sent == tasks[0] and sent.key({}) == keys[0]
    spec = TrainingSpec("spinning", backbone, "cuda", backbone.training.motion)
    assert motion_task(spec, 8.0, segments).key({}) != keys[0], "a GPU's bits are others"


def adapter_of(place: Place, name: str) -> Path:
    (record,) = [record for record in place.build().manifest.priors if record.of == name]
    (file,) = (place.root / "cache").rglob(f"{record.adapter}.safetensors")
    return file


def told(place: Place, name: str, **options: object) -> str:
    """What is said of a motion."""
    place.build(scene="garden", **options)
    return next((line for line in place.listener.lines if line.startswith(f"{name}: ")), "")


def test_a_motion_is_found_in_the_store_by_its_lemma(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DREAMRUNNER_CATALOG", str(place.root / "no-catalog"))
    before = place.outputs()
    place.edit('motion spinning\n  clips "clips/*.mp4"\n', "")
    assert told(place, "spinning") == "spinning: learnt before, from 2 clips"
    assert place.made() == [], "the same LoRA makes the same frames, whatever way it came"
    assert place.outputs()["scenes/garden.mp4"] == before["scenes/garden.mp4"]
    place.edit("dragon spinning", "dragon spins")
    assert told(place, "spins") == "spins: learnt before, from 2 clips"
    place.edit("dragon spins", "dragon spinning-a-top")
    with pytest.raises(StoryError, match="no-catalog is not a catalog"):
        told(place, "spinning-a-top")
    place.edit("dragon spinning-a-top", "dragon spins")
    with pytest.raises(StoryError):  # what was learnt in fewer steps than are wanted is no match
        told(place, "spins", train_steps=3)


def test_a_motion_is_found_in_a_folder_of_loras(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    file = adapter_of(place, "spinning")
    folder = place.root / "shared"
    folder.mkdir()
    shutil.copy(file, folder / "whirl.safetensors")
    (folder / "broken.safetensors").write_bytes(file.read_bytes()[:-9])
    (folder / "other.safetensors").write_bytes(b"")
    shutil.rmtree(place.root / "cache")
    place.edit('motion spinning\n  clips "clips/*.mp4"\n', "")
    place.edit("dragon spinning", "dragon spins")
    monkeypatch.setenv("DREAMRUNNER_CATALOG", str(place.root / "no-catalog"))
    with pytest.raises(StoryError):
        told(place, "spins")
    wanted = f"spins: {folder / 'whirl.safetensors'}, trained for spinning"
    assert told(place, "spins", adapters=folder) == told(place, "spins", adapters=str(folder)) == wanted
    monkeypatch.setenv("DREAMRUNNER_ADAPTERS", str(folder))
    assert told(place, "spins") == wanted
    monkeypatch.setenv("DREAMRUNNER_ADAPTERS", str(folder / "gone"))
    with pytest.raises(UsageError, match=r"^adapters: there is no folder .*gone; DREAMRUNNER_ADAPTERS names it$"):
        told(place, "spins")


def test_the_storys_own_lora_goes_before_its_clips(place: Place) -> None:
    shutil.copy(adapter_of(place, "spinning"), place.root / "own.safetensors")
    place.edit("motion spinning\n", 'motion spinning\n  lora "own.safetensors" 0.5\n')
    manifest = place.build().manifest
    assert [record.how for record in manifest.priors if record.of == "spinning"] == ["lora"]
    assert [one.scale for one in manifest.scenes[0].adapters if one.name == "motion-spinning"] == [0.5]
    assert "spinning: own.safetensors, scale 0.5" in place.listener.lines


def standing_in(**_: object) -> Parts:
    return Parts(people=People(), image_similarity=Brightness("image"), video_similarity=Brightness("video", 2.0))


@pytest.fixture
def catalog(place: Place, monkeypatch: pytest.MonkeyPatch) -> Catalog:
    """A catalog of four clips beside the story, which brings none of its own any more; similarity is a stand-in."""
    monkeypatch.setattr("dreamrunner.pipeline.adapters.makers.retrieve.load_parts", lambda name: standing_in())
    clips(place.root / "videos", count=3, named="a person is spinning")
    clips(place.root / "videos", motion="bows", count=1, named="a person is bowing")
    index_source(open_source(place.root / "videos"), place.root / "catalog")
    place.edit('  clips "clips/*.mp4"\n', "")
    place.edit("  seed 3\n", '  seed 3\n  catalog "catalog"\n')
    return Catalog(place.root / "catalog")


def forget_adapters(place: Place) -> None:
    for file in (place.root / "cache").rglob("*.safetensors"):
        file.unlink()


def test_a_motion_is_learnt_from_clips_of_the_catalog(place: Place, catalog: Catalog) -> None:
    forget_adapters(place)
    manifest = place.build().manifest
    assert place.made()[:3] == ["retrieve spinning", "train-motion spinning", "train-subject dragon"]
    assert [line for line in place.listener.lines if line.startswith("spinning: ")] == [
        f"spinning: learnt from clips of the catalog {place.root / 'catalog'}",
        next(line for line in place.listener.lines if line.startswith("spinning: 4 clips found, scores ")),
    ]
    (record,) = [record for record in manifest.priors if record.of == "spinning"]
    assert record.how == "catalog"
    (file,) = (place.root / "cache").rglob(f"{record.adapter}.safetensors")
    sidecar = read_sidecar(file)
    assert sidecar.source == "catalog" and len(sidecar.content) == 4
    assert set(sidecar.captions) == {"a person is bowing 0", *(f"a person is spinning {n}" for n in range(3))}
    kept = (place.root / "cache" / "v1" / "content").rglob("*.json")
    (found,) = [file for file in kept if "segments" in json.loads(file.read_text())]
    assert str(place.root) not in found.read_text()
    row = json.loads(found.read_text())["segments"][0]
    assert row.keys() == {"digest", "start", "end", "crop", "caption", "image_score", "video_score", "score"}

    before = place.outputs()
    place.build()
    assert place.made() == [] and place.outputs() == before
    shutil.move(place.root / "videos", place.root / "gone")
    place.edit('  catalog "catalog"\n', "")
    place.build()
    assert [task for task in place.made() if task.startswith(("retrieve", "train", "render"))] == []
    assert "spinning: learnt before, from 4 clips" in place.listener.lines


def test_a_catalog_without_such_a_clip_leaves_the_model_alone(place: Place, catalog: Catalog) -> None:
    place.edit("motion spinning\n", 'motion spinning\n  query "somebody juggles"\n')
    forget_adapters(place)
    built = place.build()
    manifest = built.manifest
    assert "spinning: no clip fits 'somebody juggles', so nothing is learnt" in place.listener.lines
    (told,) = [item for item in built.diagnostics if item.code == "no-clip"]
    assert "no clip of the catalog" in told.message and 'fits "somebody juggles"' in told.message
    assert told.location.line == 11 and "let it be one of: standing, strolling" in told.help
    (record,) = [record for record in manifest.priors if record.of == "spinning"]
    assert (record.how, record.adapter, record.why) == ("alone", "", "no clip fits 'somebody juggles'")
    assert [one.name for one in manifest.scenes[0].adapters] == ["subject-dragon"]
    assert any(not holds_lora(file) for file in (place.root / "cache").rglob("*.safetensors"))
    again = place.build()
    assert place.made() == [] and again.diagnostics == built.diagnostics and again.manifest == manifest


def test_a_dry_build_draws_no_catalog(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dreamrunner.pipeline.adapters.makers.retrieve.load_parts", lambda name: standing_in())
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(place.root / "empty"))
    monkeypatch.delenv("DREAMRUNNER_CATALOG", raising=False)
    place.edit('  clips "clips/*.mp4"\n', "")
    store = Store(place.root / "empty")
    production = prepare(understand(place.story), out=None, options=Options(), device="cpu", store=store, dry=True)
    assert [task.name for task in production.tasks][:2] == ["retrieve spinning", "train-motion spinning"]
    assert not (place.root / "empty").exists()


def test_without_a_similarity_model_the_warning_says_so(
    place: Place, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> Parts:
        raise SimilarityError("there is no similarity model in nowhere")

    monkeypatch.setattr("dreamrunner.pipeline.adapters.makers.retrieve.load_parts", missing)
    forget_adapters(place)
    built = place.build(scene="garden")
    (warning,) = [item for item in built.diagnostics if item.code == "left-alone"]
    assert warning.message.startswith("`miniature` is on its own with `spinning`")
    assert "no similarity model in nowhere" in warning.help and warning.location.line == 11


def test_a_photo_is_read_where_it_lies_when_it_is_learnt_from(place: Place) -> None:
    """A photo that changes is another photo."""
    photos(place.root / "refs", kind="penguin", count=1)
    place.build()
    assert [task for task in place.made() if task.startswith("train")] == ["train-subject dragon"]
    found, _ = given_photos(sorted((place.root / "refs").iterdir()), of="dragon", looks="a dragon")
    assert len({photo.digest for photo in found}) == 2
