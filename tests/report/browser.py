"""A real browser, headless: the Chromium or Chrome of the machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

NAMES = (
    "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
)  # fmt: skip
"""The first is Chromium without windows: it starts in half the time, and a page costs a quarter less."""

ARGUMENTS = ["--no-sandbox", "--process-per-site", "--disable-gpu", "--disable-software-rasterizer"]
"""Nothing here asks for three dimensions; a processor that plays a graphics card costs a tenth of what a page does."""


def found() -> str | None:
    """The browser's path, if there is one; CI must have one."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None and os.environ.get("CI"):
        raise RuntimeError(f"the tests of pages need a browser: none of {', '.join(NAMES)} is installed")
    return path


needs_browser = pytest.mark.skipif(found() is None, reason="needs Chromium or Chrome")


@pytest.fixture(scope="package")  # no longer: while it runs, no other test may run an event loop
def browser() -> Iterator[Browser]:
    """A browser for the tests of a package, whose conftest.py names it."""
    with sync_playwright() as playwright:
        found_browser = playwright.chromium.launch(executable_path=found(), args=ARGUMENTS)
        yield found_browser
        found_browser.close()


@contextmanager
def opened(browser: Browser, path: Path, width: int = 1440, scheme: str = "light") -> Iterator[tuple[Page, list[str]]]:
    """A file opened in the browser, and a list of every request that the page makes besides itself."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if request.url != path.as_uri():
            asked.append(request.url)

    page = browser.new_page(
        viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page.on("request", note)
    page.goto(path.as_uri())
    yield page, asked
    page.close()
