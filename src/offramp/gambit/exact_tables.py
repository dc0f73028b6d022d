"""A game's numbers in one draw, exact: odds that add up to exactly one, and what plays pay in all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.expressions.exact import as_written, exact, is_long
from offramp.crisis.expressions.expression import Expression
from offramp.crisis.steps import Chance, Row
from offramp.gambit.tree import NONE
from offramp.game.columns import distinct
from offramp.game.game import Contexts, Game, OddsTable, PayoffTerms
from offramp.game.tables import Tables

Ids = NDArray[np.int64]
Values = Mapping[str, float]


@dataclass(frozen=True)
class ExactPayoff:
    """Payoff so far per actor, and the ending's index (`NONE` until known)."""

    ending: int
    payoffs: tuple[Fraction, ...]


@dataclass
class PayoffTable:
    """The distinct payoffs; equal ones have the same number.

    An amount of an actor has a number too: whole numbers are added and compared sooner than fractions.
    """

    amounts: list[Fraction] = field(default_factory=list)
    of_amount: dict[Fraction, int] = field(default_factory=dict)
    sum_of: dict[tuple[int, int], int] = field(default_factory=dict)
    rows: list[tuple[int, ...]] = field(default_factory=list)
    numbers: dict[tuple[int, ...], int] = field(default_factory=dict)

    def number(self, paid: ExactPayoff) -> int:
        """The number of a payoff; a new payoff is entered."""
        return self._entered((paid.ending, *map(self._amount, paid.payoffs)))

    def payoff(self, number: int) -> ExactPayoff:
        """The payoff of a number."""
        ending, *amounts = self.rows[number]
        return ExactPayoff(ending, tuple(self.amounts[amount] for amount in amounts))

    def sums(self, left: Ids, right: Ids) -> Ids:
        """The numbers of the sums of two payoffs, element by element."""
        count = len(self.rows)
        keys, inverse = distinct(left * count + right, count**2)
        pairs = zip((keys // count).tolist(), (keys % count).tolist(), strict=True)
        added = [self._sum(self.rows[first], self.rows[second]) for first, second in pairs]
        return np.array(added, dtype=np.int64)[inverse]

    def _sum(self, left: tuple[int, ...], right: tuple[int, ...]) -> int:
        pairs = zip(left[1:], right[1:], strict=True)
        return self._entered((max(left[0], right[0]), *(self._added(pair) for pair in pairs)))

    def _added(self, pair: tuple[int, int]) -> int:
        if pair not in self.sum_of:
            self.sum_of[pair] = self._amount(_sum(*(self.amounts[amount] for amount in pair)))
        return self.sum_of[pair]

    def _amount(self, amount: Fraction) -> int:
        number = self.of_amount.setdefault(amount, len(self.amounts))
        if number == len(self.amounts):
            self.amounts.append(amount)
        return number

    def _entered(self, row: tuple[int, ...]) -> int:
        number = self.numbers.setdefault(row, len(self.rows))
        if number == len(self.rows):
            self.rows.append(row)
        return number


def exact_odds(game: Game, tables: Tables, values: Values) -> list[tuple[Fraction, ...]]:
    """The analyst's odds of every group of every chance layer, in order; each adds up to exactly one.

    `tables`: the game's numbers in the same draw, already checked; `values`: the inputs.
    """
    all_odds = []
    for table in game.odds:
        step = game.crisis.named[table.step]
        assert isinstance(step, Chance)
        for number in range(table.contexts.count):
            first = table.first_slot + number * table.options
            floats = tables.odds[0, first : first + table.options, 0].tolist()
            all_odds.append(_odds(step, table, number, values, floats))
    return all_odds


def exact_payoffs(game: Game, values: Values, ledger: PayoffTable) -> Ids:
    """The exact amounts of every payoff of a game, as numbers of the ledger: (payoffs,)."""
    nothing = ExactPayoff(NONE, (Fraction(0),) * len(game.actors))
    entered = np.full(game.payoff_count, ledger.number(nothing))
    for entries in game.payoff_entries:
        if not isinstance(entries, PayoffTerms):
            sums = ledger.sums(entered[entries.left], entered[entries.right])
            entered[entries.first : entries.first + len(sums)] = sums
            continue
        for number in range(entries.contexts.count):
            paid = ExactPayoff(number, nothing.payoffs)
            if entries.term is not None:
                term = game.crisis.terms[entries.term]
                amount = _exact(term.pays, entries.contexts, number, values)
                paid = ExactPayoff(NONE, tuple(amount if actor == term.actor else Fraction(0) for actor in game.actors))
            entered[entries.first + number] = ledger.number(paid)
    return entered


def _exact(expression: Expression, contexts: Contexts, number: int, values: Values) -> Fraction:
    facts = {name: as_written(float(column[number])) for name, column in contexts.values.items()}
    facts |= {name: column[number] for name, column in contexts.exact.items()}
    return _short(Fraction(exact(expression.root, facts, values)))


def _odds(step: Chance, table: OddsTable, number: int, values: Values, floats: list[float]) -> tuple[Fraction, ...]:
    row = _row(step, table.contexts, number)
    given = {
        option: max(_exact(entry, table.contexts, number, values), Fraction(0))
        for option, entry in row.entries.items()
        if entry is not None
    }
    total = sum(given.values(), Fraction(0))
    rest = {option: max(1 - total, Fraction(0)) for option, entry in row.entries.items() if entry is None}
    numbers = [(given | rest).get(option, Fraction(0)) for option in step.options]
    if any(map(is_long, _shares(numbers))):
        numbers = [Fraction(as_written(value)) for value in floats]
    return _shares(numbers)


def _shares(numbers: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """Numbers divided by their sum; it is not one for weights, and for odds that add up to one only nearly."""
    total = sum(numbers, Fraction(0))
    return tuple(number / total for number in numbers)


def _sum(left: Fraction, right: Fraction) -> Fraction:
    return _short(left + right)


def _short(number: Fraction) -> Fraction:
    return Fraction(as_written(float(number))) if is_long(number) else number


def _row(step: Chance, contexts: Contexts, number: int) -> Row:
    """The row of odds that applies in a context."""
    decided = contexts.decided
    return next(row for row in step.odds.rows if row.condition is None or decided[row.condition.root][number])
