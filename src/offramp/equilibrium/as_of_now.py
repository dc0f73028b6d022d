"""Draws as of now: what is past was played as the game up to now has it, and what is ahead is solved again.

Up to now, moves follow the equilibrium of the game without the levers pulled since then, and chance its odds at the
draw's own inputs. Levers pulled since and inputs changed since act on what is ahead; moves ahead are an equilibrium of
the game ahead, in which past moves are chance with known odds. So beliefs at a move ahead are those of full reach
through the past: an actor knows what it has seen, however much the analyst has observed. If nothing is pulled or
changed, play ahead is that of the game up to now, bit for bit.

What a draw comes to is conditioned on all facts, and weighs as much as the game up to now held the facts likely.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.checks.idleness import odds_expressions
from offramp.crisis.faults import CrisisError
from offramp.crisis.model import Crisis
from offramp.crisis.steps import Chance
from offramp.equilibrium.branch.traced import STATUSES, Traced
from offramp.equilibrium.conditioning import condition_play
from offramp.equilibrium.counting import first_options
from offramp.equilibrium.game_ahead import entry_odds, game_ahead
from offramp.equilibrium.logit import (
    OTHER_BRANCH,
    BlockSolution,
    joined_solutions,
    judged_one,
    resolve,
    solve_block,
    solve_traced,
)
from offramp.equilibrium.several_starts import is_small
from offramp.equilibrium.structure import structure_of
from offramp.equilibrium.sweeps import Block, block_of
from offramp.game.agreement import Open, consistent_edges, on_open_plays
from offramp.game.checks.observed_events import impossible_observations
from offramp.game.game import CHANCE, Game, PayoffTerms
from offramp.game.tables import SMALLEST, Draws, Tables, tabulate

Array = NDArray[np.float64]

_OPEN: WeakKeyDictionary[Game, Open] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False, repr=False)
class Past:
    """Draws up to now; the last axis of every array is the draw.

    `values`: each input before anything is changed, (draws,). `odds`: (belief systems, odds slots up to now).
    `solved`: the whole game without the levers pulled since now. `weight`: (draws,), the probability of the facts in
    it, in the analyst's odds.
    """

    values: dict[str, Array]
    odds: Array
    solved: BlockSolution
    weight: Array

    @property
    def draws(self) -> int:
        return len(self.weight)

    def between(self, first: int, end: int) -> Past:
        """The draws `first` to `end` of the same draws over and over."""
        if first % self.draws == 0 and end - first == self.draws:
            return self
        return self.only(np.arange(first, end) % self.draws)

    def only(self, lanes: slice | NDArray[np.int64]) -> Past:
        """Some of the draws."""
        values = {name: column[lanes] for name, column in self.values.items()}
        return Past(values, self.odds[..., lanes], self.solved.only(lanes), self.weight[lanes])


@dataclass(frozen=True, eq=False)
class SoFar:
    """One draw up to now, the branch by which it was solved, and its conditions in words."""

    past: Past
    branch: Traced
    conditions: str


@dataclass(frozen=True, eq=False, repr=False)
class BlockNow:
    """A block of draws as of now.

    `block`: the game at its numbers as of now, by which profiles are evaluated: odds up to now at the draws' own
    inputs, odds and payments ahead at the changed ones, nothing that was paid up to now. `ahead`: the game ahead, which
    is solved; `slots`: its slots' places in the profile. `changed`: (draws,), whether anything ahead differs from the
    game up to now.
    """

    block: Block
    ahead: Block
    slots: NDArray[np.int64]
    past: Past
    changed: NDArray[np.bool_]

    def only(self, lanes: slice | NDArray[np.int64]) -> BlockNow:
        """A block with some of the draws."""
        ahead, past = self.ahead.only(lanes), self.past.only(lanes)
        return BlockNow(self.block.only(lanes), ahead, self.slots, past, self.changed[lanes])


def joined(parts: Sequence[Past]) -> Past:
    """The draws of several parts, one after another."""
    return Past(
        {name: np.concatenate([part.values[name] for part in parts]) for name in parts[0].values},
        np.concatenate([part.odds for part in parts], axis=-1),
        joined_solutions([part.solved for part in parts]),
        np.concatenate([part.weight for part in parts]),
    )


def open_edges(game: Game) -> Open:
    """The edges of plays that agree with the facts, from the outset all edges; cached as long as the game exists.

    Raises
    ------
    CrisisError
        If no play agrees, naming the first fact that none agrees with.
    """
    if game not in _OPEN:
        _OPEN[game] = _agreeing(game) if game.as_of_now else np.ones(len(game.edge_child), dtype=bool)
    return _OPEN[game]


def _agreeing(game: Game) -> Open:
    edges = consistent_edges(game, game.crisis.facts)
    edges = None if edges is None else on_open_plays(game, edges)
    if edges is None or not _passable(game, edges):
        faults = impossible_observations(game, np.ones(game.odds_slots, dtype=bool))
        raise CrisisError(game.crisis.path, list(faults))
    return edges


def _passable(game: Game, edges: Open) -> bool:
    return game.root == game.nodes or bool(edges.any())


def past_of(block: Block, solved: BlockSolution, values: dict[str, Array]) -> Past:
    """The draws up to now, from a block of the game before now and its solution; `values`: the inputs of its draws."""
    game = block.game
    conditioned = condition_play(block, solved.choice, open_edges(game))
    return Past(values, block.tables.odds[:, : game.past_odds_slots], solved, conditioned.likelihood)


def block_now(
    game: Game, draws: Draws, past: Past, rationality: float | None = None, *, whole: bool = False
) -> BlockNow:
    """A block of draws as of now.

    Parameters
    ----------
    game
        The game with the levers pulled since now.
    draws
        The inputs with everything that is changed.
    past
        The same draws up to now.
    rationality
        One for all actors, in place of their own, as in `past`.
    whole
        Whether to solve also where play can no longer come, given the facts, and what depends on nothing else.
    """
    ahead = game_ahead(game, None if whole else open_edges(game))
    tables = tabulate(ahead.game, draws, rationality)
    known = game.past_odds_slots
    tables.odds[:, :known] = past.odds
    played = np.maximum(past.solved.choice[: game.past_slots], SMALLEST)
    tables.odds[:, game.odds_slots :] = entry_odds(game, ahead.entries, tables.odds, played)
    measured = None if game.measured is None else _measured(game.measured, draws, past, rationality)
    return BlockNow(
        block_of(game, replace(_evaluated_by(game, tables), measured=measured)),
        block_of(ahead.game, tables),
        ahead.slots,
        past,
        _changed(game, draws, past),
    )


def _measured(game: Game, draws: Draws, past: Past, rationality: float | None) -> Tables:
    """The numbers of all that is measured in the whole game; up to now, those of what was played."""
    tables = tabulate(game, draws, rationality, replace(draws, values=past.values))
    tables.odds[:, : game.past_odds_slots] = past.odds
    return tables


def _evaluated_by(game: Game, tables: Tables) -> Tables:
    """The numbers of the game ahead as numbers of the game: nothing is paid up to now."""
    places = [place for place in range(len(game.payoff_entries)) if place not in game.paid]
    amounts, sizes = (
        {place: some[number] for number, place in enumerate(places) if number in some}
        for some in (tables.amounts, tables.sizes)
    )
    nothing = {
        place: np.zeros((entries.contexts.count, len(tables.labels)))
        for place, entries in enumerate(game.payoff_entries)
        if place in game.paid and isinstance(entries, PayoffTerms)
    }
    odds = np.ascontiguousarray(tables.odds[:, : game.odds_slots])
    return replace(tables, odds=odds, amounts={**amounts, **nothing}, sizes={**sizes, **nothing})


def _changed(game: Game, draws: Draws, past: Past) -> NDArray[np.bool_]:
    if game.before is not None:
        return np.ones(draws.count, dtype=bool)
    changed = np.zeros(draws.count, dtype=bool)
    for name in inputs_ahead(game):
        changed |= draws.values[name] != past.values[name]
    return changed


def inputs_ahead(game: Game) -> frozenset[str]:
    """The inputs on which what is ahead depends: odds, payments and the rationality of those who still move."""
    crisis, ahead = game.crisis, game_ahead(game, None).game
    movers = {layer.actor for layer in ahead.layers if layer.actor != CHANCE}
    expressions = [crisis.actors[game.actors[mover]].rationality for mover in movers]
    for table in ahead.odds:
        step = crisis.named[table.step]
        assert isinstance(step, Chance)
        for odds in (step.odds, *step.believed_by.values()):
            expressions += odds_expressions(odds)
    for entries in ahead.payoff_entries:
        if isinstance(entries, PayoffTerms) and entries.term is not None:
            expressions.append(crisis.terms[entries.term].pays)
    return frozenset().union(*(expression.names for expression in expressions)) & crisis.inputs.keys()


def acts_ahead(crisis: Crisis, game: Game, lever: str) -> bool:
    """Whether a lever changes anything ahead: an input that matters there, or an option of a move.

    `game`: that of the crisis as of now, without the lever.
    """
    pulled = crisis.with_levers(lever)
    return pulled.menus != crisis.menus or bool(crisis.levers[lever].sets.keys() & inputs_ahead(game))


def solve_now(now: BlockNow, traced: NDArray[np.bool_] | None = None, again: bool | None = None) -> BlockSolution:
    """Solve a block of draws as of now; `traced` and `again` as in `logit.solve_block`.

    The size of the game up to now decides by default: else what is ahead might be played at another equilibrium than
    what it is compared with, for no other reason than that it is a smaller game.

    Returns
    -------
    A solution of the game whose probabilities and payoffs are conditioned on the facts, in the analyst's odds and, for
    `own_eyes`, in each actor's own. Payoffs are those still to come. Choices are strategies, not conditioned. The
    certificate is that of the moves ahead; a draw has converged only if it converged up to now, too. A draw that
    cannot agree with the facts has zeros.
    """
    changed = np.flatnonzero(now.changed)
    anew = None
    if len(changed) and now.ahead.structure.slots:
        some = None if traced is None else traced[changed]
        searched = is_small(structure_of(now.block.game.so_far)) if again is None else again
        anew = solve_block(now.ahead.only(changed), some, searched)
    return _conditioned(now, _together(now, changed, anew))


def solve_alike_now(now: BlockNow) -> BlockSolution:
    """Solve a block of identical draws as of now, as `logit.solve_alike` does."""
    first = now.only(slice(0, 1))
    solved = solve_now(first, np.ones(1, dtype=bool))
    if solved.status[0] == OTHER_BRANCH:
        solved, _ = solve_now_traced(first)
    return solved.repeated(now.block.draws)


def solve_now_traced(now: BlockNow, start: Array | None = None) -> tuple[BlockSolution, Traced | None]:
    """Solve one draw as of now by following the branch of the game ahead; None if nothing had to be solved again.

    `start`: a profile of the game, (slots,), nearby; sweeps then start from it.
    """
    changed = np.flatnonzero(now.changed)
    if not len(changed) or not now.ahead.structure.slots:
        return _conditioned(now, _together(now, changed, None)), None
    if start is None:
        again, branch = solve_traced(now.ahead)
    else:
        again, branch = resolve(now.ahead, np.log(np.maximum(start[now.block.game.past_slots :], SMALLEST)))
    return _conditioned(now, _together(now, changed, again)), branch


def judged_now(now: BlockNow, branch: Traced) -> BlockSolution:
    """What one draw comes to on another branch of the game ahead."""
    return _conditioned(now, _together(now, np.zeros(1, dtype=np.int64), judged_one(now.ahead, branch)))


_OF_SLOTS = ("choice", "option_value")
_OF_ACTORS = ("rationality", "regret_once", "regret")
_WORSE = ("residual", "tolerance", "rounding")


def _together(now: BlockNow, changed: NDArray[np.int64], again: BlockSolution | None) -> BlockSolution:
    """The solution up to now, with that of the game ahead in the draws that were solved again."""
    solved = now.past.solved if now.block.game.before is None else _laid_out(now)
    if again is None:
        return solved
    parts: dict[str, Any] = {}
    for field in fields(BlockSolution):
        whole, after = getattr(solved, field.name).copy(), getattr(again, field.name)
        if field.name in _OF_SLOTS:
            whole[np.ix_(now.slots, changed)] = after
        elif field.name in _WORSE:
            whole[changed] = np.maximum(whole[changed], after)
        elif field.name == "sweeps":
            whole[changed] += after
        elif field.name == "status":
            whole[changed] = _status(whole[changed], after)
        elif field.name in _OF_ACTORS:
            whole[:, changed] = after
        parts[field.name] = whole
    return BlockSolution(**parts)


def _laid_out(now: BlockNow) -> BlockSolution:
    """The solution up to now in the profile of a game whose options differ ahead, where choices are equally likely."""
    solved, game, draws = now.past.solved, now.block.game, now.past.draws
    choice, option_value = now.block.structure.uniform(draws), np.zeros((game.slots, draws))
    for whole, before in ((choice, solved.choice), (option_value, solved.option_value)):
        whole[: game.past_slots] = before[: game.past_slots]
    reached = np.zeros((game.size.information_sets, draws))
    return replace(solved, choice=choice, option_value=option_value, reached=reached)


def _status(before: NDArray[np.int8], after: NDArray[np.int8]) -> NDArray[np.int8]:
    """The status of a draw, from those up to now and ahead: the one that says less for it."""
    principal, unconverged = STATUSES.index("principal"), STATUSES.index("unconverged")
    both = np.where(after == principal, before, after)
    return np.where((before == unconverged) | (after == unconverged), unconverged, both).astype(np.int8)


def _conditioned(now: BlockNow, solved: BlockSolution) -> BlockSolution:
    """The solution with its probabilities and payoffs conditioned on the facts."""
    block, game = now.block, now.block.game
    edges = open_edges(game)
    play = condition_play(block, solved.choice, edges)
    likelihood, endings, reached, terms = play.joint("endings", "reached", "terms")
    terms, own_eyes = shared(terms, likelihood), np.zeros((len(game.actors), block.draws))
    of_actor = [game.actors.index(term.actor) for term in game.crisis.terms]
    by_system = {0: terms}
    for number in range(len(game.actors)):
        system = int(block.structure.graph.belief_of[number])
        if system not in by_system:
            own = condition_play(block, solved.choice, edges, system=system)
            likely, paid = own.joint("terms")
            by_system[system] = shared(paid, likely)
        for place, whose in enumerate(of_actor):
            if whose == number:
                own_eyes[number] += by_system[system][place]
    return replace(
        solved,
        reached=shared(reached, likelihood),
        endings=shared(endings, likelihood),
        terms=terms,
        measures=_measures(block, solved.choice),
        own_eyes=own_eyes,
    )


def _measures(block: Block, choice: Array) -> Array:
    """The measures given the facts: (measures, draws)."""
    if block.measured is None:
        return np.zeros((0, block.draws))
    play = condition_play(block.measured, choice, open_edges(block.measured.game))
    likelihood, terms = play.joint("terms")
    return shared(terms, likelihood)


def shared(joint: Array, likelihood: Array) -> Array:
    """Joint probabilities with the facts as conditional ones; zeros in a draw that cannot agree with the facts."""
    return np.divide(joint, likelihood, out=np.zeros_like(joint), where=likelihood > 0.0)


def taken_now(now: BlockNow, choice: Array) -> Array:
    """The probability, given the facts, of each option of each move in each round: (options, draws)."""
    play = condition_play(now.block, choice, open_edges(now.block.game))
    likelihood, options = play.joint("options")
    is_move = [layer.actor != CHANCE for layer in now.block.game.layers]
    return shared(options[np.repeat(is_move, np.diff(first_options(now.block.game)))], likelihood)
