"""Cites: `SOURCE ¶N` or `SOURCE "phrase"`, checked against the source's text if it is available."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from offramp.common.lookalikes import plain_hint
from offramp.common.words import listed, nearest, nearest_word, quoted
from offramp.crisis.checks.sources import paragraphs_of
from offramp.crisis.faults import Faults
from offramp.crisis.parts import Cite, Source
from offramp.crisis.reasoned_parts import Reasoned
from offramp.crisis.scalars import StandIn
from offramp.crisis.steps import Reason
from offramp.crisis.text.document import Scalar

_CITE = re.compile(r'(?P<source>\S+)\s+(?:¶\s*(?P<paragraph>[0-9]{1,6})|"(?P<phrase>[^"]+)")')
FIRST_WORDS = 12


@dataclass(frozen=True)
class CitedPassage:
    """A place in the text of a source: a paragraph, counted from 1, and in it the span of a phrase."""

    paragraph: int
    start: int
    end: int


def parts_of(cite: str) -> tuple[str, int | str] | None:
    """The source of a cite, and its paragraph number or its phrase; None if it is not a cite.

    Examples
    --------
    >>> parts_of("cable-7 ¶4"), parts_of('cable-7 "shot  down"')
    (('cable-7', 4), ('cable-7', 'shot down'))
    """
    match = _CITE.fullmatch(cite.strip())
    if match is None:
        return None
    number = match["paragraph"]
    return match["source"], int(number) if number else " ".join(match["phrase"].split())


def located(wanted: int | str, blocks: Sequence[str]) -> CitedPassage | None:
    """The passage of a source with a paragraph number or a phrase, or None."""
    if isinstance(wanted, int):
        return CitedPassage(wanted, 0, len(blocks[wanted - 1])) if 1 <= wanted <= len(blocks) else None
    for number, block in enumerate(blocks, start=1):
        at = block.find(wanted)
        if at >= 0:
            return CitedPassage(number, at, at + len(wanted))
    return None


def first_cited_words(cite: str, folder: Path, file: str) -> str | None:
    """The first words of the cited passage of a file inside the folder, or None."""
    parts = parts_of(cite)
    blocks = paragraphs_of(folder, file) if parts else None
    place = located(parts[1], blocks) if parts and blocks else None
    return _first_words(blocks[place.paragraph - 1][place.start :]) if place and blocks else None


class CiteChecker:
    """Checks cites against sources, reading each source's text once; `cites` holds the valid cites.

    If the sources are not `complete`, some of them could not be read. `allow_outside`: as for `read`.
    """

    def __init__(
        self, sources: Mapping[str, Source], complete: bool, folder: Path, faults: Faults, allow_outside: bool
    ) -> None:
        self.allow_outside = allow_outside
        self.sources = sources
        self.complete = complete
        self.folder = folder
        self.faults = faults
        self.cites: list[Cite] = []
        self.texts: dict[str, list[str] | None] = {}

    def reason(self, part: Reasoned) -> Reason:
        """The reason of a part of the file; each of its cites is checked."""
        written = part.cite if isinstance(part.cite, list) else [] if part.cite is None else [part.cite]
        cites = [cite for cite in written if not isinstance(cite, StandIn)]
        for cite in cites:
            self.check(cite)
        because = None if part.because is None or not part.because.strip() else str(part.because)
        return Reason(because, tuple(dict.fromkeys(map(str, cites))))

    def check(self, cite: Scalar) -> None:
        parts = parts_of(cite)
        if parts is None:
            message = f'expected a cite such as SOURCE ¶3 or SOURCE "phrase", found {quoted(cite)}'
            self.faults.add(cite.place, message + (_hint(cite) or plain_hint(cite)))
            return
        key, wanted = parts
        if key not in self.sources and not self.complete and nearest_word(key, self.sources) is None:
            return
        if key not in self.sources:
            known = f" (sources: {listed(self.sources)})" if self.sources else " (the file names no sources)"
            self.faults.add(cite.place, f"unknown source {quoted(key)} in a cite{nearest(key, self.sources)}{known}")
            return
        blocks = self.text_of(key)
        words = None if blocks is None else self.cited_words(cite, key, wanted, blocks)
        self.cites.append(Cite(str(cite), key, words, cite.place))

    def cited_words(self, cite: Scalar, key: str, wanted: int | str, blocks: list[str]) -> str | None:
        """The first words of the cited passage; None, with a fault added, if there is no such passage."""
        place = located(wanted, blocks)
        if place is not None:
            return _first_words(blocks[place.paragraph - 1][place.start :])
        if isinstance(wanted, int):
            has = f"paragraphs ¶1 to ¶{len(blocks)}" if blocks else "no paragraphs"
            self.faults.add(cite.place, f"source '{key}' has {has}; there is no ¶{wanted}")
        else:
            from offramp.crisis.checks.misquotes import mismatch_hint

            message = f"source '{key}' does not contain the phrase {quoted(wanted)}{mismatch_hint(wanted, blocks)}"
            self.faults.add(cite.place, message)
        return None

    def text_of(self, key: str) -> list[str] | None:
        if key not in self.texts:
            name = self.sources[key].file
            self.texts[key] = None if name is None else paragraphs_of(self.folder, name, self.allow_outside)
        return self.texts[key]


def _hint(cite: Scalar) -> str:
    """A hint on a text that is not a cite: it holds several, or a comma in brackets has cut its phrase."""
    if all(map(parts_of, re.split("[,;]", cite))):
        return "; write several cites as a list, [CITE, CITE]"
    cut = cite.count('"') == 1 and not cite.quoted
    return "; in brackets a comma ends a cite: put quotes around the whole of it" if cut else ""


def _first_words(text: str) -> str:
    words = text.split()
    return " ".join(words[:FIRST_WORDS]) + (" ..." if len(words) > FIRST_WORDS else "")
