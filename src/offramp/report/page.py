"""The report of a run: one HTML page that needs nothing but itself.

Everything from a crisis file is shown as text: the template escapes it, and the page's own policy forbids scripts and
all requests. Charts and bars are drawn into the page as SVG.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from offramp.common.texts import tr
from offramp.crisis.lever import Lever
from offramp.crisis.model import Crisis
from offramp.crisis.names import capital, names_of
from offramp.crisis.parts import Actor, Ending, Input, Term
from offramp.crisis.steps import Move, Reason
from offramp.report.filled_page import filled_page
from offramp.report.situations import RARE, MoveSituations, likeliest_situations
from offramp.runs.result import MoveSummary, Run
from offramp.runs.weighted import Interval
from offramp.study.chart_process import DrawSvg, svg_here
from offramp.study.choice_words import rules_in_words
from offramp.study.lead import as_of, lead
from offramp.study.outlook.ending_times import ending_times
from offramp.study.outlook.measured import measured
from offramp.study.standing import counts, drawn_standing, how_many_converged
from offramp.study.wording import UNREACHED, bands

if TYPE_CHECKING:
    from offramp.report.pictures import Picture
    from offramp.study.brief import Brief
    from offramp.study.finding import Table
    from offramp.study.sensitivity.weights_finding import Weights

ANCHOR_WORDS = {
    "weights": tr("What carries it"),
    "way-out": tr("What opens a way out"),
    "update": tr("What has been observed"),
}
"""Headings of the sections that the sentences at the top of the page link to."""
MOST_MOVES = 60
"""Maximum number of moves shown, counted once per round; a run's tables have all."""
MOST_UNCONVERGED = 100
"""Maximum number of unconverged draws shown with their inputs; the run's `finished.json` lists all."""


@dataclass(frozen=True)
class EndingRow:
    """An ending; `holds` is its condition as written in the file."""

    entry: Ending
    holds: str
    interval: Interval
    note: str


@dataclass(frozen=True)
class MoveSection:
    """A move in one round, with the options that a pulled lever forbids."""

    title: str
    move: Move
    actor: Actor
    summary: MoveSummary
    forbidden: frozenset[str]
    situations: MoveSituations


@dataclass(frozen=True)
class PayoffPart:
    """An actor's expected payoff with its terms; `own_eyes` for one with odds of its own."""

    actor: Actor
    total: Interval
    own_eyes: Interval | None
    terms: tuple[tuple[Term, Interval], ...]


@dataclass(frozen=True)
class InputSection:
    """An input with quantiles of its distribution; `pulled`: its median after the pulled levers, if they set it."""

    entry: Input
    low: float
    median: float
    high: float
    pulled: float | None

    @property
    def without_reason(self) -> str:
        """What stands in place of a reason if the file gives none: recorded cases are the reason of some inputs."""
        column = self.entry.column
        if column is not None:
            known = column.expression.text
            if column.level is None:
                return tr("Known of every past case: {expression}.", expression=known)
            return tr(
                "Known of every past case: {expression}, 1 if it is {level}.", expression=known, level=column.level
            )
        if self.entry.estimate:
            return tr("A coefficient that no fit has estimated yet.")
        return tr("No reason given.")


def page(run: Run, manifest: Mapping[str, Any], brief: Brief | None = None, draw: DrawSvg = svg_here) -> str:
    """The report of a run as one HTML page.

    Parameters
    ----------
    run
        The solved draws.
    manifest
        The manifest from `offramp.runs.store.manifest.manifest_of`.
    brief
        Further findings of the run; without them the page has no reasons, paths, weights and levers.
    draw
        Who draws charts; by default this process.

    Returns
    -------
    A page without scripts that opens offline and asks for nothing outside itself.
    """
    crisis, names = run.crisis, names_of(run.crisis)
    shown = run.unconverged[:MOST_UNCONVERGED]
    solved = int(run.converged.sum())
    endings = _endings(run)
    moves = _moves(run)
    traced, warning = drawn_standing(run)
    context = {
        "crisis": crisis,
        "names": names,
        "manifest": manifest,
        "draws": run.draws,
        "solved": solved,
        "unconverged": numbers_in_words(run.unconverged),
        "unconverged_inputs": list(zip(shown, run.inputs_at(shown), strict=True)),
        "counts": counts(run),
        "traced": traced,
        "how_many_converged": how_many_converged(run.draws, solved),
        "warning": warning,
        "choice_rules": rules_in_words(crisis),
        "residual": f"{run.residual[run.converged].max():.0e}" if solved else "",
        "endings": endings,
        "when": ending_times(run) if solved else None,
        "pictures": _pictures(run, brief, draw) if solved else {},
        "found": brief if solved else None,
        "weight_tables": _weight_tables(brief.weights) if brief and brief.weights else (),
        "lead": lead(run, brief),
        "as_of": as_of(run, brief),
        "events": bool(brief and brief.update and len(brief.update.stages) > 1),
        "anchor_words": ANCHOR_WORDS,
        "moves": moves[:MOST_MOVES],
        "moves_left_out": len(run.moves) - len(moves[:MOST_MOVES]),
        "rare": RARE,
        "measures": measured(run),
        "payoffs": _payoffs(run),
        "inputs": [_input(run, entry) for entry in crisis.inputs.values()],
        "unexplained": sum(entry.reason == Reason() and not entry.recorded for entry in crisis.inputs.values()),
        "sources_of": {cite.text: cite.source for cite in crisis.cites},
        "cited": {cite.text: names.cite(cite.text) for cite in crisis.cites},
        "checked": manifest["cites_checked"],
        "levers": [crisis.levers[name] for name in crisis.pulled],
        "lever_effects": lever_effects,
        "bands": bands(),
    }
    return filled_page("page.html", "page.css", context)


def numbers_in_words(numbers: list[int]) -> str:
    """Ascending whole numbers in words; three or more in a row become a range.

    Examples
    --------
    >>> numbers_in_words([1, 4, 5, 6, 7, 9, 10])
    '1, 4–7, 9, 10'
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs)


def lever_effects(lever: Lever) -> list[str]:
    """What a lever sets and forbids, as written in the file."""
    sets = [f"{name} = {expression.text}" for name, expression in lever.sets.items()]
    return [
        *sets,
        *(tr("{move}: no {options}", move=move, options=", ".join(options)) for move, options in lever.forbids.items()),
        *(
            tr("{move}: also {options}", move=move, options=", ".join(options))
            for move, options in lever.allows.items()
        ),
        *(tr("{move}: always {option}", move=move, option=option) for move, option in lever.commits.items()),
    ]


def _weight_tables(weights: Weights) -> tuple[Table, ...]:
    """The weights for the ending most in doubt, by input and by the inputs' sources."""
    tables = weights.table("weights"), weights.table("groups")
    return tuple(replace(t, rows=tuple(row for row in t.rows if row[0] == weights.in_doubt)) for t in tables)


def _pictures(run: Run, brief: Brief | None, draw: DrawSvg) -> dict[str, Picture]:
    from offramp.report.pictures import endings_picture, pictures  # a second to load, and only a page needs it

    return {"endings": endings_picture(run, draw)} | (pictures(brief, draw) if brief else {})


def _endings(run: Run) -> list[EndingRow]:
    parts = [
        EndingRow(
            entry=ending,
            holds=ending.condition.text if ending.condition else tr("otherwise"),
            interval=run.ending_intervals[ending.key],
            note=UNREACHED.get(state, ""),
        )
        for ending, state in zip(run.crisis.endings, run.game.ending_states, strict=True)
    ]
    return sorted(parts, key=lambda part: -part.interval.mean)


def _moves(run: Run) -> list[MoveSection]:
    """Each move in each round that is made in some draw, in the order of the timeline."""
    crisis = run.crisis
    moves = {step.key: step for step in crisis.steps() if isinstance(step, Move)}
    by_place = sorted(run.by_situation, key=lambda summary: summary.situation.slots.start)
    situations = {
        (of_move.move, of_move.round): of_move
        for of_move in likeliest_situations((entry.situation, entry.reached, entry.options) for entry in by_place)
    }
    return [
        MoveSection(
            title=_title(moves[summary.move], summary.round),
            move=moves[summary.move],
            actor=crisis.actors[summary.actor],
            summary=summary,
            forbidden=crisis.menus[summary.move, summary.round].forbidden,
            situations=situations[summary.move, summary.round],
        )
        for summary in run.moves
        if summary.reached.mean > 0.0
    ]


def _title(move: Move, number: int) -> str:
    name = capital(move.name)
    return tr("{move}, round {round}", move=name, round=number) if number else name


def _payoffs(run: Run) -> list[PayoffPart]:
    crisis, game = run.crisis, run.game
    terms = [(term, run.interval(row)) for term, row in zip(crisis.terms, run.terms, strict=True)]
    return [
        PayoffPart(
            actor=actor,
            total=run.payoff_intervals[key],
            own_eyes=run.interval(run.own_eyes[game.actors.index(key)]) if key in game.believers else None,
            terms=tuple((term, interval) for term, interval in terms if term.actor == key),
        )
        for key, actor in crisis.actors.items()
    ]


def _input(run: Run, entry: Input) -> InputSection:
    low, median, high = map(float, entry.distribution.quantile(np.array([0.05, 0.5, 0.95])))
    crisis: Crisis = run.crisis
    is_set = any(entry.key in crisis.levers[name].sets for name in crisis.pulled)
    return InputSection(entry, low, median, high, float(np.median(run.inputs[entry.key])) if is_set else None)
