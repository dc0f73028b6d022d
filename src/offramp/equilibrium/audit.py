"""Certification of profiles: reach, beliefs, values and regrets, recomputed from scratch without changing a choice.

The loops are in the compiled core (`certificate.cpp`, `audit.cpp`). They share nothing with the loops that find
solutions, so a mistake there shows in the certificate. The last axis of every array is the draw. `reach`: (belief
systems, nodes + 1); `belief`: (nodes,), a decision node's probability within its information set in its mover's own
odds; `mass`: (information sets,), the set's reach in these odds; `value`: (nodes + 1, actors), payoff to come in the
actor's own odds; `worth`: (slots,), what an option is worth to its mover.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.expressions.rounding import PRECISION
from offramp.equilibrium.amounts import amounts_table
from offramp.equilibrium.core import FLOATS, PACKED, WHOLE, Struct, function
from offramp.equilibrium.graph import Graph
from offramp.equilibrium.rule_audit import NO_POINTS, quadrature
from offramp.equilibrium.structure import Structure
from offramp.game.game import Game, PayoffTerms
from offramp.game.tables import Tables

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

_judge = function("judge_profiles", *[PACKED] * 6)
_pay_out = function("pay_terms", PACKED, PACKED, FLOATS, FLOATS, WHOLE, FLOATS, FLOATS)
_reach = function("audit_reach", PACKED, FLOATS, FLOATS, WHOLE, WHOLE, FLOATS)
_supported = function("audit_supported", PACKED, FLOATS, WHOLE, FLOATS)
_beliefs = function("audit_beliefs", PACKED, *[FLOATS] * 4, WHOLE, FLOATS, FLOATS)
_values = function("audit_values", PACKED, FLOATS, FLOATS, WHOLE, FLOATS, FLOATS, WHOLE, FLOATS, FLOATS)
_add_up = function("add_amounts", FLOATS, FLOATS, WHOLE, WHOLE, FLOATS)


@dataclass(frozen=True, eq=False, repr=False)
class Profiles(Struct):
    """A block of draws, and profiles in them.

    `logit`: (slots,), of `choice`, used if probabilities underflow. `sizes`: as `pay`, the sizes of the numbers that
    payments were computed from; read only in draws that are `large`, (draws,), in which rounding may matter.
    `recalls`: (actors,), whether an actor has perfect recall.
    """

    odds: Array
    pay: Array
    rationality: Array
    supported: Array
    choice: Array
    logit: Array
    sizes: Array
    large: Flags
    recalls: Flags
    rows: int
    draws: int
    precision: float = PRECISION


@dataclass(frozen=True, eq=False, repr=False)
class CertifiedProfiles(Struct):
    """What is found of profiles, as in `logit.BlockSolution`.

    (draws,): `residual`; `spread`, the widest difference of an actor's logits; `doubt`, how far rounding can have moved
    a choice. (actors,): `own_eyes`, `once` and `regret`.
    """

    worth: Array
    reached: Array
    endings: Array
    terms: Array
    own_eyes: Array
    residual: Array
    spread: Array
    doubt: Array
    once: Array
    regret: Array


@dataclass(frozen=True, eq=False, repr=False)
class Sets(Struct):
    """The information sets, as in `Structure`."""

    movers: NDArray[np.int64]
    first_slots: NDArray[np.int64]
    options: NDArray[np.int64]


@dataclass(frozen=True, eq=False, repr=False)
class Payoffs(Struct):
    """What a game pays; `amounts`: of those of `Game.payoff_entries` that are terms, as in `amounts_table`."""

    edge_payoff: NDArray[np.int32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    amounts: NDArray[np.int64]
    root_payoff: int
    payoffs: int
    positions: int
    endings: int
    terms: int


def certify(structure: Structure, payoffs: Payoffs, profiles: Profiles) -> CertifiedProfiles:
    """Judge profiles in a block of draws."""
    graph, draws = structure.graph, profiles.draws
    rows = graph.slots, graph.sets, payoffs.endings, payoffs.terms, graph.actors
    of_draw = np.empty((3, draws))
    found = CertifiedProfiles(
        *(np.empty((count, draws)) for count in rows), *of_draw, *np.empty((2, graph.actors, draws))
    )  # fmt: skip
    sets = Sets(structure.movers, structure.first_slots, structure.options)
    points = NO_POINTS if structure.only_logit else quadrature(graph.most_options)
    _judge(graph, profiles, sets, payoffs, points, found)
    return found


def payoffs_of(structure: Structure, game: Game, tables: Tables) -> Payoffs:
    """What a game pays in a block of draws; the arrays of `tables` must stay as long as this is used."""
    of_terms = (
        (paid.first, paid.contexts.count, paid.term, None if paid.term is None else tables.amounts[position])
        for position, paid in enumerate(game.payoff_entries)
        if isinstance(paid, PayoffTerms)
    )
    amounts = amounts_table(of_terms, tables.rationality.shape[1])
    return Payoffs(
        edge_payoff=structure.edge_payoff,
        left=structure.payoff_left,
        right=structure.payoff_right,
        amounts=amounts,
        root_payoff=structure.root_payoff,
        payoffs=len(structure.payoff_left),
        positions=len(amounts),
        endings=len(game.crisis.endings),
        terms=len(game.crisis.terms),
    )


def paid_of(graph: Graph, payoffs: Payoffs, odds: Array, choice: Array) -> tuple[Array, Array]:
    """The probability of each ending, (endings, draws), and each expected payoff term, (terms, draws)."""
    draws = choice.shape[1]
    endings, terms = np.empty((payoffs.endings, draws)), np.empty((payoffs.terms, draws))
    _pay_out(graph, payoffs, odds, choice, draws, endings, terms)
    return endings, terms


def reach_of(graph: Graph, odds: Array, choice: Array) -> Array:
    """The probability of each node in each belief system: (belief systems, nodes + 1, draws)."""
    return _reach_of(graph, odds, choice, logarithms=False)


def log_reach_of(graph: Graph, odds: Array, log_choice: Array) -> Array:
    """The logarithm of each node's probability, from odds and the logarithms of choices."""
    return _reach_of(graph, odds, log_choice, logarithms=True)


def _reach_of(graph: Graph, odds: Array, choice: Array, *, logarithms: bool) -> Array:
    draws = choice.shape[1]
    reach = np.empty((graph.systems, graph.nodes + 1, draws))
    _reach(graph, odds, choice, logarithms, draws, reach)
    return reach


def supported_of(graph: Graph, odds: Array) -> Array:
    """The information sets, (sets, draws), that the analyst's odds allow some play to reach: 1, else 0."""
    draws = odds.shape[-1]
    supported = np.empty((graph.sets, draws))
    _supported(graph, odds, draws, supported)
    return supported


def beliefs_of(graph: Graph, odds: Array, choice: Array, logit: Array, supported: Array) -> tuple[Array, Array]:
    """`belief` and `mass`.

    If a set that is `supported`, (information sets, draws), is so rare that its reach underflows, its beliefs are
    those of the limit, computed in logarithms, and its mass is relative to its likeliest node.
    """
    draws = choice.shape[1]
    belief, mass = np.zeros((graph.nodes, draws)), np.empty((graph.sets, draws))
    _beliefs(graph, odds, choice, logit, supported, draws, belief, mass)
    return belief, mass


def values_of(graph: Graph, odds: Array, pay: Array, choice: Array, belief: Array) -> tuple[Array, Array]:
    """`value` and `worth` of a profile."""
    draws = choice.shape[1]
    value, worth = np.empty((graph.nodes + 1, graph.actors, draws)), np.empty((graph.slots, draws))
    _values(graph, odds, pay, len(pay), choice, belief, draws, value, worth)
    return value, worth


def add_up(flow: Array, amounts: Array, total: Array) -> None:
    """Add to `total`, (draws,), the expected payoff: probabilities, (contexts, draws), times amounts."""
    _add_up(flow, amounts, *flow.shape, total)
