"""Finding a fixed point of the logit response: plain sweeps on a block of draws, then accelerated ones.

A sweep carries reach forward and values backward, and updates each information set at once to its logit
response; where beliefs do not depend on earlier choices the first sweep is exact.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.game.layers import Game, Leaves
from offramp.game.tables import Tables
from offramp.solve import kernel
from offramp.solve.structure import Structure

Array = NDArray[np.float64]

MAX_SWEEPS = 300
MAX_ACCELERATED = 200
SETTLED = 1e-10
"""A draw has settled when a sweep changes no choice probability by more than this."""
ACCELERATIONS = ((10, 1.0), (2, 0.5))
"""Tried in turn: how many earlier sweeps an accelerated one learns from, and how far it follows the last."""
FRESH = 40
"""After so many accelerated sweeps what was learnt is forgotten."""
WINDOW = 16
"""How many draws are swept side by side."""
LANES = 8
"""Windows hold a multiple of this many draws."""


@dataclass(frozen=True)
class Block:
    """The numbers of a block of draws, as the kernel wants them; the last axis is the draw.

    `odds`: (belief systems, odds slots,); `pay`: (bills on edges, actors,); `rationality`: (actors,); `supported`:
    (groups,), whether odds leave a group reachable, whatever is chosen.
    """

    structure: Structure
    odds: Array
    pay: Array
    rationality: Array
    supported: NDArray[np.bool_]

    @property
    def draws(self) -> int:
        return int(self.rationality.shape[1])

    def only(self, lanes: NDArray[np.int64]) -> Block:
        """The block of some of its draws."""
        odds, pay, rationality = (
            np.ascontiguousarray(part[..., lanes]) for part in (self.odds, self.pay, self.rationality)
        )
        return Block(self.structure, odds, pay, rationality, np.ascontiguousarray(self.supported[:, lanes]))

    def workspace(self) -> tuple[Array, Array]:
        """Arrays for reach and value; the end of play has value 0."""
        nodes, actors = self.structure.nodes + 1, self.pay.shape[1]
        return np.zeros((self.odds.shape[0], nodes, self.draws)), np.zeros((nodes, actors, self.draws))


@dataclass(frozen=True)
class Profile:
    """Profiles in logarithms, (slots, draws), with the sweeps taken and which draws' reach has underflowed."""

    log_choice: Array
    sweeps: NDArray[np.int32]
    lost: NDArray[np.bool_]


def block_of(game: Game, structure: Structure, tables: Tables) -> Block:
    """The numbers of a block of draws, payments added up bill by bill."""
    pay = np.zeros((game.bill_count, *tables.rationality.shape))
    for position, amount in tables.amounts.items():
        bill = game.bills[position]
        assert isinstance(bill, Leaves)
        assert bill.term is not None
        actor = game.actors.index(game.crisis.terms[bill.term].actor)
        pay[bill.first : bill.first + bill.contexts.count, actor] = amount
    kernel.add_bills(structure.left, structure.right, pay)
    pay = pay[structure.due]
    supported = np.ones((len(structure.group_options), pay.shape[2]), dtype=bool)
    block = Block(structure, tables.odds, pay, tables.rationality, supported)
    if (tables.odds[0] > 0.0).all():
        return block
    reach = block.workspace()[0][:1]
    ways = np.ascontiguousarray((tables.odds[:1] > 0.0).astype(np.float64))
    kernel.reach_forward(
        *structure.walk, structure.root, structure.until, ways, np.ones((structure.slots, block.draws)), reach
    )
    return Block(structure, tables.odds, pay, tables.rationality, structure.by_group(reach[0]) > 0.0)


def padded(lanes: NDArray[np.int64], multiple: int = LANES) -> NDArray[np.int64]:
    """The lanes, the last repeated up to a multiple of `LANES`."""
    return np.concatenate([lanes, np.full(-len(lanes) % multiple, lanes[-1])])


def settle(block: Block) -> Profile:
    """Solve a block from the uniform profile: plain sweeps, then accelerated ones for what they leave.

    Draws whose reach underflows are done again in logarithms.
    """
    found = _sweep(block, logarithms=False)
    again = np.flatnonzero(found.lost)
    if len(again):
        redone = _sweep(block.only(padded(again)), logarithms=True)
        found.log_choice[:, again] = redone.log_choice[:, : len(again)]
        found.sweeps[again] = redone.sweeps[: len(again)]
    for draw in np.flatnonzero(found.sweeps >= MAX_SWEEPS):
        log_choice, sweeps, lost = _accelerate(block.only(np.array([draw])), logarithms=bool(found.lost[draw]))
        found.log_choice[:, draw] = log_choice
        found.sweeps[draw] += sweeps
        found.lost[draw] = lost
    return found


def _sweep(block: Block, *, logarithms: bool) -> Profile:
    """Plain sweeps until every draw has settled, or has had `MAX_SWEEPS`.

    `WINDOW` draws are swept side by side. A draw that is done is frozen; when a quarter of the window is, the
    draws that wait take its place, and after the last of them the window gets narrower.
    """
    structure = block.structure
    blank = np.zeros((structure.slots, block.draws))
    found = Profile(blank, np.zeros(block.draws, dtype=np.int32), np.zeros(block.draws, dtype=bool))
    forward = kernel.weights_forward if logarithms else kernel.reach_forward
    multiple = min(LANES, block.draws)
    lanes, waiting = np.arange(0), np.arange(block.draws)
    choice = log_choice = structure.uniform(0)
    frozen = np.zeros(0, dtype=bool)
    while len(waiting) or not frozen.all():
        going = np.flatnonzero(~frozen)
        fresh = waiting[: WINDOW - len(going)]
        refill = len(fresh) > 0 and 4 * len(going) <= 3 * WINDOW
        if refill or (not len(fresh) and len(padded(going, multiple)) < len(lanes)):
            start = structure.uniform(len(fresh))
            kept = padded(np.arange(len(going) + len(fresh)), multiple)
            lanes = np.concatenate([lanes[going], fresh])[kept]
            choice = np.concatenate([choice[:, going], start], axis=1)[:, kept]
            log_choice = np.concatenate([log_choice[:, going], np.log(start)], axis=1)[:, kept]
            frozen = np.arange(len(kept)) >= len(going) + len(fresh)
            waiting = waiting[len(fresh) :]
            window = block.only(lanes)
            reach, value = window.workspace()
            change, failed = np.zeros(len(lanes)), np.zeros(len(lanes), dtype=bool)
        forward(
            *structure.walk, structure.root, structure.until, window.odds, log_choice if logarithms else choice, reach
        )
        _backward(window, reach, frozen, choice, log_choice, value, change, failed)
        failed &= not logarithms
        swept = lanes[~frozen]
        found.lost[lanes[failed & ~frozen]] = True
        found.sweeps[swept] += 1
        found.log_choice[:, swept] = log_choice[:, ~frozen]
        frozen |= (change <= SETTLED) | failed | (found.sweeps[lanes] >= MAX_SWEEPS)
    return found


def _backward(
    block: Block,
    reach: Array,
    frozen: NDArray[np.bool_],
    choice: Array,
    log_choice: Array,
    value: Array,
    change: Array,
    failed: NDArray[np.bool_],
) -> None:
    structure = block.structure
    kernel.sweep_backward(
        *structure.walk, structure.edge_due, structure.belief_of, block.odds, block.pay, block.rationality, reach,
        block.supported, frozen, choice, log_choice, value, change, failed,
    )  # fmt: skip


def _accelerate(block: Block, *, logarithms: bool) -> tuple[Array, int, bool]:
    """One draw by sweeps with Anderson acceleration in logits (Walker & Ni 2011, section 2).

    The fixed point found need not be the one that plain sweeps or a trace of the branch would lead to.
    Returns the profile in logarithms, (slots,), the sweeps taken, and whether reach had to be in logarithms.
    """
    structure = block.structure
    reach, value = block.workspace()
    free, change, failed = np.zeros(1, dtype=bool), np.zeros(1), np.zeros(1, dtype=bool)
    sweeps = 0
    for depth, mixing in ACCELERATIONS:
        logits = np.log(structure.uniform(1))
        steps: deque[Array] = deque(maxlen=depth)
        gaps: deque[Array] = deque(maxlen=depth)
        before: tuple[Array, Array] | None = None
        for sweep in range(1, MAX_ACCELERATED + 1):
            logits -= structure.over_options(np.maximum.reduceat(logits, structure.first_slots))
            logits -= structure.over_options(np.log(np.add.reduceat(np.exp(logits), structure.first_slots)))
            image, choice = logits.copy(), np.exp(logits)
            if not logarithms:
                kernel.reach_forward(*structure.walk, structure.root, structure.until, block.odds, choice, reach)
                weak = structure.own_weight(reach) < kernel.UNDERFLOW
                logarithms = bool(np.any(weak & block.supported[structure.sets]))
            if logarithms:
                kernel.weights_forward(*structure.walk, structure.root, structure.until, block.odds, logits, reach)
            _backward(block, reach, free, choice, image, value, change, failed)
            sweeps += 1
            if change[0] <= SETTLED:
                return image[:, 0], sweeps, logarithms
            gap = image - logits
            moved = logits + mixing * gap
            if before is not None:
                steps.append((moved - before[0])[:, 0])
                gaps.append((gap - before[1])[:, 0])
            if sweep % FRESH == 0:
                steps.clear()
                gaps.clear()
            before = moved, gap
            logits = moved - _extrapolated(steps, gaps, gap[:, 0])[:, None]
    return image[:, 0], sweeps, logarithms


def _extrapolated(steps: Sequence[Array], gaps: Sequence[Array], gap: Array) -> Array:
    """The combination of steps whose combination of gaps is nearest to `gap`.

    Gram-Schmidt from the newest on, by plain sums: a library's least squares depend on how memory is aligned.
    """
    basis: list[tuple[Array, Array]] = []
    total = np.zeros_like(gap)
    for change, step in zip(reversed(gaps), reversed(steps), strict=True):
        length = np.sum(change * change)
        for direction, along in basis * 2:  # twice, against rounding
            share = np.sum(direction * change)
            change, step = change - share * direction, step - share * along
        left = np.sum(change * change)
        if left > 1e-16 * length:
            basis.append((change / np.sqrt(left), step / np.sqrt(left)))
            total += np.sum(basis[-1][0] * gap) * basis[-1][1]
    return total
