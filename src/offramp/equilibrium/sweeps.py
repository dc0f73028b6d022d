"""A block of draws as arrays, and its fixed points by sweeps.

A sweep carries reach forward and values backward, and updates each information set to its response as it passes; if
beliefs do not depend on earlier choices, the first sweep is exact. Draws whose sweeps do not converge are solved by
following the branch (`principal`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium import audit
from offramp.equilibrium.amounts import amounts_table
from offramp.equilibrium.backward_induction import choices_backward
from offramp.equilibrium.core import BYTES, FLOATS, INTS, LONGS, NUMBER, PACKED, WHOLE, function
from offramp.equilibrium.response_arrays import Draw, Numbers, draw_numbers, point_of
from offramp.equilibrium.single_sweeps import converge_each, converge_in_logarithms
from offramp.equilibrium.structure import Structure, log_probabilities, structure_of
from offramp.game.game import Game
from offramp.game.tables import Tables

Array = NDArray[np.float64]

MAX_SWEEPS = 100
CONVERGED = 1e-10
"""The largest change of a choice probability in the last sweep of a draw that converges."""

_edge_payments = function("edge_payments", LONGS, WHOLE, INTS, INTS, WHOLE, INTS, WHOLE, WHOLE, FLOATS)
_add_payments = function("add_payments", INTS, INTS, WHOLE, WHOLE, FLOATS)
CONVERGE = (
    PACKED, PACKED, *[FLOATS] * 4, WHOLE, WHOLE, FLOATS, WHOLE, NUMBER, WHOLE, FLOATS, FLOATS, LONGS, BYTES, BYTES,
)  # fmt: skip
"""The types of the arguments of `converge_by_sweeps` in `core/sweeps.cpp`."""
_converge = function("converge_by_sweeps", *CONVERGE)


@dataclass(frozen=True, eq=False, repr=False)
class Block:
    """A block of draws of a game; the last axis of every array is the draw.

    `pay`: (payment rows,); `supported`: (information sets,), 1 if the odds allow some play to reach the set, else 0.
    """

    game: Game
    structure: Structure
    tables: Tables
    pay: Array
    supported: Array
    measured: Block | None = None
    """The block of `Game.measured`."""

    @property
    def draws(self) -> int:
        return int(self.tables.rationality.shape[1])

    def only(self, lanes: slice | NDArray[np.int64]) -> Block:
        """A block with some of the draws."""
        pay, supported = (np.ascontiguousarray(part[:, lanes]) for part in (self.pay, self.supported))
        measured = None if self.measured is None else self.measured.only(lanes)
        return Block(self.game, self.structure, self.tables.only(lanes), pay, supported, measured)

    def draw(self, number: int) -> Draw:
        """The numbers of a single draw."""
        parts = self.tables.odds, self.pay, self.tables.played, self.supported
        return draw_numbers(self.structure.graph, *(np.ascontiguousarray(part[..., number]) for part in parts))

    @property
    def numbers(self) -> Numbers:
        """The block's arrays flattened, as the kernel takes them."""
        parts = self.tables.odds, self.pay, self.tables.played, self.supported
        return Numbers(*(np.ascontiguousarray(part).ravel() for part in parts))


@dataclass(frozen=True, eq=False, repr=False)
class Profile:
    """Profiles, (slots, draws), and their logits.

    `sweeps`: (draws,), the number of sweeps; `converged`: (draws,), whether the last sweep changed nothing.
    """

    choice: Array
    logit: Array
    sweeps: NDArray[np.int64]
    converged: NDArray[np.bool_]


def block_of(game: Game, tables: Tables) -> Block:
    """The numbers of a block of draws, with payments added up row by row."""
    structure, draws = structure_of(game), tables.rationality.shape[1]
    if (tables.odds[0] > 0.0).all():
        supported = np.ones((len(structure.movers), draws))
    else:
        supported = audit.supported_of(structure.graph, tables.odds[0])
    measured = None
    if game.measured is not None and tables.measured is not None:
        measured = block_of(game.measured, tables.measured)
    return Block(game, structure, tables, edge_payments(structure, tables.amounts, draws), supported, measured)


def edge_payments(structure: Structure, amounts: Mapping[int, Array], draws: int) -> Array:
    """Payments on edges, (payment rows, draws), from `amounts` by position in `Game.payoff_entries`."""
    payments = structure.payments
    of_terms = ((first, amounts[position], position) for position, first in payments.first.items())
    table = amounts_table(((first, len(values), term, values) for first, values, term in of_terms), draws)
    pay = np.empty((len(payments.on_edges), draws))
    _edge_payments(
        table, len(table), payments.left, payments.right, len(payments.left), payments.on_edges, len(pay), draws, pay
    )
    return pay


def add_payments(left: NDArray[np.int32], right: NDArray[np.int32], pay: Array) -> None:
    """Fill the rows of `pay`, (rows, draws), that are sums of two earlier rows; `left`, `right`: 0 for the others."""
    _add_payments(left, right, *pay.shape, pay)


def scaled(block: Block, scales: Array) -> Block:
    """Copies of a block of one draw, one for each of the scales, (draws,), which multiply all rationalities."""
    return multiplied(block.only(np.zeros(len(scales), dtype=np.int64)), scales)


def multiplied(block: Block, scales: Array | float) -> Block:
    """The same draws with all rationalities multiplied by a number, or by one for each draw, (draws,)."""
    rationality = np.ascontiguousarray(block.tables.played * scales)
    return replace(block, tables=replace(block.tables, rationality=rationality))


def swept(block: Block, start: Array | None = None, least: float = CONVERGED) -> Profile:
    """Sweep every draw, side by side, from the logits `start`, by default all equal.

    `start`: (slots,) or, one for each draw, (slots, draws), which must be (slots,) unless all choice rules are logit.

    A draw converges as soon as a sweep changes no choice by more than `least`, which must be `CONVERGED` unless all
    choice rules are logit. At most `MAX_SWEEPS`: the first ten are plain, the rest accelerated. Draws whose reach
    underflows are swept again in logarithms. A game with another choice rule than logit is swept draw by draw, or,
    with perfect information, solved backward once.
    """
    structure, draws = block.structure, block.draws
    choice, logit = np.zeros((2, structure.slots, draws))
    sweeps = np.zeros(draws, dtype=np.int64)
    converged, lost = np.zeros((2, draws), dtype=bool)
    first = np.zeros(structure.slots) if start is None else start
    if not structure.only_logit and structure.perfect_information:
        choice, logit = choices_backward(
            structure.graph, block.tables.odds, block.pay, block.tables.played, block.supported
        )
        return Profile(choice, logit, sweeps + 1, np.asarray(np.isfinite(choice).all(axis=0)))
    if not structure.only_logit:
        parts = block.tables.odds, block.pay, block.tables.played, block.supported
        working = draw_numbers(structure.graph, *(np.zeros(part.shape[:-1]) for part in parts))
        converge_each(
            structure, block.numbers, draws, first, MAX_SWEEPS, working, point_of(structure),
            choice, logit, sweeps, converged,
        )  # fmt: skip
        return Profile(choice, logit, sweeps, converged)
    _converge(
        structure.play, structure.plan, *block.numbers, len(block.pay), draws,
        np.exp(log_probabilities(structure, first)), first.size // structure.slots if structure.slots else 1, least,
        MAX_SWEEPS, choice, logit, sweeps, converged, lost,
    )  # fmt: skip
    for draw in np.flatnonzero(lost):
        rare = first.copy() if first.ndim == 1 else np.ascontiguousarray(first[:, draw])
        more, converged[draw] = converge_in_logarithms(
            structure, block.draw(int(draw)), rare, MAX_SWEEPS, point_of(structure)
        )
        sweeps[draw] += more
        logit[:, draw], choice[:, draw] = rare, np.exp(log_probabilities(structure, rare))
    return Profile(choice, logit, sweeps, converged)
