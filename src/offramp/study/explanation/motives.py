"""The worth of each option to its actor: payoff terms, endings and beliefs at one information set.

Everything is conditional on play being at that information set, and in the mover's own odds unless it says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.expressions.expression import SKIPPED
from offramp.crisis.steps import Chance, Move, Together
from offramp.equilibrium.as_of_now import open_edges
from offramp.equilibrium.conditioning import condition_play
from offramp.equilibrium.solution import Solution
from offramp.equilibrium.structure import UNDERFLOW
from offramp.equilibrium.sweeps import Block
from offramp.game.agreement import edges_through
from offramp.game.edges import edges_of
from offramp.game.game import CHANCE, Game, Situation

Array = NDArray[np.float64]

SURE = 1e-12
"""A probability nearer than this to 0 or 1 differs from it by rounding only."""
MOVED = 0.005
"""A probability that moves by less than this prints the same."""


@dataclass(frozen=True)
class Motive:
    """An option at an information set: how often it is chosen, and what follows if it is.

    `value` is the expected payoff to come, `terms` are its parts by name; `endings` are probabilities, and
    `endings_for_analyst` the same in the analyst's odds and, as of now, given all that the analyst knows, as are
    `measures`, expected amounts over the whole game.
    """

    option: str
    chosen: float
    value: float
    terms: Mapping[str, float]
    endings: Mapping[str, float]
    endings_for_analyst: Mapping[str, float]
    measures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Belief:
    """The probability of one value of a step that the mover has not seen: at the outset (`before`), and there (`now`).

    Both are given that the step occurs, so that play's coming to it says nothing about its value. The value `skipped`
    means that the step does not occur; it is listed while the mover cannot know. `of_chance`: whether it is a chance
    step. `round` is 0 outside rounds.
    """

    step: str
    round: int
    of_chance: bool
    value: str
    before: float
    now: float

    @property
    def shift(self) -> float:
        """How far the probability has moved since the outset."""
        return abs(self.now - self.before)

    @property
    def has_moved(self) -> bool:
        """Whether the probability prints differently than at the outset."""
        return self.shift >= MOVED


@dataclass(frozen=True)
class Average:
    """An option over all of a move's information sets in one round, each weighted with the analyst's reach.

    `open`: the share of the reach at which the option can be taken; `chosen`, `value` and `terms` are means there.
    """

    round: int
    option: str
    open: float
    chosen: float
    value: float
    terms: Mapping[str, float]


def is_reached(solution: Solution, held: int) -> bool:
    """Whether play ever comes to an information set."""
    return bool(solution.reached[held] > UNDERFLOW)


def scattered(game: Game) -> NDArray[np.bool_]:
    """Whether each information set has nodes in several layers, as can happen in a Gambit file: (information sets,)."""
    edges = edges_of(game)
    moves = edges.info_set >= 0
    first, last = np.full(len(game.situations), len(game.layers)), np.zeros(len(game.situations), dtype=int)
    np.minimum.at(first, edges.info_set[moves], edges.layer[moves])
    np.maximum.at(last, edges.info_set[moves], edges.layer[moves])
    return np.asarray(first < last)


def motives(block: Block, solution: Solution, held: int) -> tuple[Motive, ...]:
    """The options of an information set, best first.

    Parameters
    ----------
    block
        The draw that was solved.
    solution
        Its solution.
    held
        The information set, by place in `Game.situations`; play has to reach it (`is_reached`).
    """
    game = block.game
    situation = game.situations[held]
    start = np.zeros(game.nodes + 1)
    start[:-1] = np.where(_sets_of_nodes(game) == held, solution.beliefs, 0.0)
    own = own_system(game, situation.actor)
    here, everywhere = edges_through(game, held), np.ones(len(game.edge_child), dtype=bool)
    agreeing = here & open_edges(game)
    by_option = []
    for place, option in enumerate(situation.options):
        taking = _taking(solution.choice, {situation.slots.start + place: situation.slots})
        ahead = condition_play(block, taking, everywhere, system=own, start=start)
        seen = _endings(block, taking, here, own)
        known = _endings(block, taking, agreeing, 0) if own or game.past else seen
        names = [ending.key for ending in game.crisis.endings]
        slot = situation.slots.start + place
        by_option.append(
            Motive(
                option,
                float(solution.choice[slot]),
                float(solution.option_values[slot]),
                _terms_of(game, situation.actor, ahead.terms[:, 0]),
                dict(zip(names, map(float, seen), strict=True)),
                dict(zip(names, map(float, known), strict=True)),
                _measures(block, taking, held),
            )
        )
    return tuple(sorted(by_option, key=lambda motive: -motive.value))


def _endings(block: Block, choice: Array, edges: NDArray[np.bool_], system: int) -> Array:
    """The odds of the endings, given that play stays on some edges, in a belief system: (endings,)."""
    along = condition_play(block, choice, edges, system=system)
    likelihood, endings = along.joint("endings")
    return np.asarray(endings[:, 0] / likelihood[0])


def _measures(block: Block, choice: Array, held: int) -> dict[str, float]:
    """Expected amounts of the measures, given that play comes to an information set and agrees with what is known."""
    if block.measured is None:
        return {}
    game = block.measured.game
    along = condition_play(block.measured, choice, edges_through(game, held) & open_edges(game))
    amounts = along.terms[:, 0] / along.likelihood[0]
    return {measure.key: float(amount) for measure, amount in zip(block.game.crisis.measures, amounts, strict=True)}


def averages(block: Block, solution: Solution, sets: Sequence[int]) -> tuple[Average, ...]:
    """The options of a move over several of its information sets, by round and in the order of the file."""
    game = block.game
    everywhere, sets_of_nodes = np.ones(len(game.edge_child), dtype=bool), _sets_of_nodes(game)
    means = []
    for round_, in_round in groupby(sets, key=lambda held: game.situations[held].round):
        reached = {held: float(solution.reached[held]) for held in in_round if is_reached(solution, held)}
        actor = game.situations[next(iter(reached))].actor if reached else ""
        for option in game.crisis.options_of(game.situations[sets[0]].move):
            slots, start, chosen, value = {}, np.zeros(game.nodes + 1), 0.0, 0.0
            shares = np.zeros(len(game.situations) + 1)  # the last one is that of chance
            offering = {held: weight for held, weight in reached.items() if option in game.situations[held].options}
            if not offering:
                continue
            total = sum(offering.values())
            for held, weight in offering.items():
                situation = game.situations[held]
                slot = situation.slots.start + situation.options.index(option)
                slots[slot] = situation.slots
                shares[held] = weight / total
                chosen += weight / total * solution.choice[slot]
                value += weight / total * solution.option_values[slot]
            start[:-1] = shares[sets_of_nodes] * solution.beliefs
            taking = _taking(solution.choice, slots)
            ahead = condition_play(block, taking, everywhere, system=own_system(game, actor), start=start)
            terms = _terms_of(game, actor, ahead.terms[:, 0])
            share = total / sum(reached.values())
            means.append(Average(round_, option, share, float(chosen), float(value), terms))
    return tuple(means)


def beliefs(block: Block, solution: Solution, held: int) -> tuple[Belief, ...]:
    """What the mover of an information set believes about earlier steps that it has not seen, in the order of play.

    This includes steps made at the same time (`together`), and leaves out steps that the mover knows do not occur. The
    beliefs follow Bayes' rule in the mover's own odds, conditional on play through the information set
    (`offramp.equilibrium.conditioning`).
    """
    game = block.game
    situation = game.situations[held]
    own = own_system(game, situation.actor)
    choice = solution.choice[:, None]
    always = condition_play(block, choice, np.ones(len(game.edge_child), dtype=bool), system=own)
    here = condition_play(block, choice, edges_through(game, held), system=own)
    entries = []
    for layer in _unseen(game, situation):
        step = game.layers[layer].step
        before, now = (along.option_probabilities(layer)[:, 0] / along.likelihood[0] for along in (always, here))
        made_before, made = float(before.sum()), float(now.sum())
        if made < SURE or (now.max() > 1.0 - SURE and _knows_value(situation, step)):
            continue
        shares = list(zip(game.crisis.options_of(step), before / made_before, now / made, strict=True))
        if made < 1.0 - SURE:
            shares.append((SKIPPED, 1.0 - made_before, 1.0 - made))
        of_chance = game.layers[layer].actor == CHANCE
        for value, prior, posterior in shares:
            if prior > 0.0:
                entries.append(Belief(step, game.layers[layer].round, of_chance, value, float(prior), float(posterior)))
    return tuple(entries)


def own_system(game: Game, actor: str) -> int:
    """The index of an actor's belief system: 0, the analyst's, unless it has odds of its own."""
    return 1 + game.believers.index(actor) if actor in game.believers else 0


def _sets_of_nodes(game: Game) -> NDArray[np.signedinteger[Any]]:
    """The information set of each node, -1 of chance: (nodes,)."""
    edges = edges_of(game)
    return edges.group_set[edges.node_group]


def _unseen(game: Game, situation: Situation) -> Iterator[int]:
    """The layers before an information set, or beside it in `together`, whose steps its mover cannot see."""
    own = next(
        place
        for place, layer in enumerate(game.layers)
        if (layer.step, layer.round) == (situation.move, situation.round)
    )
    beside = next(
        (
            {step.key for step in together.steps}
            for together in game.crisis.steps()
            if isinstance(together, Together) and any(step.key == situation.move for step in together.steps)
        ),
        set[str](),
    )
    for place, layer in enumerate(game.layers):
        step = game.crisis.named[layer.step]
        assert isinstance(step, Chance | Move)
        if layer.round == situation.round and layer.step in beside:
            if place != own:
                yield place
        elif place < own and situation.actor not in step.seen_by:
            yield place


def _knows_value(situation: Situation, step: str) -> bool:
    """Whether the mover knows a value of a step, under a label such as `relay`, `relay (told 2)` or `relay@1`."""
    return any(label.partition(" (told")[0].partition("@")[0] == step for label in situation.sees)


def _taking(choice: Array, slots: Mapping[int, slice]) -> Array:
    """The profile, (slots, 1), in which each of the given slots is chosen for sure at its information set."""
    taking = choice[:, None].copy()
    for slot, others in slots.items():
        taking[others] = 0.0
        taking[slot] = 1.0
    return taking


def _terms_of(game: Game, actor: str, amounts: Array) -> dict[str, float]:
    terms = zip(game.crisis.terms, amounts, strict=True)
    return {term.key: float(amount) for term, amount in terms if term.actor == actor}
