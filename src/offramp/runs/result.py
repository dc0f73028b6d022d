"""An ensemble: the solved draws of a crisis, and what they say together.

Draws that did not converge are kept with their residuals, named with their inputs, and left out of every mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from offramp.common.numerals import percent, quantity, span
from offramp.common.printable import printable
from offramp.crisis.model import Crisis
from offramp.crisis.names import names_of
from offramp.equilibrium.branch.traced import STATUSES, Status
from offramp.equilibrium.structure import structure_of
from offramp.game.game import Game, Situation
from offramp.runs.draw_results import RESULTS, DrawResult, Occurrence, row_labels
from offramp.runs.store.stored_columns import Rows, StoredInputs
from offramp.runs.weighted import Interval, check_known, interval_of

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from offramp.runs.evidence import Evidence
    from offramp.runs.strategies import Strategies

Array = NDArray[np.float64]

TRACED, TRACED_LATER, EARLY = 128, 1024, 2048
"""Of the first `EARLY` draws every `TRACED`th, of the others every `TRACED_LATER`th is traced too where sweeps have
settled it, to see whether it lies on the principal branch."""
UNCONVERGED, NOT_TRACED = STATUSES.index("unconverged"), STATUSES.index("not traced")


def is_sampled(draws: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which draws, by number, are traced though sweeps have settled them."""
    return np.asarray(draws % np.where(draws < EARLY, TRACED, TRACED_LATER) == 0)


@dataclass(frozen=True, eq=False, repr=False)
class SituationMeans:
    """Over the converged draws: mean `reached` (information sets,), mean `choice` (slots,) weighted by reach, and
    `deviation` (slots,), the standard deviation of the choice over the draws.
    """

    reached: Array
    choice: Array
    deviation: Array


@dataclass(frozen=True)
class MoveSummary:
    """A move in one round: how often it is made at all, and the share of each option where it is.

    The mean of an option is its probability given that the move is made, over all draws together; its quantiles are
    those of the share in a draw.
    """

    move: str
    round: int
    actor: str
    reached: Interval
    options: Mapping[str, Interval]


@dataclass(frozen=True)
class SituationSummary:
    """An information set: how often play gets there, each option's share there, and its deviation over the draws."""

    situation: Situation
    reached: float
    options: Mapping[str, float]
    deviations: Mapping[str, float]


@dataclass(frozen=True)
class TracedDraws:
    """In how many draws the principal branch was followed all the way.

    `sample`: of the draws that `is_sampled` picks, or of all if they are the same and one stands for all; `left`: of
    the others, which sweeps did not settle, or of a small game settled at several equilibria.
    """

    sample: int
    left: int


@dataclass(frozen=True, repr=False, eq=False)
class Run:
    """Solved draws of a crisis, in memory or from a run's folder; the last axis of every array is the draw.

    Of a run that was opened, `inputs`, `terms`, `own_eyes`, `taken`, the regrets and `evidence` are read from its
    folder when they are asked for: indexing them gives arrays, and `np.asarray` all of one at once.

    `inputs`: for each input (draws,), levers applied. `endings`: (endings, draws), probability; `terms`:
    (payoff terms, draws), and `measures`: (measures, draws), expected in the analyst's odds; `own_eyes`: (actors,
    draws). `taken`: for each occurrence of a move (options, draws), the probability that play gets there and takes the
    option.

    `residual`: (draws,), the largest violation of the logit equations, infinite where the payoffs are so large that
    rounding decides; `regret_once`, `regret`: (actors, draws), what
    an actor would gain, in its own odds, by another choice at one information set, and by any other way to play (NaN
    without perfect recall). `status`: (draws,), a number in `STATUSES`.

    `folder`, or a URL, and `manifest`: where the run is kept, and what was asked for; None and empty in memory.
    `evidence`: what the draws say of what the crisis has `observed`, if anything. `strategies`: (slots, draws), each
    draw's profile, of a run that keeps them. `fingerprint`: a SHA-256 over all files of a run that was opened, by which
    its findings are kept; a copy with `dataclasses.replace` has none, as its numbers may be others.
    """

    crisis: Crisis
    game: Game
    seed: int
    draws: int
    inputs: Mapping[str, Array]
    endings: Array
    terms: Rows
    measures: Rows
    own_eyes: Rows
    occurrences: tuple[Occurrence, ...]
    taken: Sequence[Array]
    situations: SituationMeans
    regret_once: Rows
    regret: Rows
    residual: Array
    sweeps: NDArray[np.int64]
    status: NDArray[np.int8]
    seconds: float
    folder: Path | str | None = None
    manifest: Mapping[str, Any] = field(default_factory=dict)
    evidence: Evidence | None = None
    strategies: Strategies | None = None
    fingerprint: str | None = field(default=None, init=False)

    @property
    def converged(self) -> NDArray[np.bool_]:
        """Which draws have an equilibrium."""
        return np.asarray(self.status != UNCONVERGED)

    @cached_property
    def statuses(self) -> dict[Status, int]:
        """How many draws have each status."""
        return {name: int(np.count_nonzero(self.status == number)) for number, name in enumerate(STATUSES)}

    @cached_property
    def traced(self) -> TracedDraws:
        """How many draws were traced; none where every information set is one node, so that there is no need."""
        if structure_of(self.game).perfect_information:
            return TracedDraws(0, 0)
        followed = self.converged & (self.status != STATUSES.index("not traced"))
        sampled = is_sampled(np.arange(self.draws)) if self.crisis.effective_inputs else np.ones(self.draws, dtype=bool)
        return TracedDraws(
            sample=int(np.count_nonzero(followed & sampled)),
            left=int(np.count_nonzero(followed & ~sampled)),
        )

    @cached_property
    def weights(self) -> Array | None:
        """Each draw's weight, (draws,), of a run as of now: the probability of the facts; None of any other run.

        Raises
        ------
        UsageError
            If no draw, or too few, can explain the facts.
        """
        if not self.game.as_of_now or self.evidence is None:
            return None
        weights: Array = np.asarray(self.evidence.likelihood)[-1]
        check_known(weights[self.converged], self.crisis)
        return weights

    def interval(self, values: Array) -> Interval:
        """Mean and quantiles over the converged draws, weighted as of now; NaN where none converged."""
        counted = self.converged & np.isfinite(values)
        if self.weights is not None and counted.any():
            return interval_of((values * self.weights)[counted], self.weights[counted])
        kept = values[counted]
        if not len(kept):
            return Interval(np.nan, np.nan, np.nan, np.nan)
        p05, p50, p95 = np.quantile(kept, [0.05, 0.5, 0.95])
        return Interval(float(kept.mean()), float(p05), float(p50), float(p95))

    @cached_property
    def ending_intervals(self) -> dict[str, Interval]:
        """For each ending its probability over the draws."""
        return {ending.key: self.interval(row) for ending, row in zip(self.crisis.endings, self.endings, strict=True)}

    @cached_property
    def measure_intervals(self) -> dict[str, Interval]:
        """For each measure its expected amount over the draws."""
        rows = zip(self.crisis.measures, self.measures, strict=True)
        return {measure.key: self.interval(row) for measure, row in rows}

    @cached_property
    def payoff_intervals(self) -> dict[str, Interval]:
        """For each actor its expected payoff, in the analyst's odds, over the draws."""
        totals = {actor: np.zeros(self.draws) for actor in self.crisis.actors}
        for term, row in zip(self.crisis.terms, self.terms, strict=True):
            totals[term.actor] += row
        return {actor: self.interval(total) for actor, total in totals.items()}

    @cached_property
    def moves(self) -> tuple[MoveSummary, ...]:
        """Each move in each round, in the order of the timeline."""
        found = []
        for occurrence, taken in zip(self.occurrences, self.taken, strict=True):
            reached = taken.sum(axis=0)
            shares = np.divide(taken, reached, out=np.full_like(taken, np.nan), where=reached > 0.0)
            offered = self.crisis.offered(occurrence.move, occurrence.round)
            made = self.interval(reached)
            options = {
                name: replace(self.interval(share), mean=self.interval(row).mean / made.mean if made.mean else np.nan)
                for name, row, share in zip(occurrence.options, taken, shares, strict=True)
                if name in offered
            }
            found.append(MoveSummary(occurrence.move, occurrence.round, occurrence.actor, made, options))
        return tuple(found)

    @cached_property
    def by_situation(self) -> tuple[SituationSummary, ...]:
        """Every information set, those that play reaches most often first."""
        found = []
        for situation, reached in zip(self.game.situations, self.situations.reached, strict=True):
            shares, deviations = (
                dict(zip(situation.options, map(float, values[situation.slots]), strict=True))
                for values in (self.situations.choice, self.situations.deviation)
            )
            found.append(SituationSummary(situation, float(reached), shares, deviations))
        return tuple(sorted(found, key=lambda summary: -summary.reached))

    @property
    def unconverged(self) -> list[int]:
        """The numbers of the draws that did not converge."""
        return [int(draw) for draw in np.flatnonzero(~self.converged)]

    @property
    def rounded(self) -> list[int]:
        """The numbers of those of them of which rounding leaves nothing to say: their residual is infinite."""
        return [draw for draw in self.unconverged if np.isinf(self.residual[draw])]

    def inputs_of(self, draw: int) -> dict[str, float]:
        """The inputs of a draw, levers applied."""
        return self.inputs_at([draw])[0]

    def inputs_at(self, draws: Sequence[int]) -> list[dict[str, float]]:
        """The inputs of some draws, levers applied."""
        rows = [dict.fromkeys(self.inputs, 0.0) for _ in draws]
        for name, values in self.inputs.items() if rows else ():
            for row, draw in zip(rows, draws, strict=True):
                row[name] = float(values[draw])
        return rows

    def first_inputs(self, draws: int) -> dict[str, Array]:
        """The inputs of the first draws: for each (draws,), levers applied."""
        return self.inputs_between(0, draws)

    def inputs_between(self, first: int, end: int) -> dict[str, Array]:
        """The inputs of the draws `first` to `end`: for each (draws,), levers applied."""
        if isinstance(self.inputs, StoredInputs):
            return self.inputs.between(first, end)
        return {name: values[first:end] for name, values in self.inputs.items()}

    def to_dict(self) -> dict[str, Any]:
        """The summary as plain values, the form of `offramp run --json`."""
        return {
            "endings": {
                name: {part: value if np.isfinite(value) else None for part, value in vars(interval).items()}
                for name, interval in self.ending_intervals.items()
            },
            "draws": self.draws,
            "converged": int(self.converged.sum()),
            "status": dict(self.statuses),
            "traced": dict(vars(self.traced)),
            "unconverged": [
                {"draw": draw, "inputs": inputs}
                for draw, inputs in zip(self.unconverged, self.inputs_at(self.unconverged), strict=True)
            ],
            "seed": self.seed,
            "seconds": self.seconds,
        }

    def to_pandas(self) -> pd.DataFrame:
        """One row a draw: inputs, endings, payoff terms, how often each option is taken, and how the solve went.

        What came of a draw that did not converge is missing, but for its `residual`, `sweeps` and `status`.
        """
        import pandas as pd

        labels = row_labels(self.game)
        columns: dict[str, Any] = {"draw": np.arange(self.draws)}
        for result in RESULTS:
            for label, row in zip(labels[result.axis], self._rows(result), strict=True):
                columns[result.column.format(label)] = row if result.of_every_draw else self._solved(row)
        columns["status"] = np.array(STATUSES)[self.status]
        return pd.DataFrame(columns | {"converged": self.converged})

    def _rows(self, result: DrawResult) -> Iterable[Rows]:
        """The rows of a result, (draws,) each, in the order of `row_labels`."""
        values = getattr(self, result.name)
        match result.name:
            case "inputs":
                return list(values.values())
            case "taken":
                return chain.from_iterable(values)
        return values if result.axis else [values]

    def _solved(self, values: Rows) -> Array:
        """Values, (..., draws), that are NaN where a draw did not converge."""
        return np.where(self.converged, values, np.nan)

    def to_xarray(self) -> xr.Dataset:
        """Inputs, endings, payoff terms, moves and how each solve went over the draws, with their labels.

        What came of a draw that did not converge is NaN.
        """
        import xarray as xr

        labels = {axis: rows for axis, rows in row_labels(self.game).items() if rows or axis != "measure"}
        variables: dict[str, Any] = {}
        for result in [result for result in RESULTS if result.axis in labels]:
            rows = np.array([np.asarray(row) for row in self._rows(result)]).reshape(-1, self.draws)
            values = rows if result.of_every_draw else self._solved(rows)
            axes = (result.axis, "draw") if result.axis else ("draw",)
            variables[result.variable] = (axes, values if result.axis else values[0])
        variables["status"] = ("draw", np.array(STATUSES)[self.status])
        variables["converged"] = ("draw", self.converged)
        return xr.Dataset(
            variables,
            coords={axis: list(rows) for axis, rows in labels.items() if axis} | {"draw": np.arange(self.draws)},
            attrs={"seed": self.seed, "crisis": self.crisis.title},
        )

    def __repr__(self) -> str:
        solved = int(self.converged.sum())
        lines = [str(self.folder)] if self.folder else []
        lines += [
            f"{self.crisis.title}: {self.draws:,} draws, seed {self.seed}, {percent(solved / self.draws)} converged"
        ]
        lines.append("  " + ", ".join(f"{count:,} {status}" for status, count in self.statuses.items() if count))
        names = names_of(self.crisis)
        endings, measures = (
            [(called[key], *map(shown, (of.mean, of.p05, of.p95))) for key, of in intervals.items()]
            for called, shown, intervals in (
                (names.endings, percent, self.ending_intervals),
                (names.measures, quantity, self.measure_intervals),
            )
        )
        width = max((len(name) for name, *_ in endings + measures), default=0)
        for what, rows in (("ending", endings), ("measure", measures)):
            if rows:
                lines.append(f"  {what:<{width}}     mean       5 % to 95 %")
            lines += [f"  {name:<{width}}  {mean:>7}  {low:>7} to {high:>6}" for name, mean, low, high in rows]
        return printable("\n".join(lines))

    def _repr_html_(self) -> str:
        from html import escape

        names = names_of(self.crisis)
        rows = "".join(
            f'<tr><td style="text-align: left">{escape(names.endings[key])}</td><td>{percent(i.mean)}</td>'
            f"<td>{span(i.p05, i.p95)}</td></tr>"
            for key, i in self.ending_intervals.items()
        )
        rows += "".join(
            f'<tr><td style="text-align: left">{escape(names.measures[key])}</td><td>{quantity(i.mean)}</td>'
            f"<td>{quantity(i.p05)} to {quantity(i.p95)}</td></tr>"
            for key, i in self.measure_intervals.items()
        )
        share = f"{percent(int(self.converged.sum()) / self.draws)} converged"
        return printable(
            f"<table><caption>{escape(self.crisis.title)}: {self.draws:,} draws, {share}</caption>"
            f"<tr><th>ending</th><th>mean</th><th>5 % to 95 %</th></tr>{rows}</table>"
        )
