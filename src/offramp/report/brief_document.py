"""The brief of a run: two pages to print or to edit, as a heading, a paragraph, the analyst's own words and tables.

`brief_page` writes it as HTML and `brief_docx` as a Word document; both show the same words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from offramp.common.numerals import amount, percent, quantity, span
from offramp.common.printable import printable
from offramp.common.texts import tr, trn
from offramp.common.words import cut, listed
from offramp.crisis.names import Names, names_of
from offramp.crisis.parts import Input
from offramp.crisis.steps import Reason
from offramp.runs.result import Run
from offramp.study.brief import Brief
from offramp.study.lead import as_of, endings_now, lead
from offramp.study.standing import drawn_standing, how_many_converged
from offramp.study.wording import odds_word

MOST_ENDINGS, MOST_ASSUMPTIONS, MOST_LEVERS, MOST_EVENTS, MOST_SOURCES = 7, 6, 5, 6, 8
"""Maximum number of rows of each table, so that the brief fits on two pages."""
MOST_CITES = 3
"""Maximum number of cites of one assumption; the others are counted."""
LONGEST = 220
"""Maximum characters of a text from the crisis file; the rest is cut."""


@dataclass(frozen=True)
class BriefTable:
    """A table of texts; `numbers`: the columns that hold numbers."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True)
class BriefSection:
    """A part of the brief: sentences, then a table if it has one."""

    heading: str
    sentences: tuple[str, ...] = ()
    table: BriefTable | None = None


@dataclass(frozen=True)
class BriefDocument:
    """The brief: `own_words` are the analyst's notes in Markdown, shown below the `lead`.

    `draft`: how much a person had read of a draft, empty if it is none or was read whole.
    """

    title: str
    kicker: str
    lead: tuple[str, ...]
    own_words: str
    sections: tuple[BriefSection, ...]
    draft: str = ""


def brief_document(run: Run, manifest: Mapping[str, Any], found: Brief, own_words: str) -> BriefDocument:
    """The brief of a run, from the findings of its report and the analyst's own words."""
    crisis = run.crisis
    parts = (
        _endings(run, found),
        _assumptions(run, found),
        _levers(run, found),
        _events(found),
        _trust(run, manifest),
        _sources(run),
    )
    date = as_of(run, found)
    alarm = (found.update.alarm,) if found.update is not None and found.update.alarm else ()
    return BriefDocument(
        title=_line(crisis.title),
        kicker=" · ".join([tr("Brief"), *([tr("as of {date}", date=date)] if date else []), _draws(run.draws)]),
        lead=(*alarm, *(_line(sentence.text, 1_000) for sentence in lead(run, found))),
        own_words=own_words,
        sections=tuple(part for part in parts if part is not None),
        draft=crisis.draft.sentence if crisis.draft else "",
    )


def _draws(count: int) -> str:
    return trn("{count} draw of the uncertain numbers", "{count} draws of the uncertain numbers", count)


def _line(text: str, longest: int = LONGEST) -> str:
    """A text on one line, cut if it is long, without control characters."""
    return cut(printable(" ".join(text.split())), longest)


def _endings(run: Run, found: Brief) -> BriefSection | None:
    if not run.converged.any():
        return None
    avoided = run.crisis.avoided
    entries = endings_now(run, found)
    kept = [entry for n, entry in enumerate(entries) if n < MOST_ENDINGS or entry.ending.key in avoided]
    rows = [
        (
            _named(entry.ending.name, is_avoided=entry.ending.key in avoided),
            odds_word(entry.now.mean),
            percent(entry.now.mean),
            span(entry.now.p05, entry.now.p95),
            *([percent(entry.outset.mean)] if entry.outset else []),
        )
        for entry in kept
    ]
    left = len(entries) - len(kept)
    left_out = trn("{count} less likely ending is left out.", "{count} less likely endings are left out.", left)
    heads = [tr("ending"), tr("in words"), tr("mean"), tr("nine draws out of ten")]
    if kept[0].outset:
        heads.append(tr("at the outset"))
    table = BriefTable(tuple(heads), tuple(rows), (2, 3, 4))
    return BriefSection(tr("How it can end"), (left_out,) if left else (), table)


def _named(ending: str, *, is_avoided: bool) -> str:
    return tr("{ending} (to avoid)", ending=_line(ending)) if is_avoided else _line(ending)


def _assumptions(run: Run, found: Brief) -> BriefSection | None:
    if found.weights is None or not found.weights.carried:
        return None
    names, carried = names_of(run.crisis), list(found.weights.carried.items())[:MOST_ASSUMPTIONS]
    rows = tuple(
        (_line(entry.name), _range(entry), percent(share), _reason(entry.reason, names))
        for entry, share in ((run.crisis.inputs[key], share) for key, share in carried)
    )
    if found.update is not None and len(found.update.stages) > 1:
        sentence = tr("Share: how much of the spread of the endings at the outset over the draws comes from it.")
    else:
        sentence = tr("Share: how much of the spread of the endings over the draws comes from it.")
    overlap = tr("Shares overlap where assumptions act together, so they can add up to more than 100%.")
    heads = (tr("assumption"), tr("5% to 95%"), tr("share"), tr("why it is assumed"))
    return BriefSection(tr("What it rests on"), (f"{sentence} {overlap}",), BriefTable(heads, rows, (1, 2)))


def _range(entry: Input) -> str:
    low, high = map(float, entry.distribution.quantile(np.array([0.05, 0.95])))
    span = tr("{low} to {high}", low=quantity(low), high=quantity(high))
    return f"{span} {_line(entry.unit, 40)}" if entry.unit else span


def _reason(reason: Reason, names: Names) -> str:
    shown = (_line(names.cite(cite), 60) for cite in reason.cites)
    cites = f" [{listed(shown, MOST_CITES)}]" if reason.cites else ""
    return f"{_line(reason.because) if reason.because else ''}{cites}".strip() or tr("no reason is given")


def _levers(run: Run, found: Brief) -> BriefSection | None:
    if found.levers is None or not (found.levers.singles or found.levers.impossible):
        return None
    crisis, levers = run.crisis, found.levers
    rows = []
    for lever_set in levers.singles[:MOST_LEVERS]:
        lever = crisis.levers[lever_set.levers[0]]
        moved = lever_set.endings[levers.ending]
        rows.append(
            (
                _line(lever.name),
                percent(lever_set.after[levers.ending]),
                moved.points,
                amount(lever.cost) if lever.cost is not None else "–",
                _line(lever.says) if lever.says else _reason(lever.reason, found.levers.names),
            )
        )
    heads = (tr("lever"), _line(levers.goal.name, 60), tr("change, points"), tr("cost"), tr("what it is"))
    table = BriefTable(heads, tuple(rows), (1, 2, 3)) if rows else None
    said = (levers.on_best_lever,) if levers.on_best_lever else ()
    return BriefSection(tr("What could be done"), said, table)


def _events(found: Brief) -> BriefSection | None:
    if found.update is None or len(found.update.stages) < 2:
        return None
    sentences = tuple(_line(sentence, 400) for sentence in found.update.answer[:MOST_EVENTS])
    return BriefSection(tr("What has been observed"), sentences)


def _trust(run: Run, manifest: Mapping[str, Any]) -> BriefSection:
    _, warning = drawn_standing(run)
    numbers = [entry for entry in run.crisis.inputs.values() if not entry.recorded]
    ours, total = sum(not entry.reason.cites for entry in numbers), len(numbers)
    assumed = trn(
        "{count} of its {total} uncertain numbers cites no source.",
        "{count} of its {total} uncertain numbers cite no source.",
        ours, total=total,
    )  # fmt: skip
    return BriefSection(
        tr("How far to trust it"),
        (
            tr("These are the numbers of a model, not frequencies: they say what follows from its assumptions."),
            *((assumed,) if total else ()),
            how_many_converged(run.draws, int(run.converged.sum())),
            *((warning,) if warning else ()),
            tr("To repeat it: {command}", command=_line(str(manifest["command"]), 300)),
        ),
    )


def _sources(run: Run) -> BriefSection | None:
    sources = list(run.crisis.sources.values())
    if not sources:
        return None
    lines = tuple(
        _line(", ".join(part for part in (source.author, source.title, source.date) if part))
        for source in sources[:MOST_SOURCES]
    )
    left_out = len(sources) - MOST_SOURCES
    more = trn("{count} more in the crisis file.", "{count} more in the crisis file.", left_out)
    return BriefSection(tr("Sources"), (*lines, *((more,) if left_out > 0 else ())))
