"""A game's numbers in a block of draws, with their derivatives by the inputs.

The numbers are those of `tables.tabulate`. A draw without odds, payments or rationality is marked, not refused: a
search for the best coefficients passes through values at which odds are negative, and turns back. Rounding is not
watched, and the sum of weights must be a finite number.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.expressions.derivatives import Differentiable, Sums, differentiable
from offramp.crisis.expressions.expression import Expression, Values
from offramp.crisis.steps import Chance, Odds
from offramp.game.game import Contexts, Game, PayoffTerms
from offramp.game.tables import EVERYWHERE, LARGEST, ODDS_TOLERANCE, Tables, rows_that_count

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class _Entry:
    """An entry of odds: its value in the contexts `at` of its row, and where it lies in the odds of its step."""

    option: int
    value: Differentiable


@dataclass(frozen=True)
class _OddsRow:
    """A row of a step's odds in the contexts `at`; `rest`: the option that gets what is left; `total`: (at, draws)."""

    system: int
    first_slot: int
    options: int
    at: NDArray[np.int64]
    entries: tuple[_Entry, ...]
    rest: int | None
    normalised: bool
    total: Array


@dataclass(frozen=True)
class DifferentiableTables:
    """The numbers of a block of draws; `faulty`: (draws,), where the crisis gives no odds, payments or rationality."""

    tables: Tables
    faulty: Flags
    odds_rows: tuple[_OddsRow, ...]
    amounts: Mapping[int, Differentiable]
    rationality: tuple[Differentiable, ...]

    def by_input(self, odds: Array, amounts: Mapping[int, Array], rationality: Array) -> Sums:
        """Derivatives of a number of each draw by the inputs, (1, draws), from those by the numbers of the tables.

        Parameters
        ----------
        odds, amounts, rationality
            The derivatives by `Tables.odds`, `Tables.amounts` and `Tables.rationality`, of their shapes.
        """
        sums: Sums = {}
        for position, amount in self.amounts.items():
            amount.add_to(sums, amounts[position])
        for actor, response in enumerate(self.rationality):
            response.add_to(sums, rationality[actor][None])
        for row in self.odds_rows:
            self._add_odds(row, odds[row.system], sums)
        return sums

    def _add_odds(self, row: _OddsRow, odds: Array, sums: Sums) -> None:
        slots = row.first_slot + row.at * row.options
        if row.normalised:
            shares = self.tables.odds[row.system]
            mean = sum(odds[slots + option] * shares[slots + option] for option in range(row.options))
            for entry in row.entries:
                entry.value.add_to(sums, (odds[slots + entry.option] - mean) / row.total)
            return
        left = 0.0 if row.rest is None else np.where(row.total < 1.0, odds[slots + row.rest], 0.0)
        for entry in row.entries:
            entry.value.add_to(sums, odds[slots + entry.option] - left)


def differentiable_tables(game: Game, values: Values, draws: int, names: Collection[str]) -> DifferentiableTables:
    """Evaluate a game's numbers so that they can be differentiated by some inputs.

    Parameters
    ----------
    game
        The game; its measures are left out.
    values
        By input, and by linear sum if it is given as one number: (1, draws) or (1, 1).
    draws
        The number of draws.
    names
        The inputs, and linear sums, to differentiate by.
    """
    return _Tabulation(game, values, draws, frozenset(names)).tables()


class _Tabulation:
    """What the parts of one evaluation share."""

    def __init__(self, game: Game, values: Values, draws: int, names: frozenset[str]) -> None:
        self.game = game
        self.values = values
        self.draws = draws
        self.names = names
        self.faulty = np.zeros(draws, dtype=bool)
        self.rows: list[_OddsRow] = []

    def tables(self) -> DifferentiableTables:
        game = self.game
        odds = np.zeros((1 + len(game.believers), game.odds_slots, self.draws))
        for table in game.odds:
            step = game.crisis.named[table.step]
            assert isinstance(step, Chance)
            for system, actor in enumerate(("", *game.believers)):
                own = step.believed_by.get(actor, step.odds)
                self.fill(odds, system, own, step.options, table.first_slot, table.contexts)
        amounts: dict[int, Differentiable] = {}
        numbers: dict[int, Array] = {}
        for position, entries in enumerate(game.payoff_entries):
            if isinstance(entries, PayoffTerms) and entries.term is not None:
                amounts[position] = self.checked(game.crisis.terms[entries.term].pays, entries.contexts)
                numbers[position] = self.whole(amounts[position].value, entries.contexts.count)
        rationality = tuple(self.checked(actor.rationality, EVERYWHERE) for actor in game.crisis.actors.values())
        rationalities = np.array([self.whole(response.value, 1)[0] for response in rationality])
        self.faulty |= (rationalities < 0.0).any(axis=0)
        if self.faulty.any():  # numbers that the loops can take; nothing is read of these draws
            odds[..., self.faulty] = 1.0 / max(odds.shape[1], 1)
            rationalities[:, self.faulty] = 0.0
        tables = Tables(
            odds=odds,
            amounts={position: np.where(self.faulty, 0.0, value) for position, value in numbers.items()},
            sizes={},
            rationality=rationalities,
            most=np.zeros_like(rationalities),
            labels=np.zeros(self.draws, dtype=np.str_),
        )
        return DifferentiableTables(tables, self.faulty, tuple(self.rows), amounts, rationality)

    def evaluated(
        self, expression: Expression, contexts: Contexts, rows: NDArray[np.int64] | slice = slice(None)
    ) -> Differentiable:
        """An expression in some contexts and all draws: of a shape that broadcasts to (contexts, draws)."""
        facts = {name: contexts.values[name][rows, None] for name in expression.names if name in contexts.values}
        decided = {node: holds[rows, None] for node, holds in contexts.decided.items()}
        return differentiable(expression.root, {**facts, **self.values, **decided}, self.names)

    def checked(self, expression: Expression, contexts: Contexts) -> Differentiable:
        result = self.evaluated(expression, contexts)
        usable = np.abs(result.value) <= LARGEST
        if not usable.all():
            self.faulty |= ~self.whole(usable, contexts.count).all(axis=0)
        return result

    def whole(self, value: NDArray[Any], contexts: int) -> NDArray[Any]:
        """A value repeated for all contexts and draws."""
        return np.broadcast_to(value, (contexts, self.draws))

    def fill(
        self, odds: Array, system: int, written: Odds, options: tuple[str, ...], first: int, contexts: Contexts
    ) -> None:
        """Fill in the odds of a step in one belief system."""
        for _, row, at in rows_that_count(written, contexts):
            slots, total, rest = first + at * len(options), np.zeros((len(at), self.draws)), None
            entries = []
            for option, written_entry in row.entries.items():
                place = options.index(option)
                if written_entry is None:
                    rest = place
                    continue
                entry = _Entry(place, self.evaluated(written_entry, contexts, at))
                entries.append(entry)
                part = self.whole(entry.value.value, len(at))
                self.faulty |= ~((part >= 0.0) & (part < np.inf)).all(axis=0)
                odds[system, slots + place] = part
                total += part
            with np.errstate(all="ignore"):
                if written.normalised:
                    self.faulty |= ~((total > 0.0) & (total < np.inf)).all(axis=0)
                    for place in range(len(options)):
                        odds[system, slots + place] /= total
                elif rest is not None:
                    self.faulty |= (total > 1.0 + ODDS_TOLERANCE).any(axis=0)
                    odds[system, slots + rest] = np.maximum(1.0 - total, 0.0)
                else:
                    self.faulty |= (np.abs(total - 1.0) > ODDS_TOLERANCE).any(axis=0)
            self.rows.append(_OddsRow(system, first, len(options), at, tuple(entries), rest, written.normalised, total))
