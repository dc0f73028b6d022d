"""Which choices keep an ending away, or bring it about: its probability if an actor took another option.

A choice is changed at one information set, or at all those of a move in one round; everybody else plays as before, and
so does the actor elsewhere. Everything is in the analyst's odds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.solution import Solution
from offramp.equilibrium.structure import structure_of
from offramp.equilibrium.sweeps import Block
from offramp.game.game import Game
from offramp.study.explanation.motives import SURE, is_reached, scattered
from offramp.study.histories.plays import plays_of

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Turning:
    """A move in one round (0 outside rounds), and an ending's probability if each option were always taken there.

    `always`: by option, where it is open; `chosen`: how often each is taken. `wanted`: the option that changes the
    ending's probability most the way in question; `held`: the information set at which it does so most, by place in
    `Game.situations`, and `change`: by how much there.
    """

    move: str
    round: int
    actor: str
    chosen: Mapping[str, float]
    always: Mapping[str, float]
    wanted: str
    held: int
    change: float


@dataclass(frozen=True, eq=False)
class Effects:
    """An ending's probability, and how it changes if an option is taken for sure: `change`, (slots,).

    The change is weighted by how often play gets to the information set.
    """

    game: Game
    probability: float
    change: Array


def effects(block: Block, solution: Solution, ending: str) -> Effects:
    """How an ending's probability changes with each option of each information set."""
    plays = plays_of(block, solution.choice, (ending,))
    game, edges = block.game, plays.edges
    moves = np.flatnonzero(edges.info_set >= 0)
    weight = plays.decided(moves, plays.reach[edges.parent[moves]])
    joint = np.zeros(game.slots)
    np.add.at(joint, edges.slot[moves], plays.destined(edges.child[moves], weight)[:, 0])
    structure = structure_of(game)
    as_chosen = np.add.reduceat(joint * solution.choice, structure.first_slots) if game.slots else np.zeros(0)
    return Effects(game, solution.endings[ending], joint - structure.over_options(as_chosen))


def turnings(found: Effects, solution: Solution, *, towards: bool) -> tuple[Turning, ...]:
    """The moves at which another option changes the ending's probability most, most first.

    `towards`: whether the changes in question make the ending likelier. A move that cannot, or that was made before
    now, is left out.
    """
    game, way = found.game, 1.0 if towards else -1.0
    apart = scattered(game)
    by_move: dict[tuple[str, int], list[int]] = {}
    for held, situation in enumerate(game.situations):
        at = situation.move, situation.round
        if at not in game.crisis.past and is_reached(solution, held) and not apart[held]:
            by_move.setdefault(at, []).append(held)
    entries = []
    for (move, round_), sets in by_move.items():
        changes: dict[str, float] = {}
        taken: dict[str, float] = {}
        most: dict[str, tuple[float, int]] = {}
        for held in sets:
            situation = game.situations[held]
            for place, option in enumerate(situation.options):
                slot = situation.slots.start + place
                change = float(found.change[slot])
                changes[option] = changes.get(option, 0.0) + change
                taken[option] = taken.get(option, 0.0) + float(solution.reached[held] * solution.choice[slot])
                most[option] = max(most.get(option, (-np.inf, held)), (way * change, held), key=lambda one: one[0])
        wanted = max(changes, key=lambda option: way * changes[option])
        if way * changes[wanted] > SURE:
            order = [option for option in game.crisis.options_of(move) if option in changes]
            total = sum(taken.values())
            change, held = most[wanted]
            chosen = {option: taken[option] / total for option in order}
            always = {option: found.probability + changes[option] for option in order}
            entries.append(
                Turning(move, round_, game.situations[held].actor, chosen, always, wanted, held, way * change)
            )
    return tuple(sorted(entries, key=lambda one: -way * (one.always[one.wanted] - found.probability)))
