"""How far apart rival drafts are, in sentences and tables."""

from __future__ import annotations

import math
import shlex
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from offramp.common.numerals import deviation, percent
from offramp.common.printable import printable
from offramp.common.texts import tr, trn
from offramp.common.words import listed
from offramp.crisis.draft_standing import DraftStanding
from offramp.crisis.names import Names, capital
from offramp.runs.weighted import Interval
from offramp.study.basis import of_draws
from offramp.study.finding import Column, Finding, Table, Value
from offramp.study.key_map import Confirmation

SAID = 3
"""How many endings the answer mentions."""
LACKS = tr("does not have it")
ONE_OF = {"endings": "ending", "actors": "actor", "steps": "step", "options": "option", "inputs": "input"}
CALLED = {
    "ending": tr("ending"),
    "actor": tr("actor"),
    "step": tr("step"),
    "option": tr("option"),
    "input": tr("input"),
}
"""What readers call a part of each section."""


@dataclass(frozen=True)
class DraftEnding:
    """An ending in one draft, over its draws: the interval, the standard deviation, and the error of the mean."""

    interval: Interval
    deviation: float
    error: float

    @property
    def mean(self) -> float:
        """Its probability; NaN if no draw converged."""
        return self.interval.mean


@dataclass(frozen=True)
class SolvedDraft:
    """A draft: its label, its own endings by key, how many draws `converged`, and how much of it a person has read."""

    label: str
    names: Names
    converged: int
    endings: Mapping[str, DraftEnding]
    standing: DraftStanding | None


@dataclass(frozen=True)
class SharedEnding:
    """An ending that several drafts have: its name, and what it is in each draft that has it.

    With equal weights, the variance of the probability over all draws of all drafts is the mean of the drafts' own
    variances plus the variance of their means (the law of total variance).
    """

    key: str
    name: str
    by_draft: Mapping[str, DraftEnding]

    @cached_property
    def solved(self) -> dict[str, DraftEnding]:
        """The drafts that have it and numbers, by their means, lowest first."""
        known = {label: one for label, one in self.by_draft.items() if not math.isnan(one.mean)}
        return dict(sorted(known.items(), key=lambda item: item[1].mean))

    @property
    def lowest(self) -> str | None:
        """The draft in which it is the least likely, if two or more have it."""
        return next(iter(self.solved)) if len(self.solved) > 1 else None

    @property
    def highest(self) -> str | None:
        """The draft in which it is the likeliest, if two or more have it."""
        return next(reversed(self.solved)) if len(self.solved) > 1 else None

    @property
    def means(self) -> list[float]:
        """The means of the drafts, lowest first."""
        return [one.mean for one in self.solved.values()]

    @property
    def range(self) -> float:
        """The highest mean less the lowest; NaN of a single draft."""
        return self.means[-1] - self.means[0] if self.lowest else math.nan

    @property
    def between(self) -> float:
        """The standard deviation of the drafts' means; NaN of a single draft."""
        return float(np.std(self.means)) if self.lowest else math.nan

    @property
    def within(self) -> float:
        """The mean of the drafts' standard deviations over their draws; NaN without any."""
        return float(np.mean([one.deviation for one in self.solved.values()])) if self.solved else math.nan

    @property
    def share_between(self) -> float:
        """The share of the variance over all draws of all drafts that lies between them; NaN if there is none."""
        within = float(np.mean([one.deviation**2 for one in self.solved.values()])) if self.solved else math.nan
        total = self.between**2 + within
        return self.between**2 / total if total > 0.0 else math.nan


@dataclass(frozen=True)
class OnlySome:
    """A part that some drafts have and others do not; `section` of the map."""

    section: str
    name: str
    having: tuple[str, ...]
    lacking: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class Rivals(Finding):
    """Rival drafts, each solved over the same number of draws.

    `place`: the folder of the map. `endings`: those in a row of the map, if a person has confirmed the rows; `own`: the
    keys of each draft's other endings, which are all if nobody has. `only_some`: what not every draft has.
    """

    place: str
    draws: int
    seed: int
    confirmation: Confirmation | None
    are_endings_confirmed: bool
    drafts: tuple[SolvedDraft, ...]
    endings: tuple[SharedEnding, ...]
    own: Mapping[str, tuple[str, ...]]
    only_some: tuple[OnlySome, ...]

    @property
    def title(self) -> str:
        return tr("{place}: where do the rival drafts differ?", place=self.place)

    @property
    def basis(self) -> str:
        read = [f"{one.label}: {one.standing}" for one in self.drafts if one.standing is not None]
        sentences = [f"{'; '.join(read)}."] if read else []
        sentences.append(tr("Each draft: {draws}", draws=of_draws(self.draws, self.seed)))
        if (by := self.confirmation) is not None and self.endings:
            person = printable(by.by)
            sentences.append(tr("Which endings are the same, {person} confirmed on {date}.", person=person, date=by.on))
        return " ".join(sentences)

    @property
    def answer(self) -> tuple[str, ...]:
        return tuple(self._sentences())

    def _sentences(self) -> Iterator[str]:
        if not self.are_endings_confirmed:
            yield self._unconfirmed()
        apart = sorted((one for one in self.endings if one.lowest), key=lambda one: -one.range)
        yield from map(self._apart, apart[:SAID])
        yield from self._likeliest()
        lacking = [one for one in self.endings if len(one.by_draft) < len(self.drafts)]
        for one in lacking[:SAID]:
            without = listed(draft.label for draft in self.drafts if draft.label not in one.by_draft)
            yield tr(
                "{ending} is no ending of {drafts}: not counted there, not as 0 either.",
                ending=capital(one.name),
                drafts=without,
            )
        counts = Counter(one.section for one in self.only_some)
        if counts:
            parts = listed(_counted(section, number) for section, number in counts.items())
            yield tr("Not in every draft: {parts}.", parts=parts)
        for draft in self.drafts:
            if left := self.draws - draft.converged:
                yield trn(
                    "{count} of {draws} draws of {draft} did not converge; they are left out of every number.",
                    "{count} of {draws} draws of {draft} did not converge; they are left out of every number.",
                    left,
                    draws=f"{self.draws:,}",
                    draft=draft.label,
                )

    def _unconfirmed(self) -> str:
        command = printable(f"offramp rivals {shlex.quote(self.place)} --confirm")
        if self.confirmation is None:
            return tr(
                "Nobody has confirmed which endings of the drafts are the same, so no numbers are compared: `{command}`"
                " asks you. Below are the endings of each draft by itself.",
                command=command,
            )
        return tr(
            "Nobody has confirmed which endings of the drafts are the same since the map was changed, so no numbers "
            "are compared: `{command}` asks you. Below are the endings of each draft by itself.",
            command=command,
        )

    def _apart(self, one: SharedEnding) -> str:
        low, high = one.solved[str(one.lowest)], one.solved[str(one.highest)]
        return tr(
            "{ending}: {low} in {lowest}, {high} in {highest}, {range} points apart; standard deviation {between} "
            "points between the drafts, {within} within one on average.",
            ending=capital(one.name),
            low=percent(low.mean),
            lowest=one.lowest,
            high=percent(high.mean),
            highest=one.highest,
            range=deviation(one.range),
            between=deviation(one.between),
            within=deviation(one.within),
        )

    def _likeliest(self) -> Iterator[str]:
        """Which ending is the likeliest in which drafts."""
        first: dict[tuple[str, ...], tuple[str, list[str]]] = {}
        for draft in self.drafts:
            label, names = draft.label, draft.names.endings
            means: dict[tuple[str, ...], tuple[float, str]] = {
                (one.key,): (one.by_draft[label].mean, one.name) for one in self.endings if label in one.by_draft
            }
            means |= {(label, key): (draft.endings[key].mean, names[key]) for key in self.own[label]}
            if draft.converged:
                which = max(means, key=lambda which: means[which][0])
                first.setdefault(which, (means[which][1], []))[1].append(label)
        if first:
            where = [tr("{ending} in {drafts}", ending=name, drafts=listed(labels)) for name, labels in first.values()]
            yield tr("The likeliest ending: {where}.", where="; ".join(where))

    @property
    def tables(self) -> tuple[Table, ...]:
        shared = (self._by_draft(), self._spread()) if self.endings else ()
        own = (self._own(),) if any(self.own.values()) else ()
        return (*shared, *own, *((self._only_some(),) if self.only_some else ()))

    @property
    def _names(self) -> dict[str, str]:
        return {one.key: one.name for one in self.endings}

    def _by_draft(self) -> Table:
        lacking = {None: LACKS}
        columns = (
            Column("ending", tr("ending"), names=self._names),
            Column("draft", tr("draft")),
            Column("mean", tr("mean"), "share", names=lacking),
            *_ENDS,
        )
        rows = [
            (one.key, draft.label, *_numbers(one.by_draft.get(draft.label)))
            for one in self.endings
            for draft in self.drafts
        ]
        caption = tr("Endings by draft, over the draws of each that converged, of {draws}", draws=f"{self.draws:,}")
        return Table("endings", caption, columns, tuple(rows), grouped=1)

    def _spread(self) -> Table:
        columns = (
            Column("ending", tr("ending"), names=self._names),
            Column("drafts", tr("drafts"), "count"),
            Column("lowest", tr("lowest")),
            Column("highest", tr("highest")),
            Column("range", tr("range"), "error"),
            Column("between", tr("between"), "error"),
            Column("within", tr("within"), "error"),
            Column("share_between", tr("share between"), "share"),
        )
        rows: list[tuple[Value, ...]] = [
            (one.key, len(one.solved), one.lowest, one.highest, one.range, one.between, one.within, one.share_between)
            for one in self.endings
        ]
        return Table("spread", tr("Spread between the drafts and within them, in points"), columns, tuple(rows))

    def _own(self) -> Table:
        """The endings that each draft has by itself."""
        columns = Column("draft", tr("draft")), Column("ending", tr("ending"), of="draft", names=self._own_names)
        rows = [
            (draft.label, key, *_numbers(draft.endings[key])) for draft in self.drafts for key in self.own[draft.label]
        ]
        if self.are_endings_confirmed:
            caption = tr("Endings of one draft alone")
        else:
            caption = tr("Endings of each draft by itself")
        return Table(
            "own_endings", caption, (*columns, Column("mean", tr("mean"), "share"), *_ENDS), tuple(rows), grouped=1
        )

    @property
    def _own_names(self) -> dict[tuple[str, str], str]:
        return {(draft.label, key): name for draft in self.drafts for key, name in draft.names.endings.items()}

    def _only_some(self) -> Table:
        columns = (
            Column("what", tr("what"), names=CALLED),
            Column("name", tr("name")),
            Column("having", tr("in")),
            Column("lacking", tr("not in")),
        )
        rows = tuple(
            (ONE_OF[one.section], one.name, ", ".join(one.having), ", ".join(one.lacking)) for one in self.only_some
        )
        return Table("only_some", tr("What only some drafts have"), columns, rows, grouped=1)

    @property
    def notes(self) -> tuple[str, ...]:
        spread = tr(
            "Range: the highest mean less the lowest. Between: the standard deviation of the drafts’ means. Within: "
            "the mean of the drafts’ standard deviations over their draws. Share between: the variance of the means, "
            "as a share of itself and the mean of the drafts’ variances (the law of total variance, every draft with "
            "the same weight). A draft that does not have an ending counts in none of its numbers."
        )
        return (
            *((spread,) if self.endings else ()),
            tr("5 % to 95 %: over the draws of one draft. Error: the standard error of its mean, in points."),
            tr("Drafts from one document share what the document leaves out, so they may agree and all be wrong."),
            *((tr("Options of a step that only one draft has are not listed."),) if self.only_some else ()),
        )


_ENDS = (
    Column("p05", "5 %", "share"),
    Column("p95", "95 %", "share"),
    Column("deviation", tr("deviation"), "error"),
    Column("error", tr("error"), "error"),
)


def _counted(section: str, number: int) -> str:
    """How many parts of a section of the map."""
    match section:
        case "endings":
            return trn("{count} ending", "{count} endings", number)
        case "actors":
            return trn("{count} actor", "{count} actors", number)
        case "steps":
            return trn("{count} step", "{count} steps", number)
        case "options":
            return trn("{count} option", "{count} options", number)
        case _:
            return trn("{count} input", "{count} inputs", number)


def _numbers(one: DraftEnding | None) -> tuple[Value, ...]:
    if one is None:
        return (None,) * 5
    return one.mean, one.interval.p05, one.interval.p95, one.deviation, one.error
