"""The documentation site builds without a warning, its links lead somewhere, and it needs no network."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from offramp import __all__ as public
from tests.docs.built_site import ROOT, Page
from tests.every_command import EVERY_COMMAND


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path) for path in sorted(site.rglob("*.html")) if "_static" not in path.parts}


def test_every_page_of_the_repository_is_a_page_of_the_site(site: Path) -> None:
    written = [
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("docs/**/*.ipynb"),
        *ROOT.glob("crises/*/*.md"),
        *ROOT.glob("*.md"),
    ]
    assert len(written) > 25
    for path in written:
        assert (site / path.relative_to(ROOT).with_suffix(".html")).is_file(), path


def test_every_link_leads_to_a_page_and_a_place_that_exist(pages: dict[Path, Page]) -> None:
    broken = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme in ("http", "https", "mailto"):
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            missing = not target.is_file()
            fragment = unquote(parts.fragment)
            if not missing and fragment and target.suffix == ".html":
                missing = fragment not in pages[target].places
            if missing:
                broken.append(f"{path.name}: {link}")
    assert broken == []


def test_no_page_loads_anything_from_elsewhere(site: Path, pages: dict[Path, Page]) -> None:
    assert sum(len(page.loaded) for page in pages.values()) > 100
    for path, page in pages.items():
        for loaded in page.loaded:
            parts = urlsplit(loaded)
            assert parts.scheme in ("", "data"), (path, loaded)
            assert not parts.netloc, (path, loaded)
            assert parts.scheme or (path.parent / unquote(parts.path)).is_file(), (path, loaded)
    for style in site.rglob("*.css"):
        asked = re.findall(r"(?:@import\s+|url\()\s*['\"]?((?:https?:)?//[^'\")]+)", style.read_text(encoding="utf-8"))
        assert asked == [], style


def test_every_command_and_every_public_name_has_its_place(site: Path, pages: dict[Path, Page]) -> None:
    commands = (site / "docs" / "commands.html").read_text(encoding="utf-8")
    for name, command in EVERY_COMMAND.items():
        assert f"offramp-{name}" in pages[site / "docs" / "commands.html"].places
        for flag in (flag for one in command.params if one.param_type_name == "option" for flag in one.opts):
            assert flag in commands, (name, flag)
    assert {f"offramp.{name}" for name in public} - {"offramp.__version__"} <= pages[site / "docs/python.html"].places


def test_every_crisis_has_its_card(site: Path, pages: dict[Path, Page]) -> None:
    links = {link.removeprefix("../crises/").split("/")[0] for link in pages[site / "docs" / "gallery.html"].links}
    folders = {path.parent.name for path in ROOT.glob("crises/*/README.md")}
    assert len(folders) > 1
    assert folders <= links
