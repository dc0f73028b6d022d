"""Finds records of a draft whose quotes are not in the document, or were found by a person not to say it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from offramp.common.texts import tr
from offramp.common.words import cut
from offramp.draft.brief_checks import brief_faults
from offramp.draft.brief_records import claims_of
from offramp.draft.brief_text import written_brief
from offramp.draft.redteam.weak_point import PointQuote, WeakPoint
from offramp.draft.sidecar import Draft, crisis_edited


def failing_quotes(draft: Draft, folder: Path) -> Iterator[WeakPoint]:
    """The records of a draft that rest on no words of the document, though words were given for them."""
    lines, claims = _lines(draft, folder), claims_of(draft.brief)
    for id_, check in draft.checks.items():
        if check.state == "failed":
            yield WeakPoint(
                "quote",
                id_,
                f"{_sentence(claims[id_].says)} {tr('The words that are given for it are not in the document')}",
                tr("words of the document that say it, or that it is ours"),
                lines.get(id_, ()),
                quote=PointQuote(claims[id_].quote, "failed"),
            )
    for id_, decision in draft.decided.items():
        if decision.verdict == "not said" and id_ in claims:
            yield WeakPoint(
                "quote",
                id_,
                tr(
                    "{claim} {person} found that the quote does not say so",
                    claim=_sentence(claims[id_].says),
                    person=cut(decision.by, 60),
                ),
                tr("other words of the document that say it"),
                lines.get(id_, ()),
            )


def _sentence(says: str) -> str:
    return f"{says.rstrip('. ')}."


def _lines(draft: Draft, folder: Path) -> Mapping[str, tuple[int, ...]]:
    """The first line of each record in the crisis file; none if a person has changed the file."""
    if crisis_edited(folder, draft) or brief_faults(draft.brief):
        return {}
    first: dict[str, tuple[int, ...]] = {}
    written = written_brief(draft.brief, draft.checks, draft.document.title, draft.as_of)
    for number, id_ in enumerate(written.record_at, start=1):
        first.setdefault(id_, (number,))
    return first
