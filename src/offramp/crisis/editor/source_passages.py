"""The passage that a cite names, with all paragraphs of its source."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from offramp.common.words import listed, nearest
from offramp.crisis.checks.cites import located, parts_of
from offramp.crisis.checks.sources import paragraphs_of
from offramp.crisis.editor.offsets import Offsets
from offramp.crisis.model import Crisis
from offramp.crisis.parts import Source


@dataclass(frozen=True)
class SourcePassage:
    """The paragraphs of a source, and the cited one.

    `number` is the cited paragraph, from 1; `start` and `end` are the span in it, in UTF-16 units. If there is no text
    or no such passage, `note` says why.
    """

    cite: str
    source: str | None = None
    title: str | None = None
    author: str | None = None
    date: str | None = None
    url: str | None = None
    paragraphs: tuple[str, ...] = ()
    number: int | None = None
    start: int | None = None
    end: int | None = None
    note: str | None = None

    def to_dict(self) -> dict[str, object]:
        source = {"source": self.source, "title": self.title, "author": self.author, "date": self.date, "url": self.url}
        place = {"number": self.number, "from": self.start, "to": self.end, "note": self.note}
        return {"cite": self.cite, **source, "paragraphs": list(self.paragraphs), **place}


def passage(crisis: Crisis, cite: str) -> SourcePassage:
    """The passage that a cite names; only files inside the crisis's own folder are read."""
    parts = parts_of(cite)
    if parts is None:
        return SourcePassage(cite, note='this is not a cite; write SOURCE ¶3 or SOURCE "phrase"')
    key, wanted = parts
    source = crisis.sources.get(key)
    if source is None:
        known = listed(crisis.sources) or "none"
        return SourcePassage(cite, key, note=f"unknown source '{key}'{nearest(key, crisis.sources)} (sources: {known})")
    blocks = None if source.file is None else paragraphs_of(Path(crisis.path).parent, source.file)
    if blocks is None:
        return _of(cite, source, note=_missing_text_note(source))
    place = located(wanted, blocks)
    if place is None:
        missing = f"there is no ¶{wanted}" if isinstance(wanted, int) else f"the phrase '{wanted}' is not in it"
        return _of(cite, source, tuple(blocks), note=f"{missing}; the source has {len(blocks)} paragraphs")
    offsets = Offsets(blocks[place.paragraph - 1])
    span = offsets.units(place.start), offsets.units(place.end)
    return _of(cite, source, tuple(blocks), place.paragraph, *span)


def _of(
    cite: str,
    source: Source,
    blocks: tuple[str, ...] = (),
    number: int | None = None,
    start: int | None = None,
    end: int | None = None,
    note: str | None = None,
) -> SourcePassage:
    return SourcePassage(
        cite, source.key, source.title, source.author, source.date, source.url, blocks, number, start, end, note
    )


def _missing_text_note(source: Source) -> str:
    if source.file is None:
        return f"the crisis file names no file with the text of '{source.key}'; add `file:` to the source"
    return f"the text of '{source.key}' is not available: there is no readable {source.file} in the crisis's folder"
