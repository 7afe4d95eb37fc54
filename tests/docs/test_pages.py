"""Every page: its links lead somewhere, its stories are sound, its commands are understood."""

from __future__ import annotations

import re
import shlex
import wave
from collections.abc import Iterator
from dataclasses import asdict
from functools import cache
from pathlib import Path

import pytest
import yaml
from PIL import Image

from dreamrunner.backbones.vocabulary import vocabulary_of
from dreamrunner.cli import main
from dreamrunner.cli.parsing import parse
from dreamrunner.files.paths import BUNDLED
from dreamrunner.language import read_story
from dreamrunner.language.formatter import format_text
from dreamrunner.planning.english.word_forms import ing_form
from dreamrunner.planning.noticed import noticed

REPOSITORY = Path(__file__).parents[2]
TOP = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "grammar/reference.md")
PAGES = sorted([*TOP, *(f"docs/{path.name}" for path in (REPOSITORY / "docs").glob("*.md"))])
BLOCK = re.compile(r"^```(\w*) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@cache
def text_of(page: str) -> str:
    return (REPOSITORY / page).read_text(encoding="utf-8")


@cache
def anchors(page: str) -> frozenset[str]:
    """What a page's headings are called in links; a heading that comes again has a number."""
    found: dict[str, int] = {}
    for heading in re.findall(r"^#+ (.*)$", BLOCK.sub("", text_of(page)), re.MULTILINE):
        plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").strip().lower()
        name = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        found[name] = found.get(name, -1) + 1
        if found[name]:
            found[f"{name}-{found[name]}"] = 0
    return frozenset(found)


def links(page: str) -> Iterator[str]:
    text = re.sub(r"`[^`\n]*`", "", BLOCK.sub("", text_of(page)))
    yield from re.findall(r"\]\(([^)\s]+)\)", text)
    yield from re.findall(r'\b(?:src|href)="([^"]+)"', text)


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_what_is_there(page: str) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link):
            assert link.startswith("https://"), link
            continue
        target = (REPOSITORY / page).parent / path if path else REPOSITORY / page
        assert target.exists(), f"{page} links to {link}"
        if anchor and target.suffix == ".md":
            inside = target.resolve().relative_to(REPOSITORY.resolve()).as_posix()
            assert anchor in anchors(inside), f"{page} links to {link}; there are {sorted(anchors(inside))}"


def test_the_navigation_names_every_page_once() -> None:
    class Reader(yaml.SafeLoader): ...

    Reader.add_multi_constructor("tag:yaml.org,2002:python/", lambda *_: None)
    settings = yaml.load((REPOSITORY / "mkdocs.yml").read_text(encoding="utf-8"), Reader)
    named = re.findall(r"[\w/-]+\.md", str(settings["nav"]))
    assert len(named) == len(set(named))
    assert {page.removeprefix("docs/") for page in PAGES} - {"README.md"} <= set(named)


OF_THIS_MACHINE = {"unknown-voice"}
"""Codes of warnings that depend on what is installed."""

STORIES = [
    pytest.param(page, number, id=f"{page}-{number}")
    for page in PAGES
    for number, (kind, _, text) in enumerate(BLOCK.findall(text_of(page)))
    if kind == "story" and (page != "README.md" or re.match(r"(#.*\n)*story ", text))  # a README has pieces of stories
]


@pytest.mark.parametrize(("page", "number"), STORIES)
def test_stories_are_sound_and_formatted(page: str, number: int, tmp_path: Path) -> None:
    """A story may use what stands before it on its page under a file's name: ``story cast.story``."""
    blocks = BLOCK.findall(text_of(page))
    kept = [(name, text) for kind, name, text in blocks[:number] if kind == "story" and name]
    _, name, text = blocks[number]
    for file, content in [*kept, (name or "example.story", text)]:
        put(content, tmp_path / file)
    path = tmp_path / (name or "example.story")
    if page != "README.md":
        assert format_text(text, path).text == text
    if re.search(r"^scene ", text, re.MULTILINE):
        checked = read_story(path)
        assert checked.story is not None, [item.message for item in checked.diagnostics]
        found = [*checked.diagnostics, *noticed(checked.story)]
        assert [item.message for item in found if item.code not in OF_THIS_MACHINE] == []


def put(story: str, path: Path) -> None:
    """Write a story, and the files that it names: a picture, a clip, a voice or music of the smallest kind each."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(story, encoding="utf-8")
    for written in re.findall(r"^ *(?:images|clips|lora|music)\b(.*)$", story, re.MULTILINE):
        for name in re.findall(r'"([^"]+)"', written):
            file = path.parent / name.replace("**", "any").replace("*", "01")
            file.parent.mkdir(parents=True, exist_ok=True)
            if file.suffix == ".png":
                Image.new("RGB", (8, 8)).save(file)
            elif file.suffix == ".wav":
                with wave.open(str(file), "wb") as sound:
                    sound.setparams((1, 2, 8000, 0, "NONE", ""))
            else:
                file.touch()


def commands(page: str) -> Iterator[tuple[str, bool]]:
    """The commands of a page, and whether they stand there whole; those in a sentence may lack what they work on."""
    for kind, _, text in BLOCK.findall(text_of(page)):
        if kind == "sh":
            for line in text.replace("\\\n", " ").splitlines():
                if line.startswith("dreamrunner "):
                    yield line, True
    for command in re.findall(r"`(dreamrunner [^`\n]+)`", BLOCK.sub("", text_of(page))):
        yield command, False


@pytest.mark.parametrize("page", [page for page in PAGES if any(commands(page))])
def test_commands_are_understood(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    for command, whole in commands(page):
        words = shlex.split(command.replace("[", "").replace("]", ""), comments=True)[1:]
        if "|" in words:
            words = words[: words.index("|")]
        try:
            parse(words)
        except SystemExit as stopped:
            said = capsys.readouterr().err
            assert stopped.code == 0 or (not whole and "required" in said), f"{page}: {command}\n{said}"


def test_what_is_checked_is_there() -> None:
    assert len(STORIES) > 20
    assert sum(len(list(commands(page))) for page in PAGES) > 60


def test_the_tutorials_commands_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In their order, but for those that film; its new scene is written when the text says so."""
    monkeypatch.chdir(tmp_path)
    page = text_of("docs/tutorial.md")
    (scene,) = (text for kind, _, text in BLOCK.findall(page) if kind == "story")
    ran = []
    for command, _ in commands("docs/tutorial.md"):
        words = shlex.split(command)[1:]
        if words[0] in ("new", "check", "fmt", "storyboard"):
            assert main(words) == 0, command
            ran.append(words[0])
        elif "home" not in (written := Path("my-story/my-story.story")).read_text():
            written.write_text(written.read_text() + "\n" + scene[scene.index("scene home") :])
    assert ran == ["new", "check", "storyboard", "check", "fmt"]
    assert Path("build/my-story/boxes.html").is_file()
    assert main(["check", "my-story"]) == 0


def test_the_picture_of_boxes_is_what_its_command_draws(tmp_path: Path) -> None:
    page = text_of("docs/language.md")
    story = REPOSITORY / "docs" / "pictures" / "box.story"
    assert story.read_text() in {text for kind, _, text in BLOCK.findall(page) if kind == "story"}
    assert main(["storyboard", str(story), "-o", str(tmp_path / "box.png")]) == 0
    with Image.open(tmp_path / "box.png") as drawn, Image.open(story.with_suffix(".png")) as kept:
        assert drawn.tobytes() == kept.tobytes()


def test_the_page_of_the_miniatures_words_has_each_ones_words() -> None:
    rows = [
        [part.strip() for part in line.split("|")[1:-1]] for line in text_of("docs/miniature-draws.md").splitlines()
    ]
    (top,) = (row for row in rows if row[1:] and row[1].startswith("`miniature`"))
    for model, cell in zip(BUNDLED, top[1:], strict=True):
        assert cell.startswith(f"`{model}`")
        vocabulary = vocabulary_of(model)
        assert vocabulary is not None
        for kind, words in asdict(vocabulary.words).items():
            shown = [ing_form(word) for word in words] if kind in ("motions", "learnable") else words
            (row,) = (row for row in rows if row and row[0] == {"learnable": "motions to learn"}.get(kind, kind))
            assert row[top.index(cell)] == (", ".join(shown) or "none"), (model, kind)
