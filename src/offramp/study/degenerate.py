"""Signs that a model is degenerate: choices and endings that hardly occur, and actors that want what is to be avoided.

They are found by solving a few draws. None is a mistake; most come from a payoff on another scale than the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from offramp.common.numerals import amount, bound, percent
from offramp.common.words import listed, quoted
from offramp.crisis.expressions.rounding import PRECISION
from offramp.crisis.faults import Fault
from offramp.crisis.model import Crisis
from offramp.crisis.parts import Ending
from offramp.crisis.steps import Move
from offramp.equilibrium.conditioning import condition_play
from offramp.equilibrium.counting import ending_of_payoffs
from offramp.equilibrium.logit import BlockSolution
from offramp.equilibrium.structure import UNDERFLOW, structure_of
from offramp.equilibrium.sweeps import Block
from offramp.game.game import Game
from offramp.runs.blocks import NumberedBlock, begin_blocks, threads
from offramp.runs.sampling import inputs_at
from offramp.study.options_apart import apart_in, apart_in_other_play, move_slots, moves_of

Array = NDArray[np.float64]

DRAWS, SEED = 64, 1
"""Number of draws that are solved at most, and their seed."""
MOST_NODES = 500_000
"""Maximum number of nodes times draws, so that the check takes less than a second."""
FEWEST = 16
"""With fewer draws too much would look as if it never varied, so nothing is said."""
NEVER_CHOSEN = 0.005
"""An option chosen less often than this in every situation, in every draw, is pointed out."""
NEVER_REACHED = 0.001
"""An ending less likely than this in the mean is pointed out."""
EQUAL = 1e-9
"""Choice probabilities and payoffs that differ by less are equal."""
ROUNDINGS = 16
"""Bound on the rounding of a sum of payoffs over the draws, in units of its own precision."""

Counts = NDArray[np.int64]


def draws_for(game: Game) -> int:
    """The number of draws that the check solves; 0 if the game is too large for it."""
    draws = min(DRAWS, 2 ** int(np.log2(max(MOST_NODES // max(game.size.nodes, 1), 1))))
    return draws if draws >= FEWEST else 0


@dataclass(frozen=True, eq=False, repr=False)
class Tallied:
    """What the draws that converged come to.

    `most`: (moves, options), how often an option is chosen in the situation and draw in which it is chosen most, -1 if
    it never can be; `best`: (moves, options), the number of situations and draws in which it is the likeliest; `asked`:
    (moves,), the number of those with several options. `apart`: (moves, options, options), the most that two options'
    payoffs to come differ in a situation and draw, as in `apart_in`, -1 if they are never open together.
    `differs`: (moves,), the most that the choice of an option differs between two situations with the same options, in
    one draw, -1 if there are no two. `endings`: (endings,), summed over the draws. `avoided`, `paid`, `paid_avoided`:
    the sum of the probability of the endings to avoid, and (actors,) of the payoffs, in all and on plays to those
    endings. `draws`: their number.
    """

    most: Array
    best: Counts
    asked: Counts
    apart: Array
    differs: Array
    endings: Array
    avoided: float
    paid: Array
    paid_avoided: Array
    draws: int


def degenerate(game: Game, draws: int) -> tuple[Fault, ...]:
    """Warnings about choices, endings and actors of a degenerate model, from some draws of its inputs.

    Where there are several equilibria, only what holds in all that are found from a few starts.
    """
    solved = _solved(game, draws)
    return _warned(game, solved, None)


def examined(game: Game, draws: int) -> tuple[tuple[Tallied, ...], tuple[Fault, ...]]:
    """What some draws come to in each equilibrium that is found, the usual one first; the warnings of `degenerate`."""
    solved = _solved(game, draws)
    found = _joined([one.tally for one in solved])
    if not found.draws or structure_of(game).perfect_information:
        return (found,), _warned(game, solved, [])
    others = _in_other_equilibria(game, solved)
    return (found, *others), _warned(game, solved, others)


def in_all(equilibria: Sequence[Tallied]) -> Tallied:
    """The same draws in several equilibria as one: the most that is chosen, apart or reached in any of them."""
    first = equilibria[0]
    return replace(
        _joined(equilibria),
        endings=np.max([one.endings for one in equilibria], axis=0),
        avoided=first.avoided,
        paid=first.paid,
        paid_avoided=first.paid_avoided,
        draws=first.draws,
    )


def _warned(game: Game, solved: Sequence[_Solved], others: Sequence[Tallied] | None) -> tuple[Fault, ...]:
    """The warnings of `degenerate`; `others`: the other equilibria, if they are known already."""
    whole = _joined([one.tally for one in solved])
    if not whole.draws:
        return ()
    if any(same_options(game, whole)):
        whole = replace(whole, apart=np.maximum(whole.apart, _apart_in_other_play(game, solved)))
    warnings = list(_warnings(game, whole))
    if warnings and not structure_of(game).perfect_information:
        warnings = list(_lasting(game, whole, _in_other_equilibria(game, solved) if others is None else others))
    return tuple(sorted(set(warnings)))


def _warnings(game: Game, found: Tallied) -> Iterator[Fault]:
    return chain(
        idle_choices(game, found), same_options(game, found), rare_endings(game, found), odd_wants(game, found)
    )


def _lasting(game: Game, found: Tallied, others: Sequence[Tallied]) -> Iterator[Fault]:
    """Warnings that hold in other equilibria of the same draws too."""
    together = in_all((found, *others))
    yield from idle_choices(game, together)
    yield from same_options(game, together)
    for check in rare_endings, odd_wants:
        places = [{fault.place for fault in check(game, other)} for other in others]
        yield from (fault for fault in check(game, found) if all(fault.place in there for there in places))


@dataclass(frozen=True, eq=False)
class _Solved:
    block: Block
    found: BlockSolution
    tally: Tallied


def _solved(game: Game, draws: int) -> list[_Solved]:
    tally = _tally(game)

    def work(part: NumberedBlock) -> _Solved:
        found = part.solve()
        return _Solved(part.block, found, tally(part.block, found, found.converged))

    with threads(None) as pool:
        return begin_blocks(game, draws, _inputs(game.crisis, draws), work, pool).results()


def _joined(parts: Sequence[Tallied]) -> Tallied:
    return Tallied(
        most=np.max([part.most for part in parts], axis=0),
        best=np.sum([part.best for part in parts], axis=0),
        asked=np.sum([part.asked for part in parts], axis=0),
        apart=np.max([part.apart for part in parts], axis=0),
        differs=np.max([part.differs for part in parts], axis=0),
        endings=np.sum([part.endings for part in parts], axis=0),
        avoided=sum(part.avoided for part in parts),
        paid=np.sum([part.paid for part in parts], axis=0),
        paid_avoided=np.sum([part.paid_avoided for part in parts], axis=0),
        draws=sum(part.draws for part in parts),
    )


def _apart_in_other_play(game: Game, solved: Sequence[_Solved]) -> Array:
    """How far options are apart in play that balances nothing, in the same draws: (moves, options, options)."""
    placed = move_slots(game)
    return np.asarray(np.max([apart_in_other_play(placed, one.block) for one in solved], axis=0))


def _in_other_equilibria(game: Game, solved: Sequence[_Solved]) -> list[Tallied]:
    """What the same draws come to in the equilibria that a few other starts lead to, and between them."""
    from offramp.study.other_equilibria import other_equilibria  # only where something is found in the first ones

    tally, placed = _tally(game), move_slots(game)

    def work(one: _Solved) -> list[Tallied]:
        others = other_equilibria(placed, one.block, one.found)
        return [one.tally if other is None else tally(one.block, other, one.found.converged) for other in others]

    with threads(None) as pool:
        return [_joined(parts) for parts in zip(*pool.map(work, solved), strict=True)]


def never_chosen(game: Game, found: Tallied) -> Iterator[tuple[Move, list[str]]]:
    """For each move, its options that are hardly ever chosen, in any situation and draw."""
    for move, most in zip(moves_of(game), found.most, strict=True):
        yield move, [option for option, share in zip(move.options, most, strict=False) if 0.0 <= share < NEVER_CHOSEN]


def always_best(game: Game, found: Tallied) -> Iterator[tuple[Move, str | None]]:
    """For each move, the option that is the likeliest in every situation and draw; None if it varies."""
    for move, best in zip(moves_of(game), found.best, strict=True):
        leading = [option for option, is_best in zip(move.options, best, strict=False) if is_best]
        yield move, leading[0] if len(leading) == 1 else None


def hardly_reached(game: Game, found: Tallied) -> Iterator[tuple[Ending, float]]:
    """The endings that can be reached and hardly ever are, with their mean probability."""
    for ending, total, state in zip(game.crisis.endings, found.endings, game.ending_states, strict=True):
        if state == "reached" and total / found.draws < NEVER_REACHED:
            yield ending, total / found.draws


def _inputs(crisis: Crisis, draws: int) -> dict[str, Array]:
    """A Latin hypercube of the inputs, levers applied, (draws,) each (McKay, Beckman & Conover 1979).

    The Sobol points of a run would take half a second to load.
    """
    names, generator = crisis.uncertain, np.random.default_rng(SEED)
    order = generator.permuted(np.tile(np.arange(draws), (len(names), 1)), axis=1)
    return inputs_at(crisis, names, (order.T + 0.5) / draws)


def _tally(game: Game) -> Callable[[Block, BlockSolution, NDArray[np.bool_]], Tallied]:
    """What a solved block comes to in the draws that count, (draws,)."""
    structure, crisis, placed = structure_of(game), game.crisis, move_slots(game)
    moves, of_slot, widest = placed.moves, placed.of_slot, placed.widest
    avoided = [crisis.ending_index(key) for key in crisis.avoided]
    ending_of = ending_of_payoffs(game)
    on_edge = ending_of[structure.edge_payoff]
    at_once = int(ending_of[structure.root_payoff])
    to_avoided = (on_edge < 0) | np.isin(on_edge, avoided)
    actor_of = np.array([game.actors.index(term.actor) for term in crisis.terms], dtype=int)

    def tally(block: Block, solved: BlockSolution, kept: NDArray[np.bool_]) -> Tallied:
        choice = solved.choice[:, kept]
        reached = structure.over_options(solved.reached[:, kept] > UNDERFLOW)
        often = np.where(reached, choice, -1.0)
        likeliest = structure.over_options(np.maximum.reduceat(choice, structure.first_slots, axis=0))
        several = structure.over_options(structure.options)[:, None] > 1
        leads = (often >= likeliest - EQUAL) & reached & several
        most, best = np.full((len(moves), widest), -1.0), np.zeros((len(moves), widest), dtype=np.int64)
        np.maximum.at(most, (of_slot, game.slot_option), often.max(axis=1, initial=-1.0))
        np.add.at(best, (of_slot, game.slot_option), leads.sum(axis=1))
        apart = apart_in(placed, block, solved, structure.over_options(solved.reached > UNDERFLOW) & kept)
        asked, differs = np.zeros(len(moves), dtype=np.int64), np.full(len(moves), -1.0)
        first = structure.first_slots
        np.add.at(asked, of_slot[first], (reached & several)[first].sum(axis=1))
        for number, slots in placed.alike:
            differs[number] = max(differs[number], _range(choice[slots], reached[slots]))
        likelihood, terms = condition_play(block, solved.choice, to_avoided).joint("terms")
        possible = at_once < 0 or at_once in avoided
        paid_there, likely_there = terms[:, kept] * possible, likelihood[kept] * possible
        paid, paid_avoided = np.zeros((2, len(game.actors)))
        np.add.at(paid, actor_of, solved.terms[:, kept].sum(axis=1))
        np.add.at(paid_avoided, actor_of, paid_there.sum(axis=1))
        endings = solved.endings[:, kept].sum(axis=1)
        return Tallied(
            most, best, asked, apart, differs, endings, float(likely_there.sum()), paid, paid_avoided, int(kept.sum())
        )

    return tally


def _range(choice: Array, reached: NDArray[np.bool_]) -> float:
    """The largest range of an option's probability over the situations reached, (situations, options, draws)."""
    low, high = np.where(reached, choice, np.inf).min(axis=0), np.where(reached, choice, -np.inf).max(axis=0)
    compared = reached.sum(axis=0) > 1
    return float((high - low)[compared].max(initial=-1.0))


def idle_choices(game: Game, found: Tallied) -> Iterator[Fault]:
    """Options that are hardly ever chosen, and moves with one best option."""
    for (move, never), (_, always) in zip(never_chosen(game, found), always_best(game, found), strict=True):
        rare = (
            f"{listed(map(quoted, never))} {'is' if len(never) == 1 else 'are'} chosen in under {bound(NEVER_CHOSEN)}"
        )
        if always is not None:
            others = f"; {rare} of cases" if never else ""
            yield Fault(
                move.place,
                f"the best option of '{move.key}' is {quoted(always)} in every situation and all {found.draws} draws"
                f"{others}: nothing that is uncertain here matters to {game.crisis.actors[move.by].name}; compare the "
                "sizes of its payoff terms, or leave the move out",
            )
        elif never:
            yield Fault(
                move.place,
                f"of '{move.key}', {rare} of cases in every situation and all {found.draws} draws: a payoff term of "
                f"{game.crisis.actors[move.by].name} may be too large against the others; change it, or leave the "
                f"option{'s' * (len(never) > 1)} out",
            )


def same_options(game: Game, found: Tallied) -> Iterator[Fault]:
    """Options of a move that come to the same wherever both are open; not of an actor without any payoff yet."""
    wanting = {term.actor for term in game.crisis.terms}
    for move, apart in zip(moves_of(game), found.apart, strict=True):
        if move.by not in wanting:
            continue
        told: set[str] = set()
        for option, gaps in zip(move.options, apart, strict=False):
            same = [other for other, gap in zip(move.options, gaps, strict=False) if 0.0 <= gap <= EQUAL]
            if len(same) < 2 or option in told:
                continue
            told.update(same)
            yield Fault(
                move.place,
                f"of '{move.key}', {listed(map(quoted, same))} come to the same for "
                f"{game.crisis.actors[move.by].name} in every situation and all {found.draws} draws: name what tells "
                "them apart in a payoff, in an ending or in a later step, or leave one out",
            )


def rare_endings(game: Game, found: Tallied) -> Iterator[Fault]:
    """Endings that hardly ever come about."""
    for ending, mean in hardly_reached(game, found):
        yield Fault(
            ending.place,
            f"ending '{ending.key}' is only {percent(mean)} likely on average over {found.draws} draws: see why "
            f"with `offramp why FILE --ending {ending.key}`, and check the sizes of the payoffs that keep it away",
        )


def odd_wants(game: Game, found: Tallied) -> Iterator[Fault]:
    """Actors whose payoff is higher on plays to the endings to avoid than on others."""
    crisis, rest = game.crisis, found.draws - found.avoided
    if found.avoided < EQUAL or rest < EQUAL:
        return
    unknown = {name for name, entry in crisis.inputs.items() if entry.estimate and entry.reason.because is None}
    for number, key in enumerate(game.actors):
        if any(term.pays.names & unknown for term in crisis.terms if term.actor == key):
            continue  # no fit has estimated yet what it wants
        there, elsewhere = (
            found.paid_avoided[number] / found.avoided,
            (found.paid[number] - found.paid_avoided[number]) / rest,
        )
        rounding = ROUNDINGS * PRECISION * abs(found.paid[number]) / min(found.avoided, rest)
        if there > elsewhere + EQUAL + rounding:
            which = listed((ending.key for ending in crisis.endings if ending.key in crisis.avoided), last="or")
            yield Fault(
                crisis.actors[key].place,
                f"{crisis.actors[key].name} would rather have the ending to avoid: its payoff is {amount(there)} on "
                f"average where the crisis ends in {which}, and {amount(elsewhere)} where it does not; if that is not "
                "meant, look for a wrong sign or a cost that is too small in its payoffs",
            )
