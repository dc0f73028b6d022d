"""How far the options of each move are apart for whoever chooses: in an equilibrium, and in play that balances nothing.

In a mixed equilibrium the options come to the same although the payoffs tell them apart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.steps import Move
from offramp.equilibrium.logit import BlockSolution, evaluate_block
from offramp.equilibrium.structure import UNDERFLOW, Structure, structure_of
from offramp.equilibrium.sweeps import Block
from offramp.game.game import Game

Array = NDArray[np.float64]
Counts = NDArray[np.int64]

SEED = 2
"""Of the play that balances nothing."""


@dataclass(frozen=True, eq=False, repr=False)
class MoveSlots:
    """The slots of a game's moves, in the order of the file.

    `of_slot`: (slots,), the move's number. `option`: (slots,), the option's. `widest`: the most options of a move.
    `alike`: of situations of one move with the same options, the move's number and their slots, (situations, options).
    """

    moves: tuple[Move, ...]
    of_slot: NDArray[np.int_]
    option: NDArray[np.integer]
    widest: int
    alike: tuple[tuple[int, NDArray[np.intp]], ...]

    @property
    def pairs(self) -> tuple[int, int, int]:
        """The shape of an array with an entry for each two options of a move."""
        return len(self.moves), self.widest, self.widest


def moves_of(game: Game) -> list[Move]:
    """The moves of a game, in the order of the file."""
    return [step for step in game.crisis.steps() if isinstance(step, Move)]


def move_slots(game: Game) -> MoveSlots:
    """The slots of a game's moves."""
    moves, structure = moves_of(game), structure_of(game)
    move_of = {move.key: number for number, move in enumerate(moves)}
    layers = [layer for _, layer in game.moving_layers]
    slots_of = [slots.stop - slots.start for slots in map(game.slots_of, layers)]
    of_slot = np.repeat([move_of[layer.step] for layer in layers], slots_of).astype(int)
    widest = max((len(move.options) for move in moves), default=0)
    return MoveSlots(tuple(moves), of_slot, game.slot_option, widest, _alike(game, structure, of_slot))


def _alike(game: Game, structure: Structure, of_slot: NDArray[np.int_]) -> tuple[tuple[int, NDArray[np.intp]], ...]:
    found = []
    first, count = structure.first_slots, structure.options
    kinds = of_slot[first] * (count.max(initial=0) + 1) + count
    for kind in np.flatnonzero(np.bincount(kinds)):
        sets = kinds == kind
        slots = first[sets][:, None] + np.arange(count[sets][0])
        options, which = np.unique(game.slot_option[slots], axis=0, return_inverse=True)
        if options.shape[1] > 1:
            found += [(int(of_slot[slots[0, 0]]), slots[which == one]) for one in range(len(options))]
    return tuple(found)


def apart_in(slots: MoveSlots, block: Block, solved: BlockSolution, counted: NDArray[np.bool_]) -> Array:
    """The most that each two options' payoffs to come differ in a situation and draw: (moves, options, options).

    Differences are relative to the payoffs' size, or multiplied by the mover's rationality if that is more, as the
    choice sees them; -1 where two options are never open together in the situations and draws `counted`, (slots,
    draws).
    """
    apart = np.full(slots.pairs, -1.0)
    rationality, structure = block.tables.played, block.structure
    mover = structure.over_options(structure.movers)
    for number, alike in slots.alike:
        place = np.ix_([number], slots.option[alike[0]], slots.option[alike[0]])
        scale = rationality[mover[alike[0, 0]]]
        gaps = _gaps(solved.option_value[alike], counted[alike], scale, 4.0 * solved.rounding)
        apart[place] = np.maximum(apart[place], gaps)
    return apart


def _gaps(value: Array, counted: NDArray[np.bool_], scale: Array, rounding: Array) -> Array:
    """The largest difference of each two options' values, (options, options), -1 if none is counted.

    `value`, `counted`: (situations, options, draws). `scale`: (draws,), the mover's rationality; `rounding`: (draws,),
    how much of a difference times rationality can be rounding.
    """
    size = 1.0 + np.abs(value)

    def beside(one: int) -> Array:
        gap = np.abs(value - value[:, [one]])
        seen = np.maximum(gap / size, gap * scale - rounding)
        return np.asarray(np.where(counted, seen, -1.0).max(axis=(0, 2), initial=-1.0))

    return np.array([beside(one) for one in range(value.shape[1])])


def apart_in_other_play(slots: MoveSlots, block: Block) -> Array:
    """The same in play that balances nothing: every move and every chance has odds of its own, wherever it comes."""
    structure = block.structure
    generator = np.random.default_rng(SEED)
    weight = generator.uniform(0.5, 1.5, size=(len(slots.moves), slots.widest))[slots.of_slot, slots.option]
    share = weight / structure.over_options(np.add.reduceat(weight, structure.first_slots))
    uneven = replace(block, tables=replace(block.tables, odds=_uneven(block, generator)), measured=None)
    played = evaluate_block(uneven, np.repeat(share[:, None], block.draws, axis=1))
    return apart_in(slots, uneven, played, structure.over_options(played.reached > UNDERFLOW))


def _uneven(block: Block, generator: np.random.Generator) -> Array:
    """The odds of chance with each option of a step made likelier or less likely alike in all its contexts."""
    odds, weights = block.tables.odds.copy(), {}
    for table in block.game.odds:
        if table.step not in weights:
            weights[table.step] = generator.uniform(0.5, 1.5, size=table.options)
        end = table.first_slot + table.contexts.count * table.options
        part = odds[:, table.first_slot : end].reshape(len(odds), -1, table.options, block.draws)
        part = part * weights[table.step][:, None]
        total = part.sum(axis=2, keepdims=True)
        part = part / np.where(total > 0.0, total, 1.0)
        odds[:, table.first_slot : end] = part.reshape(len(odds), -1, block.draws)
    return odds
