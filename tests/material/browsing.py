"""Headless Chromium for tests; ``CHROMIUM`` names another one than Debian's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.material.live_page import served

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync --autoplay-policy=no-user-gesture-required"
).split()
LAPTOP, PHONE = (1366, 768), (390, 844)

needed = pytest.mark.skipif(not Path(CHROMIUM).is_file(), reason=f"there is no Chromium at {CHROMIUM}")


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def opened(
    browser: Browser, story: Path, size: tuple[int, int] = LAPTOP, scheme: Any = "light", **more: Any
) -> Iterator[Page]:
    """The live page of a story in a window of its own. Errors of its scripts, and dialogs, are failures."""
    complaints: list[str] = []
    with served(story, **more) as live:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        page.goto(live.url)
        expect(page.locator("#scenes > li").first).to_be_visible()
        yield page
        context.close()
    assert complaints == []
