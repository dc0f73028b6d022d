"""A game's numbers in a block of draws: odds, payments and rationality, one column for each draw.

Each expression is evaluated once for all contexts and draws of the block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.expressions.expression import Expression, Linear, Node, Values, evaluate
from offramp.crisis.expressions.rounding import PRECISION, size
from offramp.crisis.faults import CrisisError, Fault, Location
from offramp.crisis.inputs import in_one_draw
from offramp.crisis.steps import Chance, Odds, Row
from offramp.game.assembly import in_round
from offramp.game.contexts import described
from offramp.game.game import Contexts, Game, OddsTable, PayoffTerms

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
ODDS_TOLERANCE = 1e-9
SURE = 1e-6
"""Largest rounding error of a rationality, relative to the larger of itself and 1."""
LARGEST = 1e100
"""Largest number that a payment may be computed from: sums of squares over all draws stay below the largest float."""
DECIDED = 1e30
"""Upper bound on a rationality times an actor's largest payoff: beyond it every choice is certain."""
LOST = "is computed from numbers so large that rounding leaves nothing of it"
EVERYWHERE = Contexts({}, 1)
"""The one context of what names no step."""
SMALLEST = float(np.finfo(float).tiny)
"""Smallest odds of a possible option: weights of 1e-300 and 1e300 are not the same as 0 and 1."""


@dataclass(frozen=True, eq=False, repr=False)
class Draws:
    """A block of draws: each input's values, (draws,), and each draw's name in messages."""

    values: Mapping[str, Array]
    labels: Sequence[str]
    _sums: dict[Linear, tuple[Array, Array]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def count(self) -> int:
        return len(self.labels)

    def sum_and_size(self, total: Linear) -> tuple[Array, Array]:
        """The value of a sum and its size, (draws,) each; computed once for all expressions."""
        if total not in self._sums:
            self._sums[total] = evaluate(total, self.values), size(total, self.values)
        return self._sums[total]


@dataclass(frozen=True, eq=False, repr=False)
class Tables:
    """The numbers of a block of draws.

    `odds`: (belief systems, odds slots, draws), probabilities; system 0 is the analyst's. `amounts`: for each payoff
    term of the game's payoffs, (contexts, draws); `sizes`: the sizes of the numbers that the amounts were computed
    from, which bound rounding. `rationality`: (actors, draws), as in the crisis; `most`: (actors, draws), an upper
    bound on the payoff of any play, all amounts taken as positive. `labels`: (draws,), each draw's name in messages.
    """

    odds: Array
    amounts: Mapping[int, Array]
    """By position in `Game.payoff_entries`."""
    sizes: Mapping[int, Array]
    rationality: Array
    most: Array
    labels: NDArray[np.str_]
    measured: Tables | None = None
    """Those of `Game.measured`."""

    @property
    def played(self) -> Array:
        """The rationality used in solving, (actors, draws): the crisis's, cut off where more makes no difference."""
        with np.errstate(over="ignore"):
            return np.minimum(self.rationality, DECIDED / np.where(self.most > 0.0, self.most, 1.0))

    def only(self, lanes: slice | NDArray[np.int64]) -> Tables:
        """The numbers of some of the draws."""
        amounts, sizes = (
            {position: amount[:, lanes] for position, amount in some.items()} for some in (self.amounts, self.sizes)
        )
        odds = np.ascontiguousarray(self.odds[..., lanes])
        measured = None if self.measured is None else self.measured.only(lanes)
        return Tables(
            odds, amounts, sizes, self.rationality[:, lanes], self.most[:, lanes], self.labels[lanes], measured
        )


def tabulate(game: Game, draws: Draws, rationality: float | None = None, before: Draws | None = None) -> Tables:
    """Evaluate all odds, payments and rationalities of a game in a block of draws.

    In a block of one draw, only what names an input that differs from the game's last such draw is evaluated.

    `before`: the same draws as they were up to now, if other inputs hold from now on. Odds up to now are then zero, to
    be filled in from what was played, and what was paid up to now is what it was.

    Raises
    ------
    CrisisError
        If odds are negative or do not add up to one, naming row, context and draw; if an actor's own odds are not
        positive exactly where the analyst's are; if payments or rationalities are not finite numbers; if numbers are
        so large that rounding leaves nothing of the result.
    """
    last = game.last_draw[0].moved_to(draws.values) if draws.count == 1 and before is None else None
    odds = np.zeros((1 + len(game.believers), game.odds_slots, draws.count))
    for table in game.odds:
        if before is not None and table.first_slot < game.past_odds_slots:
            continue
        in_table = partial(_odds_by_system, game, table, draws)
        end = table.first_slot + table.contexts.count * table.options
        odds[:, table.first_slot : end] = (
            last.result(("odds", table.first_slot), _named_in(game, table), in_table) if last else in_table()
        )
    amounts, sizes = {}, {}
    most = np.zeros((len(game.actors), draws.count))
    for position, entries in enumerate(game.payoff_entries):
        if isinstance(entries, PayoffTerms) and entries.term is not None:
            term = game.crisis.terms[entries.term]
            at = before if before is not None and position in game.paid else draws
            of_term = partial(_payments_and_sizes, game, position, at)
            paid = last.result(position, term.pays.names, of_term) if last else of_term()
            amounts[position], sizes[position] = paid
            if term.actor:  # it may pay in every layer
                most[game.actors.index(term.actor)] += len(game.layers) * paid[1].max(axis=0, initial=0.0)
    if last:
        game.last_draw[0] = last
    labels = np.array(draws.labels, dtype=np.str_)
    measured = tabulate(game.measured, draws, rationality) if game.measured is not None else None
    return Tables(odds, amounts, sizes, _rationality(game, draws, rationality), most, labels, measured)


def check_tables(game: Game, draws: Draws, names: frozenset[str]) -> None:
    """Raise as `tabulate` if a number that depends on any input in `names` is impossible in a block of draws."""
    for table in game.odds:
        if names & _named_in(game, table):
            _odds_by_system(game, table, draws)
    for position, entries in enumerate(game.payoff_entries):
        term = entries.term if isinstance(entries, PayoffTerms) else None
        if term is not None and names & game.crisis.terms[term].pays.names:
            _payments_and_sizes(game, position, draws)
    _rationality(game, draws, None)
    if game.measured is not None:
        check_tables(game.measured, draws, names)


def _named_in(game: Game, table: OddsTable) -> frozenset[str]:
    """What the odds of a table name, in all belief systems."""
    step = game.crisis.named[table.step]
    assert isinstance(step, Chance)
    rows = (row for odds in (step.odds, *step.believed_by.values()) for row in odds.rows)
    return frozenset().union(*(entry.names for row in rows for entry in row.entries.values() if entry is not None))


def _odds_by_system(game: Game, table: OddsTable, draws: Draws) -> Array:
    """The odds of a table in every belief system: (belief systems, contexts times options, draws)."""
    step = game.crisis.named[table.step]
    assert isinstance(step, Chance)
    analyst = _odds(game, step, step.odds, table, draws, "")
    systems = [analyst] * (1 + len(game.believers))
    for number, actor in enumerate(game.believers, start=1):
        if actor in step.believed_by:
            own = _odds(game, step, step.believed_by[actor], table, draws, f"{actor}'s own ")
            _check_support(game, step, actor, analyst, own, table, draws)
            systems[number] = own
    return np.stack(systems).reshape(len(systems), -1, draws.count)


def _payments_and_sizes(game: Game, position: int, draws: Draws) -> tuple[Array, Array]:
    """What one payoff term pays, and the sizes of the numbers that it is computed from: (contexts, draws) each."""
    entries = game.payoff_entries[position]
    assert isinstance(entries, PayoffTerms)
    assert entries.term is not None
    term = game.crisis.terms[entries.term]
    amounts = _finite(game, term.what, term.pays, entries.contexts, draws)
    sizes = evaluated(term.pays, entries.contexts, slice(None), draws, size)
    large = f"is computed from numbers beyond the limit of {LARGEST:g}"
    _refuse(game, term.what, large, sizes > LARGEST, term.pays, entries.contexts, draws)
    return amounts, sizes


def evaluated(
    expression: Expression,
    contexts: Contexts,
    rows: NDArray[np.int64] | slice,
    draws: Draws,
    of: Callable[[Node, Values], Array] = evaluate,
) -> Array:
    """An expression's value, or its size, in some contexts and all draws: (contexts, draws)."""
    count = contexts.count if isinstance(rows, slice) else len(rows)
    values: dict[str | Node, NDArray[np.generic]] = {}
    for name in expression.names_outside_sums:
        if name in draws.values:
            values[name] = draws.values[name][None, :]
        elif name in contexts.values:
            values[name] = contexts.values[name][rows, None]
    for total in expression.sums:
        values[total.name], values[total] = draws.sum_and_size(total)
    values |= {node: holds[rows, None] for node, holds in contexts.decided.items()}
    value = of(expression.root, values)
    shape = count, draws.count
    return value if value.shape == shape else np.broadcast_to(value, shape)


def _finite(game: Game, what: str, expression: Expression, contexts: Contexts, draws: Draws) -> Array:
    value = evaluated(expression, contexts, slice(None), draws)
    _refuse(game, what, "is not a finite number", ~np.isfinite(value), expression, contexts, draws)
    return value


def _refuse(
    game: Game, what: str, fault: str, faulty: Flags, expression: Expression, contexts: Contexts, draws: Draws
) -> None:
    """Raise CrisisError if any value is `faulty`, (contexts, draws), naming the fault, the context and the draw."""
    if faulty.any():
        context, draw = map(int, np.argwhere(faulty)[0])
        where = described(game.crisis, contexts, context)
        _fail(game, expression.place, f"{what} {fault}{where}", expression, draws, draw)


def _rationality(game: Game, draws: Draws, given: float | None) -> Array:
    rows = []
    for actor in game.crisis.actors.values():
        if given is not None:
            rows.append(np.full(draws.count, given))
            continue
        what = f"the rationality of {actor.key}"
        value = _finite(game, what, actor.rationality, EVERYWHERE, draws)[0]
        unsure = PRECISION * evaluated(actor.rationality, EVERYWHERE, slice(None), draws, size) > SURE * np.maximum(
            value, 1.0
        )
        _refuse(game, what, LOST, unsure, actor.rationality, EVERYWHERE, draws)
        low = np.flatnonzero(value < 0)
        if len(low):
            message = f"the rationality of {actor.key} is {value[low[0]]:.6g}; it cannot be negative"
            _fail(game, actor.rationality.place, message, actor.rationality, draws, int(low[0]))
        rows.append(value)
    return np.array(rows).reshape(len(rows), draws.count)


@dataclass(frozen=True, eq=False, repr=False)
class _OddsRow:
    """A row of a chance step's odds in the contexts where it applies; `at`: their numbers, `name`: in messages."""

    game: Game
    step: Chance
    row: Row
    normalised: bool
    contexts: Contexts
    at: NDArray[np.int64]
    draws: Draws
    name: str

    def evaluate(self, result: Array, sizes: Array) -> int | None:
        """Fill the row's odds and their sizes, (contexts, options, draws); return the option that gets the rest."""
        rest = None
        for option, entry in self.row.entries.items():
            slot = self.step.options.index(option)
            if entry is None:
                rest = slot
                continue
            result[self.at, slot] = values = evaluated(entry, self.contexts, self.at, self.draws)
            sizes[self.at, slot] = evaluated(entry, self.contexts, self.at, self.draws, size)
            wrong = ~((values >= 0.0) & (values < np.inf))
            if wrong.any():
                position, draw = map(int, np.argwhere(wrong)[0])
                found = f"{option} {values[position, draw]:.6g}{self.where(position)}"
                self.fail(entry.place, f"{self.name} give {found}; odds cannot be negative", entry, draw)
        return rest

    def check_total(self, total: Array, rest: int | None) -> None:
        """Refuse odds whose `total`, (contexts of the row, draws), is not one, or weights that are all zero."""
        wrong = total > 1.0 + ODDS_TOLERANCE if rest is not None else np.abs(total - 1.0) > ODDS_TOLERANCE
        if self.normalised:
            wrong = ~(total > 0.0)
        if wrong.any():
            position, draw = map(int, np.argwhere(wrong)[0])
            if self.normalised:
                expected = "they must not all be zero"
            elif rest is not None:
                expected = f"nothing is left for the rest, {self.step.options[rest]}"
            else:
                expected = "they must add up to 1; write `rest` for what is left"
            any_entry = next(entry for entry in self.row.entries.values() if entry is not None)
            found = f"{total[position, draw]:.10g}{self.where(position)}"
            self.fail(self.row.place, f"{self.name} add up to {found}; {expected}", any_entry, draw)

    def check_rounding(self, total: Array, sizes: Array) -> None:
        """Refuse odds that rounding may have changed too much; `sizes`: (contexts of the row, options, draws)."""
        unsure = (PRECISION * sizes).sum(axis=1) > ODDS_TOLERANCE * np.where(self.normalised, total, 1.0)
        if unsure.any():
            position, draw = map(int, np.argwhere(unsure)[0])
            options = self.step.options
            largest = max(self.row.entries, key=lambda option: sizes[position, options.index(option), draw])
            entry = self.row.entries[largest]
            assert entry is not None  # the rest is not computed
            self.fail(entry.place, f"{self.name} for {largest}: it {LOST}{self.where(position)}", entry, draw)

    def where(self, position: int) -> str:
        """One of the row's contexts, in words."""
        return described(self.game.crisis, self.contexts, int(self.at[position]))

    def fail(self, place: Location, message: str, entry: Expression, draw: int) -> None:
        _fail(self.game, place, message, entry, self.draws, draw)


def rows_that_count(odds: Odds, contexts: Contexts) -> Iterator[tuple[int, Row, NDArray[np.int64]]]:
    """The rows of odds that count in some contexts: the row's number from 1, the row, and the contexts, (at,)."""
    pending = np.ones(contexts.count, dtype=bool)
    for number, row in enumerate(odds.rows, start=1):
        holds = pending.copy()
        if row.condition is not None:
            holds &= contexts.decided[row.condition.root]
        pending &= ~holds
        at = np.flatnonzero(holds)
        if len(at):
            yield number, row, at


def _odds(game: Game, step: Chance, odds: Odds, table: OddsTable, draws: Draws, whose: str) -> Array:
    """One odds table: (contexts, options, draws)."""
    contexts = table.contexts
    kind = "weights" if odds.normalised else "odds"
    result, sizes = np.zeros((2, contexts.count, table.options, draws.count))
    for number, row, at in rows_that_count(odds, contexts):
        name = f"{whose}{kind} of '{step.key}'{in_round(table.round)}"
        if len(odds.rows) > 1:
            name += f", row {number},"
        in_row = _OddsRow(game, step, row, odds.normalised, contexts, at, draws, name)
        rest = in_row.evaluate(result, sizes)
        if odds.normalised:
            result[at], sizes[at] = _in_range(result[at], sizes[at])
        total = result[at].sum(axis=1)
        in_row.check_total(total, rest)
        in_row.check_rounding(total, sizes[at])
        if odds.normalised:
            share = result[at] / total[:, None, :]
            result[at] = np.where(result[at] > 0.0, np.maximum(share, SMALLEST), 0.0)
        elif rest is not None:
            result[at, rest] = np.maximum(1.0 - total, 0.0)
    return result


def _in_range(weights: Array, sizes: Array) -> tuple[Array, Array]:
    """Weights, (contexts, options, draws), and their sizes divided by a power of two, so that their sum is finite.

    Positive weights stay positive; dividing by a power of two changes no digit.
    """
    _, power = np.frexp(weights.max(axis=1, keepdims=True))
    scaled = np.where(weights > 0.0, np.maximum(np.ldexp(weights, -power), SMALLEST), 0.0)
    return scaled, np.ldexp(sizes, -power)


def _check_support(
    game: Game, step: Chance, actor: str, analyst: Array, own: Array, table: OddsTable, draws: Draws
) -> None:
    wrong = (analyst > 0.0) != (own > 0.0)
    if wrong.any():
        context, option, draw = map(int, np.argwhere(wrong)[0])
        where = described(game.crisis, table.contexts, context)
        values = f"{own[context, option, draw]:.6g} against {analyst[context, option, draw]:.6g}"
        message = (
            f"{actor}'s own odds of '{step.key}' must be positive exactly where the analyst's are; "
            f"for {step.options[option]} they are {values}{where}"
        )
        raise CrisisError(game.crisis.path, [Fault(step.place, f"{message} ({draws.labels[draw]})")])


def _fail(game: Game, place: Location, message: str, expression: Expression, draws: Draws, draw: int) -> None:
    inputs = in_one_draw(draws.values, expression, draw)
    detail = f": {inputs}" if inputs else ""
    raise CrisisError(game.crisis.path, [Fault(place, f"{message} ({draws.labels[draw]}{detail})")])
