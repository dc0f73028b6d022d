"""Derivatives of the probability of a record, through the equilibrium, for a block of draws.

At a fixed point theta = H(theta, p) of sweeps, the derivative of log P with respect to a number p is x' dH/dp, plus
that at a given profile, and x solves (I - J') x = g: J is the Jacobian of H, g the derivative at a given profile with
respect to theta (implicit function theorem: Griewank & Walther 2008, *Evaluating Derivatives*, chapter 15). One sweep
carried back costs about as much as the sweep. With perfect information J is 0; else x is found by GMRES
(`carried_back`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium import audit, rule_audit
from offramp.equilibrium.carried_back import Derivatives, Place, through_equilibrium
from offramp.equilibrium.conditioning import condition_play, share_sums
from offramp.equilibrium.logit import beliefs_of
from offramp.equilibrium.structure import PRIVATE, UNDERFLOW, Structure, log_probabilities
from offramp.equilibrium.sweeps import Block, Profile
from offramp.game.agreement import Open
from offramp.game.edges import edges_of

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

WINDOW_BYTES = 4_000_000
"""Memory of the working arrays of one window of draws, chosen to stay in the processor's cache."""


@dataclass(frozen=True)
class RecordAdjoint:
    """The logarithm of a record's probability, and its derivatives; the last axis of every array is the draw.

    `log_probability`: (draws,), in the analyst's odds. `odds`: (belief systems, odds slots), `amounts`: (contexts,) by
    position in `Game.payoff_entries`, `rationality`: (actors,), the derivatives with respect to the same of `Tables`.
    `settled`: (draws,), whether they hold: the profile is a fixed point, and the linear system is solved.
    """

    log_probability: Array
    odds: Array
    amounts: Mapping[int, Array]
    rationality: Array
    settled: Flags


def record_adjoint(block: Block, profile: Profile, records: Sequence[Open], record: NDArray[np.int64]) -> RecordAdjoint:
    """The probability of each draw's record, with its derivatives through the equilibrium.

    Parameters
    ----------
    block
        A block of draws.
    profile
        Its fixed points, from `swept`.
    records
        For each record, the edges that play may take: (edges,), from `consistent_edges`; results are the same, and come
        sooner, from `on_open_plays`.
    record
        (draws,), the record of each draw.
    """
    graph, systems = block.structure.graph, len(block.structure.graph.until)
    one_draw = 8 * ((graph.nodes + 1) * (2 * len(graph.belief_of) + systems + 5) + systems * len(graph.edge_child))
    window = max(8, WINDOW_BYTES // one_draw // 8 * 8)  # whole machine vectors
    if block.draws <= window:
        return _record_adjoint(block, profile.choice, profile.logit, profile.converged, records, record)
    parts = [
        _record_adjoint(
            block.only(lanes),
            profile.choice[:, lanes],
            profile.logit[:, lanes],
            profile.converged[lanes],
            records,
            record[lanes],
        )
        for lanes in (slice(first, first + window) for first in range(0, block.draws, window))
    ]
    return RecordAdjoint(
        np.concatenate([part.log_probability for part in parts]),
        np.concatenate([part.odds for part in parts], axis=-1),
        {place: np.concatenate([part.amounts[place] for part in parts], axis=-1) for place in parts[0].amounts},
        np.concatenate([part.rationality for part in parts], axis=-1),
        np.concatenate([part.settled for part in parts]),
    )


def _record_adjoint(
    block: Block,
    choice: Array,
    logit: Array,
    converged: Flags,
    records: Sequence[Open],
    record: NDArray[np.int64],
) -> RecordAdjoint:
    structure, choice = block.structure, np.ascontiguousarray(choice)
    last_layer = structure.last_layers
    at = place_of(block, choice, np.ascontiguousarray(logit), int(last_layer.max()))
    back = Derivatives(*(np.zeros(part.shape) for part in (at.odds, at.pay, at.rationality)))
    likelihood, by_choice, back.odds[0] = _of_records(block, choice, records, record)
    possible = likelihood > 0.0
    back.odds[0] /= np.where(possible, likelihood, 1.0)
    toward = relative(structure, choice, choice * by_choice / np.where(possible, likelihood, 1.0))
    rows = first_rows(structure, last_layer)
    settled = converged & possible & through_equilibrium(structure.graph, at, last_layer, rows, toward, back)
    with np.errstate(divide="ignore"):
        log_probability = np.log(likelihood)
    return RecordAdjoint(log_probability, back.odds, _amounts(block, back.pay), back.rationality, settled)


def _of_records(
    block: Block, choice: Array, records: Sequence[Open], record: NDArray[np.int64]
) -> tuple[Array, Array, Array]:
    """The probability of each draw's record, and its derivatives at the given profile by choices and odds."""
    likelihood, by_choice, by_odds = (
        np.empty(block.draws),
        np.empty(choice.shape),
        np.empty(block.tables.odds.shape[1:]),
    )
    for number in np.unique(record):
        draws = np.flatnonzero(record == number)
        part = block if len(draws) == block.draws else block.only(draws)
        found = condition_play(part, choice[:, draws], records[number]).derivatives()
        likelihood[draws], by_choice[:, draws], by_odds[:, draws] = found
    return likelihood, by_choice, by_odds


def place_of(block: Block, choice: Array, logit: Array, layers: int) -> Place:
    """The fixed points of a block, with reach as far as the first `layers` layers need it."""
    structure, tables, draws = block.structure, block.tables, block.draws
    graph = structure.graph
    weight, reach = np.ones((graph.nodes, draws)), np.zeros((len(graph.until), 0, draws))
    inflow = reach
    if layers:
        reach = audit.reach_of(graph, tables.odds, choice)
        weight = beliefs_of(block, choice, logit)
        inflow = _inflow(block, choice, logit, reach, int(graph.group_edge[graph.layer_group[layers]]))
    value, gain = audit.values_of(graph, tables.odds, block.pay, choice, weight)
    concentration = np.zeros((len(graph.until), 0, draws))
    if (structure.rules == PRIVATE).any():
        concentration = rule_audit.squares_of(graph, tables.odds, choice)
    return Place(tables.odds, block.pay, tables.played, choice, gain, weight, value, inflow, reach, concentration)


def _inflow(block: Block, choice: Array, logit: Array, reach: Array, count: int) -> Array:
    """The share of a node's reach that comes along each of the first `count` edges into it, in each belief system."""
    edges, graph = edges_of(block.game), block.structure.graph
    parent, child, slot = edges.parent[:count], edges.child[:count], edges.slot[:count]
    moves = np.flatnonzero(edges.info_set[:count] >= 0)
    chance = np.flatnonzero(edges.info_set[:count] < 0)

    def along(choices: Array, odds: Array) -> Array:
        shares = np.empty((len(graph.until), count, choices.shape[-1]))
        shares[:, moves], shares[:, chance] = choices[slot[moves]], odds[:, slot[chance]]
        return shares

    inflow = along(choice, block.tables.odds) * reach[:, parent]
    rare = np.flatnonzero((reach[:, : graph.nodes] < UNDERFLOW).any(axis=(0, 1)))
    with np.errstate(divide="ignore", invalid="ignore"):
        inflow /= reach[:, child]
        if len(rare):  # in logarithms, since reach may have underflowed
            part, log_choice = block.only(rare), log_probabilities(block.structure, logit[:, rare])
            log_reach = audit.log_reach_of(graph, part.tables.odds, log_choice)
            steps = along(log_choice, np.log(part.tables.odds)) + log_reach[:, parent]
            inflow[..., rare] = np.exp(steps - log_reach[:, child])
    return np.where(np.isfinite(inflow), inflow, 0.0)


def relative(structure: Structure, choice: Array, log_choice: Array) -> Array:
    """Derivatives with respect to logits, from those with respect to the logarithms of choices: (slots, draws)."""
    if not len(log_choice):
        return log_choice
    total = np.add.reduceat(log_choice, structure.first_slots, axis=0)
    return np.asarray(log_choice - choice * structure.over_options(total))


def first_rows(structure: Structure, last_layer: NDArray[np.int64]) -> int:
    """The number of slots that come before the last information set of several nodes: only they change beliefs."""
    if not last_layer.any():
        return 0
    graph = structure.graph
    before = graph.layer_actor[: int(last_layer.max()) - 1]
    groups = slice(0, int(graph.layer_group[len(before)]))
    moves = np.repeat(before, np.diff(graph.layer_group[: len(before) + 1])) >= 0
    return int((graph.group_slot[groups] + graph.group_options[groups])[moves].max(initial=0))


def _amounts(block: Block, pay: Array) -> dict[int, Array]:
    """Derivatives with respect to amounts, as in `Tables.amounts`, from those with respect to payments on edges."""
    payments = block.structure.payments
    rows = np.zeros((len(payments.left), block.draws))
    rows[payments.on_edges] = pay
    share_sums(payments.left, payments.right, rows)
    return {
        place: rows[payments.first[place] : payments.first[place] + len(amounts)]
        if place in payments.first
        else np.zeros(amounts.shape)
        for place, amounts in block.tables.amounts.items()
    }
