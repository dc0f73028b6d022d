"""The documentation site in a real browser: it reads on a phone and on a screen, in light and dark, and by ear."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.docs.built_site import ROOT
from tests.report.browser import needs_browser, opened

pytestmark = [needs_browser, pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")]

PAGES = sorted(
    str(path.relative_to(ROOT).with_suffix(""))
    for pages in ("docs/*.md", "docs/notebooks/*.ipynb", "crises/*/README.md", "*.md")
    for path in ROOT.glob(pages)
)


EVERY_KIND = ["docs/index", "docs/howto", "docs/gallery", "docs/solving", "docs/architecture", "docs/style", "SECURITY"]
"""Pages that together have all kinds of parts: cards, pictures, equations, code, tables, lists, navigation."""
MODES = [(390, "light"), (1440, "dark"), (390, "dark"), (1440, "light")]
"""Widths and schemes; a page is read in one of them, in turn, and those of every kind in all."""
READ = [(name, *MODES[place % 4]) for place, name in enumerate(PAGES)]
READ += [(name, *mode) for name in EVERY_KIND for mode in MODES if (name, *mode) not in READ]
CODE = {"exclude": [[".highlight"]]}
"""Long pages have thousands of coloured words of code, in the colours that the pages of every kind have too."""


def serious(page: Page, context: object = None) -> list[object]:
    """What axe finds on a page that is serious or critical, with the places."""
    violations = Axe().run(page, context=context).response["violations"]
    found = [entry for entry in violations if entry["impact"] in ("serious", "critical")]
    return [(entry["id"], [node["html"][:200] for node in entry["nodes"]]) for entry in found]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_phone_and_asks_for_nothing(browser: Browser, site: Path, name: str) -> None:
    with opened(browser, site / f"{name}.html", 390) as (page, asked):
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert page.locator("h1").first.is_visible()
        assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


@pytest.mark.parametrize(("name", "width", "scheme"), READ)
def test_axe_finds_nothing_serious(browser: Browser, site: Path, name: str, width: int, scheme: str) -> None:
    with opened(browser, site / f"{name}.html", width, scheme) as (page, _):
        assert serious(page, None if name in EVERY_KIND else CODE) == []
