"""The crisis language for an assistant: condensed to one page, and each section of its reference in full."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from offramp.common.errors import UsageError
from offramp.common.words import expected

_PACKAGE = Path(__file__).resolve().parents[1]
_HEADING = re.compile(r"^## (.+)\n", re.MULTILINE)
_MARK = re.compile(r"^<!-- .*? -->\n", re.MULTILINE | re.DOTALL)
"""A comment that tells the tests of the reference what an example shows."""


@cache
def condensed_language() -> str:
    """The whole language on one page of 8 KB at most."""
    return assistant_text("condensed_language.md")


def assistant_text(name: str) -> str:
    """A text of the folder `texts`, by the name of its file."""
    return (_PACKAGE / "mcp" / "texts" / name).read_text(encoding="utf-8")


@cache
def language_sections() -> dict[str, str]:
    """The sections of the reference `docs/language.md`, by their headings with `-` between the words."""
    page = next(path for path in (_PACKAGE / "docs", _PACKAGE.parents[1] / "docs") if path.is_dir()) / "language.md"
    parts = _HEADING.split(_MARK.sub("", page.read_text(encoding="utf-8")))
    headings, bodies = parts[1::2], parts[2::2]
    return {
        re.sub(r"\W+", "-", heading.lower()).strip("-"): f"## {heading}\n{body}"
        for heading, body in zip(headings, bodies, strict=True)
    }


def language_section(name: str) -> str:
    """A section of the reference; UsageError if there is none of that name, with the nearest or all names."""
    sections = language_sections()
    if name not in sections:
        raise UsageError(f"the language has no section '{name[:60]}'{expected(name, sections, len(sections))}")
    return sections[name]
