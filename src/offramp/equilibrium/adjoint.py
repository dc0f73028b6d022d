"""Derivatives of the probability of a record, through the equilibrium, for a block of draws.

At a fixed point theta = H(theta, p) of sweeps, the derivative of log P with respect to a number p is x' dH/dp, plus
that at a given profile, and x solves (I - J') x = g: J is the Jacobian of H, g the derivative at a given profile with
respect to theta (implicit function theorem: Griewank & Walther 2008, *Evaluating Derivatives*, chapter 15). One sweep
carried back costs about as much as the sweep. With perfect information J is 0; else x is found by GMRES (Saad &
Schultz 1986, *SIAM Journal on Scientific and Statistical Computing* 7), all draws side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium import audit, rule_audit
from offramp.equilibrium.carried_back import Derivatives, Place, carry_back
from offramp.equilibrium.conditioning import condition_play, share_sums
from offramp.equilibrium.kernel import UNDERFLOW
from offramp.equilibrium.logit import beliefs_of
from offramp.equilibrium.structure import PRIVATE, Structure, log_probabilities
from offramp.equilibrium.sweeps import Block, Profile
from offramp.game.agreement import Open
from offramp.game.edges import edges_of

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

SETTLED = 1e-12
"""Largest residual of a settled draw, relative to the larger of g and x - g."""
FIRST_STEPS, MOST_STEPS = 16, 64
"""Steps of GMRES before its first restart, which each restart doubles, and the most steps."""
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
    at = _place(block, choice, np.ascontiguousarray(logit), int(last_layer.max()))
    back, likelihood = _nothing(structure, at), np.empty(block.draws)
    for number in np.unique(record):
        _add_record(block, choice, records[number], np.flatnonzero(record == number), back, likelihood)
    possible = likelihood > 0.0
    back.odds[0] /= np.where(possible, likelihood, 1.0)
    toward = _relative(structure, choice, choice * back.log_choice / np.where(possible, likelihood, 1.0))
    settled = converged & possible
    if last_layer.any():
        toward, solved = _solved(structure, at, toward, last_layer)
        settled &= solved
    carry_back(structure.graph, at, toward, last_layer, True, back)
    with np.errstate(divide="ignore"):
        log_probability = np.log(likelihood)
    return RecordAdjoint(log_probability, back.odds, _amounts(block, back.pay), back.rationality, settled)


def _add_record(
    block: Block, choice: Array, open_edge: Open, draws: NDArray[np.int64], back: Derivatives, likelihood: Array
) -> None:
    """The probability of one record in its draws, and its derivatives at the given profile by choices and odds."""
    if len(draws) < block.draws:
        block, choice = block.only(draws), np.ascontiguousarray(choice[:, draws])
    likelihood[draws], by_choice, by_odds = condition_play(block, choice, open_edge).derivatives()
    back.log_choice[:, draws], back.odds[0][:, draws] = by_choice, by_odds


def _nothing(structure: Structure, at: Place) -> Derivatives:
    """Derivatives that are 0."""
    draws = at.choice.shape[1]
    return Derivatives(
        odds=np.zeros(at.odds.shape),
        pay=np.zeros(at.pay.shape),
        rationality=np.zeros(at.rationality.shape),
        log_choice=np.zeros(at.choice.shape),
        gain=np.zeros(at.choice.shape),
        value=np.zeros(at.value.shape),
        log_reach=np.zeros((len(at.value), draws)),
        concentration=np.zeros(at.concentration.shape),
        ahead=np.zeros((len(at.value), draws)),
        share=np.zeros((int(structure.options.max(initial=0)), draws)),
    )


def _place(block: Block, choice: Array, logit: Array, layers: int) -> Place:
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
    return Place(tables.odds, block.pay, tables.played, choice, gain, weight, value, reach, inflow, concentration)


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


def _relative(structure: Structure, choice: Array, log_choice: Array) -> Array:
    """Derivatives with respect to logits, from those with respect to the logarithms of choices.

    Both are (slots, draws), or the slots of the first information sets only.
    """
    first = structure.first_slots[structure.first_slots < len(log_choice)]
    if not len(first):
        return log_choice
    total = np.repeat(np.add.reduceat(log_choice, first, axis=0), structure.options[: len(first)], axis=0)
    return np.asarray(log_choice - choice[: len(log_choice)] * total)


def _rows(structure: Structure, last_layer: NDArray[np.int64]) -> int:
    """The number of slots that come before the last information set of several nodes: only they change beliefs."""
    graph = structure.graph
    before = graph.layer_actor[: int(last_layer.max()) - 1]
    groups = slice(0, int(graph.layer_group[len(before)]))
    moves = np.repeat(before, np.diff(graph.layer_group[: len(before) + 1])) >= 0
    return int((graph.group_slot[groups] + graph.group_options[groups])[moves].max(initial=0))


def _solved(structure: Structure, at: Place, right: Array, last_layer: NDArray[np.int64]) -> tuple[Array, Flags]:
    """Solve (I - J') x = `right`, (slots, draws); returns x and whether each draw settled: (draws,).

    J' has no rows but the first ones (`_rows`), so x is `right` plus a z that has no others: (I - J') z = J' `right`.
    """
    rows, unit = _rows(structure, last_layer), _largest(right)
    carried = _carried(structure, at, last_layer, rows)
    x, settled, rest = _over(right, unit), np.zeros(right.shape[1], dtype=bool), np.arange(right.shape[1])
    known = missing = carried(x)
    z, steps = np.zeros(known.shape), FIRST_STEPS
    while True:
        allowed = SETTLED * np.maximum(1.0, _largest(z))
        on = ~(_largest(missing) <= allowed)
        if not on.all():
            x[:rows, rest[~on]] += z[:, ~on]
            settled[rest[~on]] = True
            if not on.any():
                return unit * x, settled
            rest, allowed = rest[on], allowed[on]
            known, missing, z = known[:, on], missing[:, on], z[:, on]
            at = Place(*(np.ascontiguousarray(part[..., on]) for part in at))
            carried = _carried(structure, at, last_layer, rows)
        if steps > 4 * rows + FIRST_STEPS:
            x[:rows, rest] += z
            return unit * x, settled
        z = z + _gmres(carried, missing, allowed, min(steps, rows, MOST_STEPS))
        missing = known - z + carried(z)
        steps *= 2


def _largest(values: Array) -> Array:
    return np.asarray(np.abs(values).max(axis=0, initial=0.0))


def _carried(structure: Structure, at: Place, last_layer: NDArray[np.int64], rows: int) -> Callable[[Array], Array]:
    """The first rows of the product of J' with (slots, draws), or with the first of them, the others being 0."""
    back, toward = _nothing(structure, at), np.zeros(at.choice.shape)

    def carried(first: Array) -> Array:
        toward[: len(first)], toward[len(first) :] = first, 0.0
        carry_back(structure.graph, at, toward, last_layer, False, back)
        return _relative(structure, at.choice, back.log_choice[:rows])

    return carried


def _gmres(carried: Callable[[Array], Array], right: Array, allowed: Array, most_steps: int) -> Array:
    """Solve (I - J') z = `right`, (rows, draws), in a Krylov space of at most so many dimensions.

    It ends earlier if the residual is at most `allowed`, (draws,), in all draws.
    """
    rows, draws = right.shape
    basis, hessenberg = np.zeros((most_steps + 1, rows, draws)), np.zeros((most_steps + 1, most_steps, draws))
    rotated, turns = np.zeros((most_steps + 1, draws)), np.zeros((most_steps, 2, draws))
    rotated[0] = np.linalg.norm(right, axis=0)
    basis[0] = _over(right, rotated[0])
    steps = 0
    while steps < most_steps and (np.abs(rotated[steps]) > allowed).any():
        column, known = hessenberg[:, steps], basis[: steps + 1]
        new = basis[steps] - carried(basis[steps])
        for _ in range(2):  # Gram-Schmidt twice
            shares = np.einsum("ksd,sd->kd", known, new)
            new -= np.einsum("kd,ksd->sd", shares, known)
            column[: steps + 1] += shares
        column[steps + 1] = np.linalg.norm(new, axis=0)
        basis[steps + 1] = _over(new, column[steps + 1])
        for row, (cosine, sine) in enumerate(turns[:steps]):
            above, below = column[row].copy(), column[row + 1].copy()
            column[row], column[row + 1] = cosine * above + sine * below, cosine * below - sine * above
        radius = np.hypot(column[steps], column[steps + 1])
        turns[steps] = cosine, sine = _over(column[steps], radius), _over(column[steps + 1], radius)
        column[steps] = radius
        rotated[steps + 1], rotated[steps] = -sine * rotated[steps], cosine * rotated[steps]
        steps += 1
    for row in range(steps - 1, -1, -1):
        rotated[row] = _over(rotated[row], hessenberg[row, row])
        rotated[:row] -= hessenberg[:row, row] * rotated[row]
    return np.asarray(np.einsum("kd,ksd->sd", rotated[:steps], basis[:steps]))


def _over(values: Array, divisor: Array) -> Array:
    """Values divided by a divisor, 0 if it is 0."""
    return np.divide(values, divisor, out=np.zeros(values.shape), where=divisor != 0.0)


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
