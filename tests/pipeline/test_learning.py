"""What is learnt, and what isn't: only what helps, and only where it is wanted."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from dreamrunner.backbones import describe
from dreamrunner.cli.commands.graph import FORMATS
from dreamrunner.datasets import open_source
from dreamrunner.datasets.segments import Retrieved, Segment
from dreamrunner.engine import Store
from dreamrunner.files.digest import digest_text
from dreamrunner.pipeline import Options, UsageError, prepare, understand
from dreamrunner.pipeline.adapters.catalogs import catalog_for
from dreamrunner.pipeline.adapters.makers.motion import LearnMotion
from dreamrunner.pipeline.adapters.makers.retrieve import Search
from dreamrunner.pipeline.adapters.makers.subject import LearnSubject
from dreamrunner.pipeline.adapters.tasks import found_line, training_code, unfit
from dreamrunner.pipeline.errors import check
from dreamrunner.pipeline.forecast import Forecast, foresee, needs
from dreamrunner.pipeline.prepare import Production
from dreamrunner.priors.saving import describe_training, save_adapter
from dreamrunner.retrieval import index_source
from tests.material.strangers import play
from tests.pipeline.test_adapters import standing_in

Look = Callable[..., Production]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A story that brings photos and clips; a catalog beside it. Copy it, leave it alone."""
    root = tmp_path_factory.mktemp("learning")
    play(root)
    index_source(open_source(root / "clips"), root / "catalog")
    return root


@pytest.fixture
def look(written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Look:
    """What would be filmed of the story, edited, and with which tasks; nothing is done."""
    monkeypatch.setattr("dreamrunner.pipeline.adapters.makers.retrieve.load_parts", lambda name: standing_in())
    monkeypatch.delenv("DREAMRUNNER_CATALOG", raising=False)
    shutil.copytree(written, tmp_path / "copy")
    story = tmp_path / "copy" / "play.story"

    def prepared(*edits: tuple[str, str], store: Store | None = None, **options: object) -> Production:
        for old, new in edits:
            assert old in story.read_text()
            story.write_text(story.read_text().replace(old, new))
        store = store or Store(tmp_path / "store")
        chosen = Options(**options)
        return prepare(understand(story), out=None, options=chosen, device="cpu", store=store, dry=True)

    return prepared


def trained(production: Production) -> list[str]:
    return [task.name for task in production.tasks if task.kind.startswith(("retrieve", "train"))]


NO_CLIPS = ('motion spinning\n  clips "clips/*.mp4"\n', "")
CATALOG = ("  seed 3\n", '  seed 3\n  catalog "catalog"\n')
NONE = ("  seed 3\n", "  seed 3\n  catalog none\n")


def test_a_film_learns_what_its_story_brings(look: Look) -> None:
    production = look()
    assert trained(production) == ["train-motion spinning", "train-subject dragon"]
    assert production.resolved.unlearnt == () and production.noticed == ()


@pytest.mark.parametrize(
    ("options", "why"),
    [({"draft": True}, "a draft learns nothing"), ({"no_learn": True}, "nothing is to be learnt")],
)
@pytest.mark.parametrize("edits", [(), (NO_CLIPS, CATALOG)])
def test_drafts_and_who_wants_nothing_learnt_learn_nothing(
    edits: tuple[tuple[str, str], ...], options: dict[str, bool], why: str, look: Look
) -> None:
    production = look(*edits, **options)
    assert trained(production) == [] and production.noticed == ()
    assert {choice.of: choice.why for choice in production.resolved.unlearnt} == {"dragon": why, "spinning": why}
    assert f"dragon: not learnt: {why}" in production.resolved.said()
    assert all(not job.priors for job in production.jobs)


def test_what_was_learnt_before_is_used_all_the_same(look: Look, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    (task,) = [task for task in look().tasks if task.kind == "train-subject"]
    with store.room(".safetensors") as path:
        path.write_bytes(b"a LoRA")
        store.keep(task.key({}), task.kind, path)
    production = look(draft=True, store=store)
    assert trained(production) == ["train-subject dragon"]
    assert [choice.of for choice in production.resolved.unlearnt] == ["spinning"]


def keep_lora(store: Store, of: str, code: str) -> None:
    """Put a LoRA for the miniature into the store, learnt from one clip by the code of a digest."""
    backbone = describe("miniature")
    layer = backbone.family.layers(0)[0]
    narrow = backbone.family.channels(layer, backbone.configs)[0]
    sidecar = describe_training(
        {}, backbone.training.motion, backbone, kind="motion", of=of, blocks=(0,), seed=0, content=[("0" * 64, "it")]
    )
    tensors = {f"{layer}.lora_A": torch.zeros(1, narrow), f"{layer}.lora_B": torch.zeros(narrow, 1)}
    with store.room(".safetensors") as file:
        save_adapter(tensors, sidecar, file, backbone.family)
        store.keep(digest_text(f"{of} {code}"), "train-motion", file, code)


@pytest.mark.parametrize(
    ("edition", "catalog", "options", "learnt", "said"),
    [
        ("this", CATALOG, {}, False, "learnt before, from 1 clip"),
        ("another", CATALOG, {}, True, "learnt from clips of"),
        ("", CATALOG, {}, True, "learnt from clips of"),
        ("another", NONE, {}, False, "learnt before, from 1 clip"),
        ("another", CATALOG, {"no_learn": True}, False, "learnt before, from 1 clip"),
    ],
)
def test_a_motion_that_other_code_learnt_is_learnt_anew_where_it_can_be(
    edition: str,
    catalog: tuple[str, str],
    options: dict[str, bool],
    learnt: bool,
    said: str,
    look: Look,
    tmp_path: Path,
) -> None:
    store = Store(tmp_path / "store")
    code = training_code(describe("miniature"), LearnMotion) if edition == "this" else edition
    keep_lora(store, "spins", code)
    production = look(NO_CLIPS, catalog, store=store, **options)
    assert ("train-motion spinning" in trained(production)) is learnt
    (choice,) = [choice for choice in production.resolved.choices if choice.of == "spinning"]
    assert choice.said.startswith(said)


def test_a_lora_of_a_folder_that_the_author_names_is_used_whatever_code_learnt_it(look: Look, tmp_path: Path) -> None:
    keep_lora(Store(tmp_path / "other"), "spinning", "another")
    (file,) = Store(tmp_path / "other").contents(".safetensors")
    production = look(NO_CLIPS, CATALOG, adapters=file.parent)
    assert "train-motion spinning" not in trained(production)


def test_photos_of_who_is_not_described_are_learnt_by_the_words_that_the_film_has_for_them(look: Look) -> None:
    nobody = ('character dragon\n  looks "a dragon"', "character elf")
    production = look(nobody, ('dragon spinning 0s..2s "a dragon is spinning"', "elf spinning 0s..2s"), NONE)
    (training,) = [task for task in production.tasks if task.kind == "train-subject"]
    assert isinstance(training.make, LearnSubject)
    assert {photo.caption for photo in training.make.photos} == {"an [v1] elf"}
    spoken = [beat.description for scene in production.plan.scenes for beat in scene.beats if beat.entity == "elf"]
    assert spoken == ["an elf, spinning"]


def test_catalog_none_searches_nothing_and_learns_what_the_story_brings(look: Look) -> None:
    production = look(NO_CLIPS, NONE)
    assert trained(production) == ["train-subject dragon"] and production.noticed == ()
    (choice,) = production.resolved.unlearnt
    assert (choice.of, choice.how, choice.why) == ("spinning", "alone", "no catalog is to be searched")


def test_no_catalog_is_what_the_setting_may_say_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert catalog_for("none", tmp_path) is None and catalog_for("./none", tmp_path) == tmp_path / "none"
    monkeypatch.setenv("DREAMRUNNER_CATALOG", "none")
    assert catalog_for("", tmp_path) is None and catalog_for("miniature", tmp_path) == "miniature"


def segments(*scores: float) -> tuple[Segment, ...]:
    return tuple(Segment(file=Path("a.mp4"), digest="d", start=0.0, end=2.0, score=score) for score in scores)


@pytest.mark.parametrize(
    ("scores", "kept", "why"),
    [
        ((0.31, 0.1), 2, ""),
        ((0.2,), 0, "no clip fits 'person is taking' (the best scores 0.20, and more than 0.20 is needed)"),
        ((0.16, 0.1), 0, "no clip fits 'person is taking' (the best scores 0.16, and more than 0.20 is needed)"),
        ((), 0, "no clip fits 'person is taking'"),
    ],
)
def test_clips_that_do_not_fit_are_none(
    scores: tuple[float, ...], kept: int, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The paper keeps the best four where fewer pass; where none does, they show something else."""
    found = Retrieved(query="person is taking", segments=segments(*scores), funnel=())
    monkeypatch.setattr("dreamrunner.retrieval.retrieve", lambda *_, **__: found)
    monkeypatch.setattr("dreamrunner.pipeline.adapters.makers.retrieve.load_parts", lambda name: standing_in())
    monkeypatch.setattr("dreamrunner.pipeline.adapters.makers.retrieve.open_catalog", lambda name: None)
    Search("person is taking", "catalog")({}, tmp_path / "found.json", lambda *_, **__: None)
    assert len(json.loads((tmp_path / "found.json").read_text())["segments"]) == kept
    assert unfit(tmp_path / "found.json") == why
    said = found_line("taking", tmp_path / "found.json")
    assert said == (f"taking: {why}, so nothing is learnt" if why else "taking: 2 clips found, scores 0.10 to 0.31")


def test_a_search_that_is_known_to_be_in_vain_is_told_before_anything_is_done(look: Look, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    production = look(NO_CLIPS, CATALOG, store=store)
    assert trained(production) == ["retrieve spinning", "train-motion spinning", "train-subject dragon"]
    (task,) = [task for task in production.tasks if task.kind == "retrieve"]
    with store.room(".json") as path:
        path.write_text('{"query": "person is spinning", "segments": [], "best": 0.16}')
        store.keep(task.key({}), task.kind, path)
    production = look(store=store)
    (told,) = production.noticed
    assert told.code == "no-clip" and "best scores 0.16" in told.message
    (choice,) = production.resolved.unlearnt
    assert choice.of == "spinning" and choice.said.startswith("not learnt: no clip fits 'person is spinning'")


@pytest.mark.parametrize("form", FORMATS)
def test_the_graph_says_what_is_not_learnt(form: str, look: Look, tmp_path: Path) -> None:
    production = look(draft=True)
    tasks = foresee(production, Store(tmp_path / "store"))
    foreseen = Forecast(production, tasks, needs(tasks, [], production.backbone, "cpu"), None, ())
    text = FORMATS[form](foreseen)
    if form == "json":
        told = json.loads(text)["unlearnt"]
        assert told[0] == {"of": "dragon", "why": "a draft learns nothing"} and len(told) == 2
    else:
        assert "dragon: not learnt: a draft learns nothing" in text


def test_the_switch_is_a_switch() -> None:
    with pytest.raises(UsageError, match="no_learn"):
        check(Options(no_learn="yes"))
