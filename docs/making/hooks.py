"""What MkDocs does beside its own work for this site.

Pages link to files of the repository, as its readers need them: the reference in ``grammar/``, tests, stories. Those
files are put into the site, Markdown as pages, other texts as pages of code, pictures as they are; links lead there.
Pages that the navigation lacks stand under "More". A comment ``<!-- storyboard -->`` behind a story becomes the picture
that ``dreamrunner storyboard`` draws of it, ``<!-- story: FILE -->`` a story of the repository with its picture, and
``<!-- commands -->`` every command's help. The playground's files are put beside its page.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PAGES = ("grammar/reference.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")
"""Markdown outside of docs/ that is part of the site whoever links to it."""
PICTURES = (".png", ".jpg", ".gif", ".webp", ".svg")
LINK = re.compile(r"(\]\(|\bsrc=\")([^)\s\"]+)(?=[)\"\s])")
STORYBOARD = re.compile(r"^```story\n((?:(?!```).*\n)*)```\n+<!-- storyboard(?:: (.*?))? -->$", re.MULTILINE)

STORY = re.compile(r"^<!-- story: (\S+) -->$", re.MULTILINE)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Register the language's colours, and add to the navigation what it lacks."""
    from pygments.lexers import LEXERS

    sys.path[:0] = [str(HERE), str(ROOT)]
    LEXERS["StoryLexer"] = ("lexer", "Story", ("story",), ("*.story",), ())
    named = set(_named(config.nav or []))
    there = {path.name for path in (ROOT / "docs").glob("*.md")}
    config.nav = list(_present(config.nav or [], there | set(PAGES)))
    if rest := sorted(there - named):
        config.nav.append({"More": rest})
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what pages link to outside of docs/."""
    sources = {f"docs/{file.src_uri}": Path(file.abs_src_path or "") for file in files.documentation_pages()}
    sources |= {page: ROOT / page for page in PAGES if (ROOT / page).is_file()}
    todo = list(sources.items())
    while todo:
        page, path = todo.pop()
        if not page.startswith("docs/"):
            level = InclusionLevel.UNDEFINED if page in PAGES else InclusionLevel.NOT_IN_NAV
            files.append(File.generated(config, page, abs_src_path=str(path), inclusion=level))
        for target, _ in _targets(page, path.read_text(encoding="utf-8")):
            if target.startswith("docs/") or target in sources or not (ROOT / target).exists():
                continue
            sources[target] = ROOT / target
            if target.endswith(".md"):
                todo.append((target, ROOT / target))
            elif target.endswith(PICTURES):
                files.append(File.generated(config, target, abs_src_path=str(ROOT / target)))
            else:
                text = _as_page(target)
                files.append(File.generated(config, _place(target), content=text, inclusion=InclusionLevel.NOT_IN_NAV))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Lead links to where their targets are in the site, and draw storyboards."""
    own = page.file.src_uri
    repository = own if (ROOT / own).is_file() else f"docs/{own}"
    if own.startswith("source/"):
        return markdown

    def lead(match: re.Match[str]) -> str:
        target, anchor = _resolved(repository, match[2])
        if target is None or not (ROOT / target).exists():
            return match[0]
        way = posixpath.relpath(_place(target), posixpath.dirname(own) or ".")
        return match[1] + way + anchor

    named = dict(re.findall(r"^```story (\S+)\n(.*?)^```$", markdown, re.MULTILINE | re.DOTALL))

    def drawn(match: re.Match[str]) -> str:
        name = f"pictures/{hashlib.sha256(match[1].encode()).hexdigest()[:12]}.png"
        if files.get_file_from_path(name) is None:
            file = File.generated(config, name, content=_storyboard(match[1], named))
            files.append(file)
        way = posixpath.relpath(name, posixpath.dirname(own) or ".")
        picture = f"![{match[2] or 'Its storyboard: the boxes at six moments of each scene'}]({way})"
        # Written as HTML, since MkDocs takes what stands behind # for a heading.
        there = posixpath.relpath("playground.html", posixpath.dirname(own) or ".")
        link = f'<a href="{there}#story={quote(match[1])}">Try it in the playground</a>'
        return f"{match[0]}\n\n{picture}" + ("" if match[1].startswith("use ") else f"\n\n{link}")

    def shown(match: re.Match[str]) -> str:
        path = ROOT / match[1]
        name = f"pictures/storyboards/{path.stem}.png"
        if files.get_file_from_path(name) is None:
            files.append(File.generated(config, name, content=_drawn(path)))
        way = posixpath.relpath(name, posixpath.dirname(own) or ".")
        return f"```story\n{path.read_text(encoding='utf-8')}```\n\n![The storyboard of {path.name}]({way})"

    def edit(text: str) -> str:
        return LINK.sub(lead, text)

    markdown = STORY.sub(shown, markdown)
    markdown = STORYBOARD.sub(drawn, markdown).replace("<!-- commands -->", _commands())
    markdown = re.sub(r"^```(story|bytes) (\S+)$", r'```\1 title="\2"', markdown, flags=re.MULTILINE)
    return _outside_code(markdown.replace("```bytes", "```text"), edit)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Show a docstring's references, as ``:class:`~a.B```, by their names."""
    return re.sub(
        r":(?:mod|class|func|data|meth|attr):<code>(~?)([\w.]*?)(\w+)</code>",
        lambda match: f"<code>{'' if match[1] else match[2]}{match[3]}</code>",
        html,
    )


def on_post_build(config: MkDocsConfig) -> None:
    """Put the playground's files beside its page, and say what the site was made from."""
    import playground
    import sources

    playground.put(Path(config.site_dir) / "playground")
    (Path(config.site_dir) / sources.NAME).write_text(sources.digest(), encoding="utf-8")


def _named(nav: Any) -> Iterator[str]:
    """The pages that a navigation names."""
    for item in nav if isinstance(nav, list) else nav.values() if isinstance(nav, dict) else [nav]:
        if isinstance(item, str):
            yield item
        else:
            yield from _named(item)


def _present(nav: list[Any], there: set[str]) -> Iterator[Any]:
    """The navigation without pages that are not there yet."""
    for item in nav:
        ((title, inside),) = item.items()
        if isinstance(inside, list):
            if kept := list(_present(inside, there)):
                yield {title: kept}
        elif inside in there:
            yield item


def _resolved(page: str, link: str) -> tuple[str | None, str]:
    """The repository's file that a link in ``page`` leads to, None where it leads elsewhere; and its ``#anchor``."""
    path, hash_, anchor = link.partition("#")
    if not path or re.match(r"[a-z]+:", path):
        return None, ""
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), path)), hash_ + anchor


def _targets(page: str, text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []

    def note(part: str) -> str:
        for match in LINK.finditer(part):
            target, anchor = _resolved(page, match[2])
            if target is not None and not target.startswith(".."):
                found.append((target, anchor))
        return part

    _outside_code(text, note)
    return found


def _place(target: str) -> str:
    """Where a file of the repository is in the site."""
    if target.startswith("docs/"):
        return target.removeprefix("docs/")
    return target if target.endswith((".md", *PICTURES)) else f"source/{target}.md"


def _as_page(target: str) -> str:
    path = ROOT / target
    if path.is_dir():
        inside = sorted(
            each.name + "/" * each.is_dir() for each in path.iterdir() if not each.name.startswith((".", "_"))
        )
        return "\n".join([f"# {target}", "", "A folder of the repository:", "", *(f"- `{name}`" for name in inside)])
    hidden = "---\nsearch: { exclude: true }\n---\n"
    language = {"py": "python", "lark": "text", "story": "story", "json": "json"}.get(path.suffix[1:], "text")
    return f"{hidden}# {target}\n\n````{language}\n{path.read_text(encoding='utf-8')}\n````\n"


def _outside_code(markdown: str, edit: Callable[[str], str]) -> str:
    """``edit`` applied to what stands outside of blocks of code."""
    parts = re.split(r"(^ *```.*?^ *```$)", markdown, flags=re.MULTILINE | re.DOTALL)
    return "".join(part if number % 2 else edit(part) for number, part in enumerate(parts))


@cache
def _commands() -> str:
    """The help of every command, under a heading for each group and each command."""
    from argparse import _SubParsersAction
    from itertools import groupby

    from dreamrunner.cli.command_table import COMMANDS
    from dreamrunner.cli.parsing import parser_of

    os.environ["COLUMNS"] = "82"
    parts = []
    for group, commands in groupby(COMMANDS.values(), key=lambda command: command.group):
        parts.append(f"## To {group}" if group != "help" else "## For help")
        for command in commands:
            parser = parser_of(command.name)
            parts += [f"### {command.name}", f"```text\n{parser.format_help()}```"]
            for action in parser._actions:
                if isinstance(action, _SubParsersAction):
                    parts += [f"```text\n{inner.format_help()}```" for inner in action.choices.values()]
    return "\n\n".join(parts)


def _storyboard(story: str, others: Mapping[str, str]) -> bytes:
    """The picture that ``dreamrunner storyboard`` draws of a story, with ``others`` beside it by their names."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in others.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        # A story without a title is called as its file.
        scene = re.search(r"^scene (\S+)", story, re.MULTILINE)
        path = Path(folder) / f"{scene[1] if scene else 'story'}.story"
        path.write_text(story, encoding="utf-8")
        return _drawn(path)


def _drawn(path: Path) -> bytes:
    """The picture that ``dreamrunner storyboard`` draws of a file."""
    from dreamrunner import load

    with tempfile.TemporaryDirectory() as folder:
        return load(path).storyboard(Path(folder) / "boxes.png").picture.read_bytes()
