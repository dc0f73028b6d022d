"""The documentation site in a real browser: it reads on a phone and on a screen, in light and dark, and by ear."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from tests.docs.built_site import ROOT
from tests.report.axe import Scheme, serious
from tests.report.browser import needs_browser

pytestmark = [needs_browser, pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")]

PAGES = sorted(
    str(path.relative_to(ROOT).with_suffix(""))
    for pages in ("docs/*.md", "docs/notebooks/*.ipynb", "crises/*/README.md", "*.md")
    for path in ROOT.glob(pages)
)


EVERY_KIND = ["docs/index", "docs/howto", "docs/gallery", "docs/solving", "docs/architecture", "docs/style", "SECURITY"]
"""Pages that together have all kinds of parts: cards, pictures, equations, code, tables, lists, navigation."""
MODES: list[tuple[int, tuple[Scheme, ...]]] = [
    (390, ("light",)),
    (1440, ("dark",)),
    (390, ("dark",)),
    (1440, ("light",)),
]
"""Widths and schemes; a page is read in one of them, in turn, and those of every kind in all."""
ALL_MODES: list[tuple[int, tuple[Scheme, ...]]] = [(390, ("light", "dark")), (1440, ("dark", "light"))]


@pytest.fixture(scope="module")
def asking(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """A page that shows those of the site one after another, and every address that it asks for.

    One each, with a process of its own, would take three times as long to load.
    """
    asked: list[str] = []
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    yield page, asked
    page.close()


def show(page: Page, path: Path, width: int, scheme: Scheme) -> None:
    """Load a page of the site anew; without motion, as the colours of buttons else take their time to change."""
    page.set_viewport_size(ViewportSize(width=width, height=900))
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(path.as_uri())


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_for_nothing_fits_a_phone_and_axe_finds_nothing_serious(
    asking: tuple[Page, list[str]], site: Path, name: str
) -> None:
    page, asked = asking
    asked.clear()
    for width, schemes in ALL_MODES if name in EVERY_KIND else [MODES[PAGES.index(name) % 4]]:
        show(page, site / f"{name}.html", width, schemes[0])
        assert serious(page, *schemes, code=".highlight pre span") == [], width
    assert asked
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    page.set_viewport_size(ViewportSize(width=390, height=900))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("h1").first.is_visible()
