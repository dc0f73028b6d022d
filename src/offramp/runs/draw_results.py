"""What a draw results in: one schema for arrays, Parquet columns, data frames and xarray.

A new result per draw is a line in `RESULTS`, an attribute of `BlockSolution`, `Chunk` and `Run`, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offramp.game.game import CHANCE, Game


@dataclass(frozen=True)
class DrawResult:
    """One kind of result of a draw.

    `name`: the attribute of `Run` and `Chunk` that holds it. `axis`: what its rows stand for, a key of `row_labels`;
    empty if a draw has one number. `column`: the name of a column in tables, with the row's label in place of {}.
    `variable`: its name in xarray. `of_every_draw`: a draw that did not converge has it too.
    """

    name: str
    axis: str
    column: str
    variable: str
    dtype: type[np.generic] = np.float64
    of_every_draw: bool = False


RESULTS = (
    DrawResult("inputs", "input", "input.{}", "inputs", of_every_draw=True),
    DrawResult("endings", "ending", "ending.{}", "endings"),
    DrawResult("terms", "term", "payoff.{}", "payoffs"),
    DrawResult("measures", "measure", "measure.{}", "measures"),
    DrawResult("own_eyes", "actor", "own_eyes.{}", "own_eyes"),
    DrawResult("taken", "option", "move.{}", "moves"),
    DrawResult("regret", "actor", "regret.{}", "regret"),
    DrawResult("regret_once", "actor", "regret_once.{}", "regret_once"),
    DrawResult("residual", "", "residual", "residual", of_every_draw=True),
    DrawResult("sweeps", "", "sweeps", "sweeps", np.int64, of_every_draw=True),
    DrawResult("status", "", "status", "status", np.int8, of_every_draw=True),
)
"""In the order of a table's columns."""
SOLVED = tuple(result for result in RESULTS if result.name != "inputs")
"""What solving adds to the inputs of a draw."""
OF_BLOCK = tuple(result.name for result in SOLVED if result.name != "taken")
"""What a `BlockSolution` holds under the same name."""


def row_labels(game: Game) -> dict[str, tuple[str, ...]]:
    """By axis the labels of its rows: inputs, endings, payoff terms as `ACTOR.TERM`, actors, and the options of every
    move in every round as `MOVE.OPTION` or `MOVE@ROUND.OPTION`.
    """
    crisis = game.crisis
    return {
        "input": tuple(crisis.inputs),
        "ending": tuple(ending.key for ending in crisis.endings),
        "term": tuple(f"{term.actor}.{term.key}" for term in crisis.terms),
        "measure": tuple(measure.key for measure in crisis.measures),
        "actor": tuple(game.actors),
        "option": tuple(
            f"{move.move}{f'@{move.round}' if move.round else ''}.{option}"
            for move in occurrences_of(game)
            for option in move.options
        ),
        "": ("",),
    }


def empty_results(game: Game, draws: int) -> dict[str, NDArray[Any]]:
    """Uninitialized arrays for what solving adds: (rows, draws), or (draws,) for one number a draw."""
    labels = row_labels(game)
    return {
        result.name: np.empty((len(labels[result.axis]), draws) if result.axis else draws, dtype=result.dtype)
        for result in SOLVED
    }


@dataclass(frozen=True)
class TableColumns:
    """By result its columns in a table of draws; `evidence`: those after `converged`. Column 0 is the draw's number."""

    results: Mapping[str, range]
    evidence: range

    @property
    def count(self) -> int:
        return self.evidence.stop

    @property
    def kinds(self) -> list[str]:
        """The columns' types in a table, in order."""
        kinds = ["DOUBLE"] * self.count
        kinds[0] = kinds[self.results["sweeps"][0]] = "BIGINT"
        status = self.results["status"][0]
        kinds[status : status + 2] = ["VARCHAR", "BOOLEAN"]
        return kinds


def table_columns(game: Game, evidence: int) -> TableColumns:
    """Which columns a table of a game's draws has, of which `evidence` columns are on what was observed."""
    labels, results, end = row_labels(game), dict[str, range](), 1
    for result in RESULTS:
        results[result.name] = range(end, end := end + len(labels[result.axis]))
    first = end + 1  # after `converged`
    return TableColumns(results, range(first, first + evidence))


def occurrences_of(game: Game) -> tuple[Occurrence, ...]:
    """The moves of a game in their rounds, each with the places of its options in a profile."""
    found = []
    for layer in game.layers:
        if layer.actor != CHANCE:
            options = game.crisis.options_of(layer.step)
            found.append(Occurrence(layer.step, layer.round, game.actors[layer.actor], options, game.slots_of(layer)))
    return tuple(found)


@dataclass(frozen=True)
class Occurrence:
    """A move in one round; `slots` are its places in a profile, over all its information sets."""

    move: str
    round: int
    actor: str
    options: tuple[str, ...]
    slots: slice
