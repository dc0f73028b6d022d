"""Logit agent quantal response equilibria of a block of draws, and what a profile amounts to.

An equilibrium at rationalities lambda is a profile in which every information set chooses each option
with probability proportional to exp(lambda_i * value), the value being the expected payoff to come in the
mover's own odds (McKelvey & Palfrey 1998, *Experimental Economics* 1, equations 1 to 3). `sweeps` finds
profiles; here they are judged, by an evaluation that changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.game.layers import Game, Leaves
from offramp.game.tables import Tables
from offramp.solve import kernel
from offramp.solve.structure import Structure
from offramp.solve.sweeps import Block, Profile, block_of, settle

Array = NDArray[np.float64]

TOLERANCE = 1e-9
"""A draw is solved when its residual is at most this."""


@dataclass(frozen=True)
class BlockSolution:
    """Solved draws; the last axis of every array is the draw.

    `choice`, `option_value`: (slots,), the profile and each option's payoff to come in its mover's own
    odds. `reached`: (information sets,), probability in the analyst's odds. `endings`: (endings,).
    `terms`: (payoff terms,), expected in the analyst's odds; `own_eyes`: (actors,), each actor's whole
    expected payoff in its own odds. `residual`: the largest violation of the logit equations.
    """

    choice: Array
    option_value: Array
    reached: Array
    endings: Array
    terms: Array
    own_eyes: Array
    rationality: Array
    residual: Array
    sweeps: NDArray[np.int32]

    @property
    def converged(self) -> NDArray[np.bool_]:
        return np.asarray(self.residual <= TOLERANCE)


def solve_block(game: Game, structure: Structure, tables: Tables) -> BlockSolution:
    """Solve a block of draws; what has not settled is returned with the residual that it has."""
    block = block_of(game, structure, tables)
    return _evaluated(game, tables, block, settle(block))


def evaluate_block(game: Game, structure: Structure, tables: Tables, choice: Array) -> BlockSolution:
    """Evaluate a profile, (slots, draws), without changing it, and how far it is from its logit response."""
    draws = choice.shape[1]
    with np.errstate(divide="ignore"):
        log_choice = np.log(choice)
    profile = Profile(log_choice, np.zeros(draws, dtype=np.int32), np.zeros(draws, dtype=bool))
    return _evaluated(game, tables, block_of(game, structure, tables), profile)


def _evaluated(game: Game, tables: Tables, block: Block, profile: Profile) -> BlockSolution:
    """What a profile amounts to; where reach has underflowed, information sets are weighed by logarithms."""
    structure, odds = block.structure, block.odds
    choice = np.exp(profile.log_choice)
    reach, value = block.workspace()
    option_value = np.zeros((structure.slots, block.draws))
    flow = np.zeros((game.bill_count, block.draws))
    kernel.reach_forward(*structure.walk, structure.root, structure.until, odds, choice, reach)
    reached = structure.by_group(reach[0])[structure.sets]
    bills = structure.edge_bill, structure.left, structure.right, structure.root_bill
    kernel.flows_forward(*structure.walk[:-1], *bills, odds, choice, reach, flow)
    if profile.lost.any():
        weights = np.empty_like(reach)
        kernel.weights_forward(*structure.walk, structure.root, structure.until, odds, profile.log_choice, weights)
        reach = np.where(profile.lost, weights, reach)
    kernel.evaluate_backward(
        *structure.walk, structure.edge_due, structure.belief_of, odds, block.pay, reach, choice, value, option_value
    )
    endings, terms = _paid(game, tables, flow)
    return BlockSolution(
        choice=choice,
        option_value=option_value,
        reached=reached,
        endings=endings,
        terms=terms,
        own_eyes=value[structure.root] + block.pay[structure.root_due],
        rationality=tables.rationality,
        residual=_residual(structure, choice, option_value, tables.rationality, structure.own_weight(reach)),
        sweeps=profile.sweeps,
    )


def _residual(structure: Structure, choice: Array, option_value: Array, rationality: Array, weight: Array) -> Array:
    """The largest distance of a choice probability from its logit response: (draws,); NaN counts as infinite.

    Information sets without weight, (information sets, draws), in their mover's own odds do not count.
    """
    if not structure.slots:
        return np.zeros(choice.shape[1])
    best = np.maximum.reduceat(option_value, structure.first_slots, axis=0)
    gain = option_value - structure.over_options(best)
    response = np.exp(structure.over_options(rationality[structure.movers]) * gain)
    response /= structure.over_options(np.add.reduceat(response, structure.first_slots, axis=0))
    distance = np.where(structure.over_options(weight > 0.0), np.abs(response - choice), 0.0)
    return np.asarray(np.where(np.isnan(distance), np.inf, distance).max(axis=0))


def _paid(game: Game, tables: Tables, flow: Array) -> tuple[Array, Array]:
    """Probabilities of the endings, and expected payoff terms, from how often each bill is paid."""
    endings = np.zeros((len(game.crisis.endings), flow.shape[1]))
    terms = np.zeros((len(game.crisis.terms), flow.shape[1]))
    for position, bill in enumerate(game.bills):
        if isinstance(bill, Leaves):
            paid = flow[bill.first : bill.first + bill.contexts.count]
            if bill.term is None:
                endings += paid
            else:
                terms[bill.term] += (paid * tables.amounts[position]).sum(axis=0)
    return endings, terms
