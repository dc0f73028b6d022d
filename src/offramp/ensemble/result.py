"""An ensemble: the solved draws of a crisis, and what they say together.

Draws that did not converge are kept with their residuals, counted, and left out of every mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.model import Crisis
from offramp.game.layers import Game, Situation

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """A quantity over the converged draws: its mean, and the 5, 50 and 95 % quantiles."""

    mean: float
    p05: float
    p50: float
    p95: float


@dataclass(frozen=True)
class Occurrence:
    """A move in one round; `slots` are its places in a profile, over all its information sets."""

    move: str
    round: int
    actor: str
    options: tuple[str, ...]
    slots: slice


@dataclass(frozen=True, eq=False)
class SituationMeans:
    """Means over the converged draws: `reached` (information sets,), and `choice` (slots,) weighted by reach."""

    reached: Array
    choice: Array


@dataclass(frozen=True)
class MoveSummary:
    """A move in one round: how often it is made at all, and the share of each option where it is."""

    move: str
    round: int
    actor: str
    reached: Interval
    options: Mapping[str, Interval]


@dataclass(frozen=True)
class SituationSummary:
    """An information set: how often play gets there, and the share of each option there."""

    situation: Situation
    reached: float
    options: Mapping[str, float]


@dataclass(frozen=True, repr=False, eq=False)
class Ensemble:
    """Solved draws; the last axis of every array is the draw.

    `inputs`: for each input (draws,), levers applied. `endings`: (endings, draws), probability; `terms`:
    (payoff terms, draws), expected in the analyst's odds; `own_eyes`: (actors, draws). `taken`: for each
    occurrence of a move (options, draws), the probability that play gets there and takes the option.
    """

    crisis: Crisis
    game: Game
    seed: int
    draws: int
    inputs: Mapping[str, Array]
    endings: Array
    terms: Array
    own_eyes: Array
    occurrences: tuple[Occurrence, ...]
    taken: tuple[Array, ...]
    situations: SituationMeans
    residual: Array
    sweeps: NDArray[np.int32]
    converged: NDArray[np.bool_]
    seconds: float

    def interval(self, values: Array) -> Interval:
        """Mean and quantiles over the converged draws; NaN where none converged."""
        kept = values[self.converged]
        kept = kept[np.isfinite(kept)]
        if not len(kept):
            return Interval(np.nan, np.nan, np.nan, np.nan)
        p05, p50, p95 = np.quantile(kept, [0.05, 0.5, 0.95])
        return Interval(float(kept.mean()), float(p05), float(p50), float(p95))

    @cached_property
    def ending_intervals(self) -> dict[str, Interval]:
        """For each ending its probability over the draws."""
        return {ending.name: self.interval(row) for ending, row in zip(self.crisis.endings, self.endings, strict=True)}

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
            options = {name: self.interval(row) for name, row in zip(occurrence.options, shares, strict=True)}
            found.append(
                MoveSummary(occurrence.move, occurrence.round, occurrence.actor, self.interval(reached), options)
            )
        return tuple(found)

    @cached_property
    def by_situation(self) -> tuple[SituationSummary, ...]:
        """Every information set, those that play reaches most often first."""
        found = []
        for situation, reached in zip(self.game.situations, self.situations.reached, strict=True):
            shares = map(float, self.situations.choice[situation.slots])
            found.append(SituationSummary(situation, float(reached), dict(zip(situation.options, shares, strict=True))))
        return tuple(sorted(found, key=lambda summary: -summary.reached))

    @property
    def unconverged(self) -> list[int]:
        """The numbers of the draws that did not converge."""
        return [int(draw) for draw in np.flatnonzero(~self.converged)]

    def to_dict(self) -> dict[str, Any]:
        """The summary as plain values, the form of `offramp run --json`."""
        return {
            "endings": {name: dict(vars(interval)) for name, interval in self.ending_intervals.items()},
            "draws": self.draws,
            "converged": int(self.converged.sum()),
            "unconverged": self.unconverged,
            "seed": self.seed,
            "seconds": self.seconds,
        }

    def to_pandas(self) -> pd.DataFrame:
        """One row a draw: inputs, endings, payoff terms, how often each option is taken, and how the solve went."""
        import pandas as pd

        columns: dict[str, NDArray[np.generic]] = {"draw": np.arange(self.draws)}
        columns.update({f"input.{name}": values for name, values in self.inputs.items()})
        columns.update(
            {f"ending.{ending.name}": row for ending, row in zip(self.crisis.endings, self.endings, strict=True)}
        )
        columns.update(
            {f"payoff.{term.actor}.{term.name}": row for term, row in zip(self.crisis.terms, self.terms, strict=True)}
        )
        columns.update({f"own_eyes.{actor}": row for actor, row in zip(self.game.actors, self.own_eyes, strict=True)})
        for occurrence, taken in zip(self.occurrences, self.taken, strict=True):
            where = f"@{occurrence.round}" if occurrence.round else ""
            columns.update(
                {
                    f"move.{occurrence.move}{where}.{name}": row
                    for name, row in zip(occurrence.options, taken, strict=True)
                }
            )
        columns.update({"residual": self.residual, "sweeps": self.sweeps, "converged": self.converged})
        return pd.DataFrame(columns)

    def to_xarray(self) -> xr.Dataset:
        """Inputs, endings and payoff terms over the draws, with their labels."""
        import xarray as xr

        return xr.Dataset(
            {
                "inputs": (
                    ("input", "draw"),
                    np.array(list(self.inputs.values())).reshape(len(self.inputs), self.draws),
                ),
                "endings": (("ending", "draw"), self.endings),
                "payoffs": (("term", "draw"), self.terms),
                "residual": ("draw", self.residual),
                "converged": ("draw", self.converged),
            },
            coords={
                "input": list(self.inputs),
                "ending": [ending.name for ending in self.crisis.endings],
                "term": [f"{term.actor}.{term.name}" for term in self.crisis.terms],
                "draw": np.arange(self.draws),
            },
            attrs={"seed": self.seed, "crisis": self.crisis.title},
        )

    def __repr__(self) -> str:
        solved = int(self.converged.sum())
        lines = [f"{self.crisis.title}: {self.draws:,} draws, seed {self.seed}, {solved / self.draws:.1%} converged"]
        width = max(map(len, self.ending_intervals), default=0)
        lines.append(f"  {'ending':<{width}}     mean       5 % to 95 %")
        for name, interval in self.ending_intervals.items():
            lines.append(f"  {name:<{width}}  {interval.mean:7.1%}  {interval.p05:7.1%} to {interval.p95:6.1%}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from html import escape

        rows = "".join(
            f"<tr><td>{escape(name)}</td><td>{i.mean:.1%}</td><td>{i.p05:.1%} to {i.p95:.1%}</td></tr>"
            for name, i in self.ending_intervals.items()
        )
        share = f"{int(self.converged.sum()) / self.draws:.1%} converged"
        return (
            f"<table><caption>{escape(self.crisis.title)}: {self.draws:,} draws, {share}</caption>"
            f"<tr><th>ending</th><th>mean</th><th>5 % to 95 %</th></tr>{rows}</table>"
        )
