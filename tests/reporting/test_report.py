"""A film's report: all that is known on one page, which holds nothing but itself and says nothing of the machine."""

from __future__ import annotations

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dreamrunner.checking.marks import ActMark, EntityMarks, SceneMarks
from dreamrunner.cli import main
from dreamrunner.engine.measurements import Effort, Measurements
from dreamrunner.engine.store import Store
from dreamrunner.files.digest import digest_file
from dreamrunner.files.paths import cache_folder
from dreamrunner.language.parts import Box
from dreamrunner.pipeline.manifest import (
    AdapterRecord,
    Manifest,
    ModelRecord,
    PriorRecord,
    SceneRecord,
    TakeRecord,
    TaskRecord,
)
from dreamrunner.reporting.gathering import NoFilm, folder_of, gather, without_places
from dreamrunner.reporting.page import page
from tests.material import browsing
from tests.material.films import beat, scene
from tests.material.videos import write

NASTY = "</style><script>alert(1)</script> & \"'<img src=http://x.example/y>"
KEYS = {"retrieve waving": "a" * 64, "render garden": "b" * 64, "check garden": "c" * 64, "join": "d" * 64}

MARKS = SceneMarks(
    scene="garden",
    watcher="the miniature's judge",
    moments=(0.5, 1.5),
    entities=(
        EntityMarks(entity="king", marks=("missing", "right")),
        EntityMarks(entity="cup", marks=("unsaid", "unknown")),
    ),
    acts=(ActMark(entity="king", motion="waving", start=0.0, end=2.0, done=False),),
    score=0.5,
)


def told(folder: Path, **more: object) -> Manifest:
    garden = scene(
        "garden", 2.0, narration=f"He waves. {NASTY}", seed=8, beats=(beat("king", Box(0, 0, 1, 1), 0, 2, "waving"),)
    )
    facts = {"region_program": "", "steps": 20, "guidance": 3.0, "attention": "sr3ai", "frames": "", "film": ""}
    lora = AdapterRecord(name="motion-waving", digest="e" * 64, scale=0.8)
    takes = (TakeRecord(seed=7, score=0.25), TakeRecord(seed=8, score=0.5))
    record = SceneRecord(plan=garden, **facts, adapters=(lora,), marks=MARKS, takes=takes)
    given = {
        "title": NASTY,
        "style": "woodcut",
        "planner": f"local:{folder}/models/small",
        "seed": 7,
        "voice": f"{folder}/voices/joe.onnx",
        "versions": {"torch": "2.9"},
        "model": ModelRecord(name=f"{folder}/models/wan", digest="f" * 64, width=96, height=64, frames=17),
        "priors": (PriorRecord(of="waving", how="alone", adapter="", why=f"{folder}/clips/1.mp4 can't be read"),),
        "scenes": (record,),
        "tasks": {name: TaskRecord(key=key, reads={"x": str(folder)}) for name, key in KEYS.items()},
        "outputs": {},
    }
    return Manifest(**{**given, **more})


@pytest.fixture
def film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A film's folder with its storyboard, a scene and a manifest, made on this machine."""
    monkeypatch.setenv("DREAMRUNNER_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "build" / "two"
    (folder / "scenes").mkdir(parents=True)
    Image.fromarray(np.full((40, 2000, 3), 200, np.uint8)).save(folder / "storyboard.png")
    write(folder / "scenes" / "garden.mp4", np.full((16, 32, 48, 3), 90, np.uint8))
    (folder / "manifest.json").write_text(told(folder).text())
    store = Store(cache_folder())
    rows = [{"digest": "0" * 64, "start": 1.0, "end": 3.5, "crop": None, "caption": "a man & a bow", "score": 0.31}]
    with store.room(".json") as fresh:
        fresh.write_text(json.dumps({"query": "person is waving", "segments": rows}))
        store.keep(KEYS["retrieve waving"], "retrieve", fresh)
    noted = Measurements(cache_folder())
    noted.note("render", Effort("x"), 75.0, 10, key=KEYS["render garden"])
    noted.note("render", Effort("x"), 99.0, 10)  # of before keys were noted
    return folder


class Read(HTMLParser):
    """A page's elements, and its texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.sources: list[str] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.sources += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "action", "style")]
        assert not any(name.startswith("on") for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_the_page_holds_itself_alone_and_says_nothing_of_the_machine(film: Path, tmp_path: Path) -> None:
    text = page(gather(film))
    read = Read(text)
    assert not {"script", "link", "iframe", "object", "form", "base"} & set(read.elements)
    assert all(re.match("data:image/jpeg;base64,|#", source) for source in read.sources)
    assert read.elements.count("img") == 1 + 6
    assert str(tmp_path) not in text and str(Path.home()) not in text
    assert "<title>" + NASTY.replace("&", "&amp;").replace("<", "&lt;").split("&lt;")[0] in text
    assert f"He waves. {NASTY}" in "".join(read.texts) and NASTY in read.texts
    assert "default-src 'none'" in text and "script-src" not in text


def test_all_that_is_known_is_on_it(film: Path) -> None:
    texts = "|".join(each for each in Read(page(gather(film))).texts if each.strip())
    for said in (
        "1 scene, 2 s",
        "wan, 96 x 64, 17 frames a clip",
        "local:small",
        "joe.onnx",
        "torch 2.9",
        "king not seen from 0 s to 1 s",
        "king waving, 0 to 2 s: not seen",
        "50% right",
        "seed 7: 25% right",
        "seed 8: 50% right (in the film)",
        "motion-waving at 0.8 (eeeeeeeeeeee)",
        "nothing taught it: 1.mp4 can't be read",
        "waving: 1 clip|",
        "a man & a bow",
        "1.0 to 3.5 s",
        "0.31",
        "1:15 in all; 3 tasks of 4 not noted on this machine",
        "filmed garden|1:15",
        "filmed 1 scene|1:15",
        "joined the film|not noted",
    ):
        assert said in texts, said
    row = "king|✗| not seen|✗| not waving|cup|·| the script says nothing|?| can't be told"
    assert row in texts


def test_what_is_gone_is_left_out_or_said(film: Path) -> None:
    (film / "storyboard.png").unlink()
    (film / "scenes" / "garden.mp4").write_bytes(b"no video")
    shutil.rmtree(cache_folder())
    bare = told(film)
    (film / "manifest.json").write_text(
        bare.model_copy(update={"scenes": (bare.scenes[0].model_copy(update={"marks": None, "takes": ()}),)}).text()
    )
    read = Read(page(gather(film)))
    texts = "|".join(read.texts)
    assert "img" not in read.elements and "Storyboard" not in texts and "Takes" not in texts
    assert "not checked against its script" in texts and "no longer kept on this machine" in texts
    assert "4 tasks of 4 not noted on this machine" in texts


def test_a_film_is_found_by_its_folder_a_file_in_it_and_its_story(film: Path, capsys, monkeypatch) -> None:
    monkeypatch.chdir(film.parents[1])
    Path("two.story").write_text("")
    for named in ("build/two", "build/two/storyboard.png", "build/two/scenes/garden.mp4", "two.story"):
        assert folder_of(Path(named)).resolve() == film
        assert main(["report", named]) == 0
        assert Path(capsys.readouterr().out.strip()).resolve() == film / "report.html"
    assert main(["report", "two.story", "-o", "sent/page.html"]) == 0
    assert Path("sent/page.html").read_bytes() == (film / "report.html").read_bytes()


def test_a_scene_that_was_filmed_alone_has_a_report(film: Path) -> None:
    (film / "manifest.json").rename(film / "scenes" / "garden.json")
    assert [record.plan.name for record in gather(film).manifest.scenes] == ["garden"]
    assert folder_of(film / "scenes" / "garden.mp4") == film


def test_what_is_no_film_is_told_in_a_line(tmp_path: Path, film: Path, capsys) -> None:
    (tmp_path / "empty").mkdir()
    shutil.copyfile(film / "scenes" / "garden.mp4", tmp_path / "empty" / "x.mp4")
    named = {"none.story": "there is no", "none": "there is no", "empty": "has no manifest", "empty/x.mp4": "no film"}
    for name, why in named.items():
        with pytest.raises(NoFilm, match=why) as refused:
            gather(tmp_path / name)
        assert "\n" not in str(refused.value)
        assert main(["report", str(tmp_path / name)]) == 1
        assert capsys.readouterr().err.startswith("error: ")
    assert main(["report", str(film), "-o", str(film / "storyboard.png" / "x.html")]) == 3
    assert main(["report", str(film), "-o", str(tmp_path / "empty")]) == 3


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/home/me/clips/a.mp4 is short", "a.mp4 is short"),
        ("in ~/clips/b.mp4: cut off", "in b.mp4: cut off"),
        (r"C:\Users\me\c.mp4", "c.mp4"),
        ("red/green and http://x.example/y/z stay", "red/green and http://x.example/y/z stay"),
        ("(/srv/films/)", "(...)"),
        ("clips/d.mp4", "clips/d.mp4"),
    ],
)
def test_places_are_left_out_of_what_programs_say(text: str, shown: str) -> None:
    assert without_places(text) == shown


@browsing.needed
def test_a_phone_shows_it_without_scrolling_sideways(film: Path) -> None:
    assert main(["report", str(film)]) == 0
    with browsing.chromium() as browser:
        for scheme in ("light", "dark"):
            context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme)
            shown = context.new_page()
            asked, complaints = [], []
            shown.on("request", lambda request, asked=asked: asked.append(request.url))
            shown.on("console", lambda message, complaints=complaints: complaints.append(message.text))
            shown.goto((film / "report.html").as_uri())
            assert shown.evaluate("document.documentElement.scrollWidth") <= 390
            assert shown.evaluate("[...document.images].every((one) => one.naturalWidth > 0)")
            assert complaints == [] and all(url.startswith(("file:", "data:")) for url in asked)
            context.close()


def test_a_film_is_as_it_was(film: Path) -> None:
    def files() -> dict[Path, str]:
        return {file: digest_file(file) for file in film.rglob("*") if file.is_file() and file.name != "report.html"}

    before = files()
    assert main(["report", str(film)]) == 0
    assert files() == before
