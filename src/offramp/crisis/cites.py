"""Cites: `SOURCE ¶N` or `SOURCE "phrase"`, checked against the source's text where it is there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from offramp.crisis.document import Scalar
from offramp.crisis.faults import listed, nearest
from offramp.crisis.model import Cite, Source

_CITE = re.compile(r'^(?P<source>\S+)\s+(?:¶\s*(?P<paragraph>\d{1,6})|"(?P<phrase>[^"]+)")$')
MAX_BYTES = 5_000_000
FIRST_WORDS = 12


def paragraphs(text: str) -> list[str]:
    """Blocks of text between blank lines, white space folded.

    Examples
    --------
    >>> paragraphs("A title\\n\\nFirst line,\\nsecond line.\\n")
    ['A title', 'First line, second line.']
    """
    return [" ".join(block.split()) for block in re.split(r"\n\s*\n", text) if block.strip()]


class CiteChecker:
    """Checks cites against sources, reading each source's text once."""

    def __init__(self, sources: Mapping[str, Source], folder: Path) -> None:
        self.sources = sources
        self.folder = folder
        self.texts: dict[str, list[str] | None] = {}

    def check(self, cite: Scalar) -> Cite | str:
        """The cite, or what is wrong with it."""
        match = _CITE.match(cite.strip())
        if match is None:
            return f"expected a cite such as SOURCE ¶3 or SOURCE \"phrase\", found '{cite}'"
        key = match["source"]
        if key not in self.sources:
            known = f" (sources: {listed(self.sources)})" if self.sources else " (the file names no sources)"
            return f"unknown source '{key}' in a cite{nearest(key, self.sources)}{known}"
        blocks = self.text_of(key)
        if blocks is None:
            return Cite(str(cite), key, None, cite.place)
        if match["paragraph"]:
            number = int(match["paragraph"])
            if not 1 <= number <= len(blocks):
                return f"source '{key}' has paragraphs ¶1 to ¶{len(blocks)}; there is no ¶{number}"
            return Cite(str(cite), key, _first_words(blocks[number - 1]), cite.place)
        phrase = " ".join(match["phrase"].split())
        for block in blocks:
            at = block.find(phrase)
            if at >= 0:
                return Cite(str(cite), key, _first_words(block[at:]), cite.place)
        return f"source '{key}' does not contain the phrase \"{phrase}\""

    def text_of(self, key: str) -> list[str] | None:
        if key not in self.texts:
            name = self.sources[key].file
            self.texts[key] = None
            if name is not None:
                path = self.folder / name
                try:
                    if path.is_file() and path.stat().st_size <= MAX_BYTES:
                        self.texts[key] = paragraphs(path.read_text(encoding="utf-8", errors="replace"))
                except (OSError, ValueError):
                    self.texts[key] = None
        return self.texts[key]


def _first_words(text: str) -> str:
    words = text.split()
    return " ".join(words[:FIRST_WORDS]) + (" ..." if len(words) > FIRST_WORDS else "")
