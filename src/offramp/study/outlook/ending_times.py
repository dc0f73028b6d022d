"""When each ending comes about: in which round the rounds end, if rounds have dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from offramp.common.numerals import percent
from offramp.common.texts import tr, trn
from offramp.crisis.dates import span_in_words
from offramp.crisis.expressions.expression import Compare, Expression, Logic, Name, Number
from offramp.crisis.faults import CrisisError
from offramp.crisis.model import Crisis
from offramp.crisis.parts import Ending
from offramp.crisis.steps import Rounds
from offramp.game.compiler import compile_crisis
from offramp.runs.result import Run
from offramp.runs.study_draws import solve_values, solvers
from offramp.study.finding import Column, Finding, Table
from offramp.study.scenarios import drawn_past

DRAWS = 64
"""Number of draws that are solved again."""
MOST = 5_000
"""Maximum number of endings times rounds."""
RARE = 0.001
"""A smaller share of an ending has no row."""
NEVER = 1e-12
"""An ending with a smaller probability does not come about."""


@dataclass(frozen=True, repr=False)
class EndingTimes(Finding):
    """In which round play ends, by ending.

    `names`: the endings as readers see them, by key; `avoided`: the keys of those to avoid. `spans`: the first and the
    last day of each round. `shares`: for each ending that comes about, of the plays that end in it, the share with 0,
    1, 2, ... rounds. `draws`: the number of draws solved.
    """

    crisis: str
    names: Mapping[str, str]
    avoided: tuple[str, ...]
    spans: tuple[tuple[date, date], ...]
    shares: Mapping[str, tuple[float, ...]]
    draws: int

    @property
    def title(self) -> str:
        return tr("{crisis}: when does each ending come about?", crisis=self.crisis)

    @property
    def basis(self) -> str:
        return trn(
            "By round: from the first {count} draws, solved again.",
            "By round: from the first {count} draws, solved again.",
            self.draws,
        )

    @property
    def answer(self) -> tuple[str, ...]:
        return tuple(self._most_often(key) for key in self.avoided if key in self.shares)

    def _most_often(self, key: str) -> str:
        shares = self.shares[key]
        number = int(np.argmax(shares))
        if not number:
            return tr(
                "Of the plays that end in {ending}, the last round is most often none at all: in {share}.",
                ending=self.names[key],
                share=percent(shares[number]),
            )
        return tr(
            "Of the plays that end in {ending}, the last round is most often round {round} ({dates}): in {share}.",
            ending=self.names[key],
            round=number,
            dates=span_in_words(self.spans[number - 1]),
            share=percent(shares[number]),
        )

    @property
    def tables(self) -> tuple[Table, ...]:
        columns = (
            Column("ending", tr("ending"), names=self.names),
            Column("round", tr("round"), "count"),
            Column("from", tr("from")),
            Column("to", tr("to")),
            Column("share", tr("share"), "share"),
            Column("by_then", tr("by then"), "share"),
        )
        rows = []
        for key, shares in self.shares.items():
            for number, (share, by_then) in enumerate(zip(shares, np.cumsum(shares).tolist(), strict=True)):
                if share >= RARE:
                    first, last = map(str, self.spans[number - 1]) if number else (None, None)
                    rows.append((key, number, first, last, share, min(by_then, 1.0)))
        caption = tr("The last round played, of the plays that end in each ending")
        return (Table("when", caption, columns, tuple(rows)),)


def ending_times(run: Run) -> EndingTimes | None:
    """In which round each ending comes about, over the first draws of a run, solved again.

    None if the last rounds of the timeline have no dates, are always all played, or are too many for a table.
    """
    crisis = run.crisis
    blocks = [step for step in crisis.timeline if isinstance(step, Rounds)] if isinstance(crisis, Crisis) else []
    last = blocks[-1] if blocks else None
    if last is None or last.times is None or (last.until is None and last.condition is None):
        return None
    times, rounds = last.times, last.count
    if (rounds + 1) * len(crisis.endings) > MOST:
        return None
    split, draws = by_round(crisis, rounds), min(DRAWS, run.draws)
    try:
        game = compile_crisis(split)
    except CrisisError:  # it is larger than the run's game
        return None
    with solvers(None) as pool:
        values = run.first_inputs(draws)
        past = drawn_past(game, draws, run.seed, pool, values)
        solved = solve_values(game, draws, values, pool, past=past)
    weights = solved.converged * (1.0 if solved.weight is None else solved.weight)
    sums = (solved.endings @ weights).reshape(len(crisis.endings), rounds + 1)
    shares = {
        ending.key: tuple((row / row.sum()).tolist())
        for ending, row in zip(crisis.endings, sums, strict=True)
        if row.sum() > NEVER * max(weights.sum(), NEVER)
    }
    return EndingTimes(
        crisis=crisis.title,
        names={ending.key: ending.name for ending in crisis.endings},
        avoided=crisis.avoided,
        spans=tuple(times.span(number) for number in range(1, rounds + 1)),
        shares=shares,
        draws=draws,
    )


def by_round(crisis: Crisis, rounds: int) -> Crisis:
    """The crisis with each ending split by the last round played: 0, 1, 2, ..., one ending after another."""
    return replace(
        crisis,
        endings=tuple(_in_round(ending, number) for ending in crisis.endings for number in range(rounds + 1)),
    )


def _in_round(ending: Ending, number: int) -> Ending:
    here = Compare(("==",), (Name("round"), Number(number)))
    if ending.condition is None:
        condition = Expression(f"round == {number}", ending.place, here)
    else:
        root = Logic("and", (ending.condition.root, here))
        condition = replace(ending.condition, text=f"({ending.condition.text}) and round == {number}", root=root)
    return replace(ending, key=f"{ending.key}@{number}", condition=condition)
