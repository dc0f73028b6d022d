"""Cites: `SOURCE ¶N` or `SOURCE "phrase"`, checked against the source's text where it is there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from offramp.crisis.document import Scalar
from offramp.crisis.faults import Faults, listed, nearest, nearest_word, quoted
from offramp.crisis.model import Cite, Reason, Source
from offramp.crisis.schema import Reasoned, StandIn

_CITE = re.compile(r'(?P<source>\S+)\s+(?:¶\s*(?P<paragraph>[0-9]{1,6})|"(?P<phrase>[^"]+)")')
MAX_BYTES = 5_000_000
FIRST_WORDS = 12


def paragraphs(text: str) -> list[str]:
    r"""Blocks of text between blank lines, white space folded.

    Examples
    --------
    >>> paragraphs("A title\n\nFirst line,\nsecond line.\n")
    ['A title', 'First line, second line.']
    """
    return [" ".join(block.split()) for block in re.split(r"\n\s*\n", text) if block.strip()]


class CiteChecker:
    """Checks cites against sources, reading each source's text once; `found` holds those without fault.

    Where the sources are not `complete`, some of them could not be read.
    """

    def __init__(self, sources: Mapping[str, Source], complete: bool, folder: Path, faults: Faults) -> None:
        self.sources = sources
        self.complete = complete
        self.folder = folder
        self.faults = faults
        self.found: list[Cite] = []
        self.texts: dict[str, list[str] | None] = {}

    def reason(self, part: Reasoned) -> Reason:
        """Why a part of the file is assumed; its cite is checked."""
        if part.cite is not None and not isinstance(part.cite, StandIn):
            self.check(part.cite)
        because = None if part.because is None else str(part.because)
        return Reason(because, None if part.cite is None else str(part.cite))

    def check(self, cite: Scalar) -> None:
        match = _CITE.fullmatch(cite.strip())
        if match is None:
            self.faults.add(cite.place, f'expected a cite such as SOURCE ¶3 or SOURCE "phrase", found {quoted(cite)}')
            return
        key = match["source"]
        if key not in self.sources and not self.complete and nearest_word(key, self.sources) is None:
            return
        if key not in self.sources:
            known = f" (sources: {listed(self.sources)})" if self.sources else " (the file names no sources)"
            self.faults.add(cite.place, f"unknown source {quoted(key)} in a cite{nearest(key, self.sources)}{known}")
            return
        blocks = self.text_of(key)
        words = None if blocks is None else self.looked_up(cite, match, blocks)
        self.found.append(Cite(str(cite), key, words, cite.place))

    def looked_up(self, cite: Scalar, match: re.Match[str], blocks: list[str]) -> str | None:
        """The first words at the place that a cite names, or None with the fault said."""
        if match["paragraph"]:
            number = int(match["paragraph"])
            if 1 <= number <= len(blocks):
                return _first_words(blocks[number - 1])
            has = f"paragraphs ¶1 to ¶{len(blocks)}" if blocks else "no paragraphs"
            self.faults.add(cite.place, f"source '{match['source']}' has {has}; there is no ¶{number}")
            return None
        phrase = " ".join(match["phrase"].split())
        for block in blocks:
            at = block.find(phrase)
            if at >= 0:
                return _first_words(block[at:])
        self.faults.add(cite.place, f"source '{match['source']}' does not contain the phrase {quoted(phrase)}")
        return None

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
