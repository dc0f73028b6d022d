"""Logit agent quantal response equilibria, a block of draws at a time, by backward sweeps.

An equilibrium at rationalities lambda is a profile in which every information set chooses each option
with probability proportional to exp(lambda_i * value), the value being the expected payoff to come in the
mover's own odds (McKelvey & Palfrey 1998, *Experimental Economics* 1, equations 1 to 3). A sweep carries
reach forward and values backward, and updates each information set at once; where beliefs do not depend
on earlier choices the first sweep is exact. What a sweep has settled is judged by a separate evaluation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.game.layers import CHANCE, Game, Leaves
from offramp.game.tables import Tables
from offramp.solve import kernel

Array = NDArray[np.float64]

MAX_SWEEPS = 500
SETTLED = 1e-11
"""A draw has settled when a sweep changes no choice probability by more than this."""
TOLERANCE = 1e-9
"""A draw is solved when its residual is at most this."""
LANES = 8
"""Blocks are padded to a multiple of this many draws."""


@dataclass(frozen=True)
class Structure:
    """The arrays of a game that the kernel walks."""

    layer_actor: NDArray[np.int32]
    layer_group: NDArray[np.int32]
    group_node: NDArray[np.int32]
    group_slot: NDArray[np.int32]
    group_options: NDArray[np.int32]
    group_edge: NDArray[np.int64]
    edge_child: NDArray[np.int32]
    edge_bill: NDArray[np.int32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    belief_of: NDArray[np.int32]
    """The belief system of each actor."""
    move_groups: NDArray[np.int64]
    """The groups that are information sets, in the order of the profile."""
    movers: NDArray[np.int64]
    """The actor of each information set."""
    options: NDArray[np.int64]
    """The number of options of each information set."""

    @property
    def walk(self) -> tuple[NDArray[np.integer], ...]:
        return (
            self.layer_actor,
            self.layer_group,
            self.group_node,
            self.group_slot,
            self.group_options,
            self.group_edge,
            self.edge_child,
        )


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


def structure_of(game: Game) -> Structure:
    """The arrays of a game that the kernel walks."""
    left = np.zeros(game.bill_count, dtype=np.int32)
    right = np.zeros(game.bill_count, dtype=np.int32)
    for bill in game.bills:
        if not isinstance(bill, Leaves):
            left[bill.first : bill.first + len(bill.left)] = bill.left
            right[bill.first : bill.first + len(bill.right)] = bill.right
    moves = [layer for layer in game.layers if layer.actor != CHANCE]
    nothing = np.zeros(0, dtype=np.int64)
    move_groups = np.concatenate([*(np.arange(layer.first_group, layer.end_group) for layer in moves), nothing])
    movers = np.concatenate([*(np.full(layer.end_group - layer.first_group, layer.actor) for layer in moves), nothing])
    belief_of = [1 + game.believers.index(actor) if actor in game.believers else 0 for actor in game.actors]
    groups = [layer.first_group for layer in game.layers] + [len(game.group_options)]
    return Structure(
        layer_actor=np.array([layer.actor for layer in game.layers], dtype=np.int32),
        layer_group=np.array(groups, dtype=np.int32),
        group_node=game.group_node,
        group_slot=game.group_slot,
        group_options=game.group_options,
        group_edge=game.group_edge,
        edge_child=game.edge_child,
        edge_bill=game.edge_bill,
        left=left,
        right=right,
        belief_of=np.array(belief_of, dtype=np.int32),
        move_groups=move_groups,
        movers=movers,
        options=game.group_options[move_groups].astype(np.int64),
    )


def solve_block(game: Game, structure: Structure, tables: Tables) -> BlockSolution:
    """Solve a block of draws from the uniform profile.

    Draws that do not settle within `MAX_SWEEPS` sweeps are returned with the residual that they have.
    """
    pay = _payments(game, structure, tables)
    parts = tables.odds, pay, tables.rationality
    supported = _support(game, structure, tables.odds)
    choice, sweeps, lost = _settle(game, structure, *parts, supported, logarithms=False)
    again = np.flatnonzero(lost)
    if len(again):
        lanes = _padded(again)
        parts = tuple(np.ascontiguousarray(part[..., lanes]) for part in parts)
        redone, counts, _ = _settle(game, structure, *parts, np.zeros_like(supported[:, lanes]), logarithms=True)
        choice[:, again], sweeps[again] = redone[:, : len(again)], counts[: len(again)]
    return _evaluated(game, structure, tables, pay, choice, sweeps, lost)


def evaluate_block(game: Game, structure: Structure, tables: Tables, choice: Array) -> BlockSolution:
    """Evaluate a profile, (slots, draws), without changing it, and how far it is from its logit response."""
    draws = choice.shape[1]
    nothing_lost = np.zeros(draws, dtype=bool)
    pay = _payments(game, structure, tables)
    return _evaluated(game, structure, tables, pay, choice, np.zeros(draws, dtype=np.int32), nothing_lost)


def uniform(structure: Structure, draws: int) -> Array:
    """The profile in which every option is equally likely: (slots, draws)."""
    share = np.repeat(1.0 / structure.options, structure.options)
    return np.repeat(share[:, None], draws, axis=1)


def _evaluated(
    game: Game,
    structure: Structure,
    tables: Tables,
    pay: Array,
    choice: Array,
    sweeps: NDArray[np.int32],
    lost: NDArray[np.bool_],
) -> BlockSolution:
    """What a profile amounts to; where reach has underflowed (`lost`), information sets are weighed by logarithms."""
    odds, width = tables.odds, choice.shape[1]
    reach, value = _workspace(game, odds.shape[0], width)
    option_value = np.zeros((game.slots, width))
    flow = np.zeros((game.bill_count, width))
    kernel.reach_forward(*structure.walk, game.root, odds, choice, reach)
    reached = _by_group(game, reach[0])[structure.move_groups]
    kernel.flows_forward(
        *structure.walk[:-1], structure.edge_bill, structure.left, structure.right, game.root_bill, odds, choice, reach, flow
    )
    if lost.any():
        weights = np.empty_like(reach)
        with np.errstate(divide="ignore"):
            kernel.weights_forward(*structure.walk, game.root, odds, np.log(choice), weights)
        reach = np.where(lost, weights, reach)
    kernel.evaluate_backward(
        *structure.walk, structure.edge_bill, structure.belief_of, odds, pay, reach, choice, value, option_value
    )
    weight = np.zeros((len(structure.movers), width))
    for belief in range(odds.shape[0]):
        own = structure.belief_of[structure.movers] == belief
        weight[own] = _by_group(game, reach[belief])[structure.move_groups[own]]
    endings, terms = _paid(game, tables, flow)
    return BlockSolution(
        choice=choice,
        option_value=option_value,
        reached=reached,
        endings=endings,
        terms=terms,
        own_eyes=value[game.root] + pay[game.root_bill],
        rationality=tables.rationality,
        residual=_residual(structure, choice, option_value, tables.rationality, weight),
        sweeps=sweeps,
    )


def _padded(lanes: NDArray[np.int64]) -> NDArray[np.int64]:
    """The lanes, the last repeated up to a multiple of `LANES`."""
    missing = -len(lanes) % LANES
    return np.concatenate([lanes, np.full(missing, lanes[-1])])


def _workspace(game: Game, beliefs: int, width: int) -> tuple[Array, Array]:
    """Arrays for reach and value; the end of play has value 0."""
    return np.zeros((beliefs, game.nodes + 1, width)), np.zeros((game.nodes + 1, len(game.actors), width))


def _by_group(game: Game, reach: Array) -> Array:
    """Sums over the nodes of each group: (groups, draws)."""
    if not game.nodes:
        return np.zeros((0, reach.shape[1]))
    return np.asarray(np.add.reduceat(reach[:-1], game.group_node[:-1], axis=0))


def _payments(game: Game, structure: Structure, tables: Tables) -> Array:
    """What each bill pays each actor: (bills, actors, draws)."""
    pay = np.zeros((game.bill_count, *tables.rationality.shape))
    for position, amount in tables.amounts.items():
        bill = game.bills[position]
        assert isinstance(bill, Leaves)
        assert bill.term is not None
        actor = game.actors.index(game.crisis.terms[bill.term].actor)
        pay[bill.first : bill.first + bill.contexts.count, actor] = amount
    kernel.add_bills(structure.left, structure.right, pay)
    return pay


def _support(game: Game, structure: Structure, odds: Array) -> NDArray[np.bool_]:
    """Whether odds leave a group reachable, whatever is chosen: (groups, draws)."""
    width = odds.shape[2]
    if (odds[0] > 0.0).all():
        return np.ones((len(game.group_options), width), dtype=bool)
    reach, _ = _workspace(game, 1, width)
    open_ways = np.ascontiguousarray((odds[:1] > 0.0).astype(np.float64))
    kernel.reach_forward(*structure.walk, game.root, open_ways, np.ones((game.slots, width)), reach)
    return np.asarray(_by_group(game, reach[0]) > 0.0)


def _settle(
    game: Game,
    structure: Structure,
    odds: Array,
    pay: Array,
    rationality: Array,
    supported: NDArray[np.bool_],
    *,
    logarithms: bool,
) -> tuple[Array, NDArray[np.int32], NDArray[np.bool_]]:
    """Sweep until every draw has settled: the profiles, the sweeps taken, and which draws need logarithms.

    A settled draw is frozen; when half a block is, the rest goes on in a narrower one.
    """
    lanes = np.arange(rationality.shape[1])
    choice = uniform(structure, len(lanes))
    sweeps, lost = np.zeros(len(lanes), dtype=np.int32), np.zeros(len(lanes), dtype=bool)
    profile, log_choice = choice.copy(), np.log(choice)
    reach, value = _workspace(game, odds.shape[0], len(lanes))
    frozen, change, failed = np.zeros(len(lanes), dtype=bool), np.zeros(len(lanes)), np.zeros(len(lanes), dtype=bool)
    forward = kernel.weights_forward if logarithms else kernel.reach_forward
    for sweep in range(1, MAX_SWEEPS + 1):
        forward(*structure.walk, game.root, odds, log_choice if logarithms else profile, reach)
        kernel.sweep_backward(
            *structure.walk, structure.edge_bill, structure.belief_of, odds, pay, rationality, reach, supported, frozen,
            profile, log_choice, value, change, failed,
        )  # fmt: skip
        lost[lanes[failed & ~frozen]] = True
        done = ~frozen & ((change <= SETTLED) | failed)
        sweeps[lanes[~frozen]] = sweep
        choice[:, lanes[~frozen]] = profile[:, ~frozen]
        frozen |= done
        going = np.flatnonzero(~frozen)
        if not len(going):
            break
        if len(going) <= len(lanes) // 2 and len(lanes) > LANES:
            kept = _padded(going)
            lanes = lanes[kept]
            odds, pay = np.ascontiguousarray(odds[:, :, kept]), np.ascontiguousarray(pay[:, :, kept])
            rationality, supported = np.ascontiguousarray(rationality[:, kept]), np.ascontiguousarray(supported[:, kept])
            profile, log_choice = np.ascontiguousarray(profile[:, kept]), np.ascontiguousarray(log_choice[:, kept])
            reach, value = _workspace(game, odds.shape[0], len(kept))
            frozen, change, failed = np.zeros(len(kept), dtype=bool), np.zeros(len(kept)), np.zeros(len(kept), dtype=bool)
            frozen[len(going) :] = True
    return choice, sweeps, lost


def _residual(structure: Structure, choice: Array, option_value: Array, rationality: Array, weight: Array) -> Array:
    """The largest distance of a choice probability from its logit response: (draws,); NaN counts as infinite.

    Information sets without weight, (information sets, draws), in their mover's own odds do not count.
    """
    options = structure.options
    if not len(options):
        return np.zeros(choice.shape[1])
    starts = np.concatenate([[0], np.cumsum(options)[:-1]])
    gain = option_value - np.repeat(np.maximum.reduceat(option_value, starts, axis=0), options, axis=0)
    response = np.exp(np.repeat(rationality[structure.movers], options, axis=0) * gain)
    response /= np.repeat(np.add.reduceat(response, starts, axis=0), options, axis=0)
    distance = np.where(np.repeat(weight > 0.0, options, axis=0), np.abs(response - choice), 0.0)
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
