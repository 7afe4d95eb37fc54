"""The built site: its pages fetch nothing from elsewhere, and what they fetch and link to is there."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

from dreamrunner.cli.command_table import COMMANDS

FETCHED = {"script": "src", "img": "src", "iframe": "src", "link": "href", "source": "src", "video": "src"}


class Found(HTMLParser):
    """What a page fetches, what it links to, and the names in it that links can lead to."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.links: list[str] = []
        self.names: set[str] = set()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.names |= {name for name in (given.get("id"), given.get("name")) if name}
        if address := given.get(FETCHED.get(tag, "")):
            self.fetched.append(address)
        elif tag == "a" and (address := given.get("href")):
            self.links.append(address)


def test_nothing_is_fetched_from_elsewhere_and_links_lead_somewhere(built_site: Path) -> None:
    pages = {page: Found(page) for page in built_site.rglob("*.html") if page.name != "404.html"}
    assert len(pages) > 80
    for page, found in pages.items():
        for address in found.fetched:
            assert not re.match(r"(\w+:)?//", address), f"{page} fetches {address}"
            assert (page.parent / unquote(address).partition("?")[0]).exists(), f"{page} fetches {address}"
        for address in found.links:
            path, _, name = unquote(address).partition("#")
            if re.match(r"[a-z]+:", path):
                continue
            target = (page.parent / path).resolve() if path else page
            assert target.exists(), f"{page} links to {address}"
            if name and target in pages and not name.startswith("story="):
                assert name in pages[target].names, f"{page} links to {address}"


def test_every_command_says_on_its_page_how_it_is_used(built_site: Path) -> None:
    page = (built_site / "commands.html").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"usage: dreamrunner {name}" not in page] == []


def test_styles_fetch_nothing_from_elsewhere(built_site: Path) -> None:
    for style in built_site.rglob("*.css"):
        assert not re.search(r"url\(\s*['\"]?(?:https?:)?//", style.read_text(encoding="utf-8")), style
