"""The pages for contributors name files that exist, and the citation has the version of the package."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_every_file_and_link_of_the_page_exists() -> None:
    named = set(re.findall(r"`((?:src|tests|docs|web)/[\w./-]+)`", PAGE))
    links = {link for link in re.findall(r"\]\(([^)#]+)", PAGE) if "://" not in link}
    assert len(named) > 30
    missing = [name for name in sorted(named | links) if not (ROOT / name).exists()]
    assert [name for name in missing if "NAME" not in name and "QUESTION" not in name] == []


def test_every_package_has_a_line() -> None:
    packages = {path.parent.name for path in (ROOT / "src" / "offramp").glob("*/__init__.py")}
    assert set(re.findall(r"^\| `(\w+)` \| ", PAGE, re.MULTILINE)) == packages


def test_the_citation_has_the_version_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert (str(citation["version"]), citation["license"]) == (project["version"], project["license"])
