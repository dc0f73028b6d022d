"""A game's numbers in a block of draws: odds, payments and rationality, one column a draw.

Each expression is evaluated once for all contexts and draws of the block.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.expressions.expression import Expression, Node, Values, evaluate
from offramp.crisis.expressions.rounding import PRECISION, size
from offramp.crisis.faults import CrisisError, Fault, Location
from offramp.crisis.model import Chance, Odds
from offramp.game.assembly import in_round
from offramp.game.contexts import described
from offramp.game.game import Contexts, Game, OddsTable, PayoffTerms

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
ODDS_TOLERANCE = 1e-9
SURE = 1e-6
"""A rationality is as sure as this, as a part of itself or of 1."""
LARGEST = 1e100
"""No payment is computed from larger numbers: sums of their squares over all draws stay below what a number holds."""
DECIDED = 1e30
"""A rationality times the most that an actor can be paid counts as no more: whatever rounding tells apart is then
chosen, or not, for certain."""
LOST = "is computed from numbers so large that rounding leaves nothing of it"
SMALLEST = float(np.finfo(float).tiny)
"""What is possible has no smaller odds: weights of 1e-300 and 1e300 are not the same as 0 and 1."""


@dataclass(frozen=True)
class Draws:
    """A block of draws: for each input its values, (draws,), and what to call each draw in a message."""

    values: Mapping[str, Array]
    labels: Sequence[str]

    @property
    def count(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
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

    @property
    def played(self) -> Array:
        """The rationality that play answers to, (actors, draws): larger ones than this make no difference."""
        with np.errstate(over="ignore"):
            return np.minimum(self.rationality, DECIDED / np.where(self.most > 0.0, self.most, 1.0))

    def only(self, lanes: slice | NDArray[np.int64]) -> Tables:
        """The numbers of some of the draws."""
        amounts, sizes = (
            {position: amount[:, lanes] for position, amount in some.items()} for some in (self.amounts, self.sizes)
        )
        odds = np.ascontiguousarray(self.odds[..., lanes])
        return Tables(odds, amounts, sizes, self.rationality[:, lanes], self.most[:, lanes], self.labels[lanes])


def tabulate(game: Game, draws: Draws, rationality: float | None = None) -> Tables:
    """Evaluate all odds, payments and rationalities of a game in a block of draws.

    Raises
    ------
    CrisisError
        Odds that are negative or do not add up to one, naming row, context and draw; own odds that are not
        positive exactly where the analyst's are; payments or rationalities that are no finite number; numbers so large
        that nothing is sure of what was computed from them.
    """
    odds = np.zeros((1 + len(game.believers), game.odds_slots, draws.count))
    for table in game.odds:
        step = game.crisis.named[table.step]
        assert isinstance(step, Chance)
        end = table.first_slot + table.contexts.count * table.options
        shape = (table.contexts.count, table.options, draws.count)
        analyst = _odds(game, step, step.odds, table, draws, "")
        odds[:, table.first_slot : end] = analyst.reshape(-1, draws.count)
        for number, actor in enumerate(game.believers, start=1):
            if actor in step.believed_by:
                own = _odds(game, step, step.believed_by[actor], table, draws, f"{actor}'s own ")
                _check_support(game, step, actor, analyst, own, table, draws)
                odds[number, table.first_slot : end] = own.reshape(shape[0] * shape[1], -1)
    amounts, sizes = {}, {}
    most = np.zeros((len(game.actors), draws.count))
    for position, entries in enumerate(game.payoff_entries):
        if isinstance(entries, PayoffTerms) and entries.term is not None:
            term = game.crisis.terms[entries.term]
            what = f"payoff term '{term.name}' of {term.actor}"
            amounts[position] = _finite(game, what, term.pays, entries.contexts, draws)
            sizes[position] = behind = evaluated(term.pays, entries.contexts, slice(None), draws, size)
            large = f"is computed from numbers beyond {LARGEST:g}, the largest that payoffs take"
            _refuse(game, what, large, behind > LARGEST, term.pays, entries.contexts, draws)
            # a term can be paid in every layer
            most[game.actors.index(term.actor)] += len(game.layers) * behind.max(axis=0, initial=0.0)
    labels = np.array(draws.labels, dtype=np.str_)
    return Tables(odds, amounts, sizes, _rationality(game, draws, rationality), most, labels)


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
    for name in expression.names:
        if name in draws.values:
            values[name] = draws.values[name][None, :]
        elif name in contexts.values:
            values[name] = contexts.values[name][rows, None]
    values |= {node: held[rows, None] for node, held in contexts.decided.items()}
    value = of(expression.root, values)
    shape = count, draws.count
    return value if value.shape == shape else np.broadcast_to(value, shape)


def _finite(game: Game, what: str, expression: Expression, contexts: Contexts, draws: Draws) -> Array:
    value = evaluated(expression, contexts, slice(None), draws)
    _refuse(game, what, "is not a finite number", ~np.isfinite(value), expression, contexts, draws)
    return value


def _refuse(
    game: Game, what: str, wrong: str, there: Flags, expression: Expression, contexts: Contexts, draws: Draws
) -> None:
    """Raise CrisisError where anything is wrong `there`, (contexts, draws): what, and in which context and draw."""
    if there.any():
        context, draw = map(int, np.argwhere(there)[0])
        where = described(game.crisis, contexts, context)
        _fail(game, expression.place, f"{what} {wrong}{where}", expression, draws, draw)


def _rationality(game: Game, draws: Draws, given: float | None) -> Array:
    nothing = Contexts({}, 1)
    rows = []
    for actor in game.crisis.actors.values():
        if given is not None:
            rows.append(np.full(draws.count, given))
            continue
        what = f"the rationality of {actor.key}"
        value = _finite(game, what, actor.rationality, nothing, draws)[0]
        unsure = PRECISION * evaluated(actor.rationality, nothing, slice(None), draws, size) > SURE * np.maximum(
            value, 1.0
        )
        _refuse(game, what, LOST, unsure, actor.rationality, nothing, draws)
        low = np.flatnonzero(value < 0)
        if len(low):
            message = f"the rationality of {actor.key} is {value[low[0]]:.6g}; it cannot be negative"
            _fail(game, actor.rationality.place, message, actor.rationality, draws, int(low[0]))
        rows.append(value)
    return np.array(rows).reshape(len(rows), draws.count)


def _odds(game: Game, step: Chance, odds: Odds, table: OddsTable, draws: Draws, whose: str) -> Array:
    """One odds table: (contexts, options, draws)."""
    contexts = table.contexts
    kind = "weights" if odds.normalised else "odds"
    result, behind = np.zeros((2, contexts.count, table.options, draws.count))
    pending = np.ones(contexts.count, dtype=bool)
    for number, row in enumerate(odds.rows, start=1):
        holds = pending.copy()
        if row.condition is not None:
            holds &= contexts.decided[row.condition.root]
        pending &= ~holds
        rows = np.flatnonzero(holds)
        if not len(rows):
            continue
        name = f"{whose}{kind} of '{step.name}'{in_round(table.round)}"
        if len(odds.rows) > 1:
            name += f", row {number},"
        rest = None
        for option, entry in row.entries.items():
            slot = step.options.index(option)
            if entry is None:
                rest = slot
                continue
            result[rows, slot] = evaluated(entry, contexts, rows, draws)
            behind[rows, slot] = evaluated(entry, contexts, rows, draws, size)
            wrong = ~((result[rows, slot] >= 0.0) & (result[rows, slot] < np.inf))
            if wrong.any():
                at, draw = map(int, np.argwhere(wrong)[0])
                context = int(rows[at])
                found = result[context, slot, draw]
                where = described(game.crisis, contexts, context)
                _fail(
                    game,
                    entry.place,
                    f"{name} give {option} {found:.6g}{where}; odds cannot be negative",
                    entry,
                    draws,
                    draw,
                )
        if odds.normalised:
            result[rows], behind[rows] = _in_range(result[rows], behind[rows])
        total = result[rows].sum(axis=1)
        unsure = (PRECISION * behind[rows]).sum(axis=1) > ODDS_TOLERANCE * np.where(odds.normalised, total, 1.0)
        short = total > 1.0 + ODDS_TOLERANCE if rest is not None else np.abs(total - 1.0) > ODDS_TOLERANCE
        if odds.normalised:
            short = ~(total > 0.0)
        if short.any():
            at, draw = map(int, np.argwhere(short)[0])
            context, found = int(rows[at]), total[at, draw]
            where = described(game.crisis, contexts, context)
            if odds.normalised:
                expected = "they must not all be zero"
            elif rest is not None:
                expected = f"nothing is left for the rest, {step.options[rest]}"
            else:
                expected = "they must add up to 1; write `rest` for what is left"
            any_entry = next(entry for entry in row.entries.values() if entry is not None)
            _fail(game, row.place, f"{name} add up to {found:.10g}{where}; {expected}", any_entry, draws, draw)
        if unsure.any():
            at, draw = map(int, np.argwhere(unsure)[0])
            largest = max(row.entries, key=lambda option: behind[rows[at], step.options.index(option), draw])
            entry = row.entries[largest]
            assert entry is not None  # the rest is computed from nothing
            where = described(game.crisis, contexts, int(rows[at]))
            _fail(game, entry.place, f"{name} for {largest}: it {LOST}{where}", entry, draws, draw)
        if odds.normalised:
            share = result[rows] / total[:, None, :]
            result[rows] = np.where(result[rows] > 0.0, np.maximum(share, SMALLEST), 0.0)
        elif rest is not None:
            result[rows, rest] = np.maximum(1.0 - total, 0.0)
    return result


def _in_range(weights: Array, behind: Array) -> tuple[Array, Array]:
    """Weights, (contexts, options, draws), and their sizes over a power of two, so that their sum is a number.

    What is positive stays so; a power of two changes no digit.
    """
    _, power = np.frexp(weights.max(axis=1, keepdims=True))
    scaled = np.where(weights > 0.0, np.maximum(np.ldexp(weights, -power), SMALLEST), 0.0)
    return scaled, np.ldexp(behind, -power)


def _check_support(
    game: Game, step: Chance, actor: str, analyst: Array, own: Array, table: OddsTable, draws: Draws
) -> None:
    wrong = (analyst > 0.0) != (own > 0.0)
    if wrong.any():
        context, option, draw = map(int, np.argwhere(wrong)[0])
        where = described(game.crisis, table.contexts, context)
        values = f"{own[context, option, draw]:.6g} against {analyst[context, option, draw]:.6g}"
        message = (
            f"{actor}'s own odds of '{step.name}' must be positive exactly where the analyst's are; "
            f"for {step.options[option]} they are {values}{where}"
        )
        raise CrisisError(game.crisis.path, [Fault(step.place, f"{message} ({draws.labels[draw]})")])


def _fail(game: Game, place: Location, message: str, expression: Expression, draws: Draws, draw: int) -> None:
    inputs = [f"{name} = {draws.values[name][draw]:.4g}" for name in sorted(expression.names) if name in draws.values]
    detail = f": {', '.join(inputs)}" if inputs else ""
    raise CrisisError(game.crisis.path, [Fault(place, f"{message} ({draws.labels[draw]}{detail})")])
