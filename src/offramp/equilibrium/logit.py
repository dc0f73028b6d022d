"""Logit agent quantal response equilibria of a block of draws, with the evaluation and certificate of profiles.

An equilibrium at rationalities lambda is a profile in which every information set chooses each option with probability
proportional to exp(lambda_i * value); the value is the expected payoff to come in the mover's own odds (McKelvey &
Palfrey 1998, *Experimental Economics* 1, equations 1 to 3). `sweeps` and `principal` find profiles; this module
evaluates and certifies them with separate loops (`audit`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.expressions.rounding import PRECISION
from offramp.equilibrium import audit, rule_audit
from offramp.equilibrium.branch.lane_tracing import trace_block, trace_one
from offramp.equilibrium.branch.principal import SAME, STATUSES, Ended, Status, Traced
from offramp.equilibrium.kernel import UNDERFLOW
from offramp.equilibrium.structure import log_probabilities
from offramp.equilibrium.sweeps import Block, edge_payments, swept
from offramp.game.game import PayoffTerms

Array = NDArray[np.float64]

TOLERANCE = 1e-9
"""Largest residual of a solved draw, unless rounding at its rationality allows no better."""
TRUSTED = 1e-6
"""Largest effect of rounding on a choice probability; beyond it a profile never counts as a solution."""
WINDOW_BYTES = 16_000_000
"""Memory for evaluating one window of draws, chosen to stay in the processor's cache."""


@dataclass(frozen=True)
class BlockSolution:
    """Solved draws; the last axis of every array is the draw.

    `choice`, `option_value`: (slots,), the profile and each option's payoff to come in its mover's own odds.
    `reached`: (information sets,), probabilities in the analyst's odds. `endings`: (endings,). `terms`: (payoff
    terms,) and `measures`: (measures,), expected in the analyst's odds; `own_eyes`: (actors,), each actor's whole
    expected payoff in its own odds.

    The certificate: `residual`: (draws,), the largest violation of the logit equations; `tolerance`: (draws,), the
    largest residual of a solved draw; `rounding`: (draws,), how far rounding can have moved a choice probability, 0 if
    less than 1e-9; if it is more than `TRUSTED` the violation is unknown and the residual is infinite. `regret_once`:
    (actors,), the highest gain from another choice at one information set, given that it is reached; `regret`:
    (actors,), from any other strategy (NaN for an actor without perfect recall); both in the actor's own odds, and
    never zero, since a logit response does not always choose the best.

    `sweeps`: (draws,), the number of sweeps; `status`: (draws,), an index of `STATUSES`.
    """

    choice: Array
    option_value: Array
    reached: Array
    endings: Array
    terms: Array
    measures: Array
    own_eyes: Array
    rationality: Array
    residual: Array
    tolerance: Array
    rounding: Array
    regret_once: Array
    regret: Array
    sweeps: NDArray[np.int64]
    status: NDArray[np.int8]

    @property
    def converged(self) -> NDArray[np.bool_]:
        return np.asarray(self.residual <= self.tolerance)

    def only(self, lanes: slice | NDArray[np.int64]) -> BlockSolution:
        """Some of the draws."""
        return self._mapped(lambda values: np.ascontiguousarray(values[..., lanes]))

    def repeated(self, draws: int) -> BlockSolution:
        """A solution of one draw, repeated for draws that are identical."""
        return self._mapped(lambda values: np.repeat(values, draws, axis=-1))

    def _mapped(self, change: Callable[[NDArray[Any]], NDArray[Any]]) -> BlockSolution:
        return BlockSolution(*(change(getattr(self, field.name)) for field in fields(self)))


def joined_solutions(parts: Sequence[BlockSolution]) -> BlockSolution:
    """The draws of several solutions of a game, one after another."""
    return BlockSolution(
        *(np.concatenate([getattr(part, field.name) for part in parts], axis=-1) for field in fields(BlockSolution))
    )


def solve_block(block: Block, traced: NDArray[np.bool_] | None = None) -> BlockSolution:
    """Solve a block of draws by sweeps; follow the branch for draws that do not converge and those marked in `traced`.

    A draw that does not converge either way keeps its last profile, with the status `unconverged`.
    """
    structure, profile = block.structure, swept(block)
    usual: Status = "principal" if structure.perfect_information else "not traced"
    status = np.full(block.draws, STATUSES.index(usual), dtype=np.int8)
    unsolved = ~profile.converged
    if structure.perfect_information:
        traced = None
    chosen = np.flatnonzero(unsolved if traced is None else unsolved | traced)
    if len(chosen):
        ends, settled = trace_block(block.only(chosen)), profile.converged[chosen]
        choice = np.exp(log_probabilities(structure, ends.logit))
        apart = np.abs(choice - profile.choice[:, chosen]).max(axis=0, initial=0.0) > SAME
        # at a bifurcation sweeps may have taken any side; none of the sides counts as another branch
        other = settled & apart & (ends.status != STATUSES.index("bifurcation"))
        found = np.where(other, STATUSES.index("other branch"), ends.status)
        status[chosen] = np.where(ends.reached, found, status[chosen])
        profile.sweeps[chosen] += ends.sweeps
        anew = ends.reached & ~settled
        profile.logit[:, chosen[anew]], profile.choice[:, chosen[anew]] = ends.logit[:, anew], choice[:, anew]
    return judged(block, profile.choice, profile.logit, profile.sweeps, status)


def solve_alike(block: Block) -> BlockSolution:
    """Solve a block of identical draws: solve the first, following its branch, and repeat the result."""
    return solve_block(block.only(slice(0, 1)), np.ones(1, dtype=bool)).repeated(block.draws)


def solve_traced(block: Block) -> tuple[BlockSolution, Traced]:
    """Solve one draw by following the branch, or by sweeps if it cannot be followed to the end.

    With perfect information no branch is needed: one sweep solves the game, and another verifies it.
    """
    if block.structure.perfect_information:
        return resolve(block, np.zeros(block.structure.slots))
    traced_draw = trace_one(block)
    if traced_draw.logit is None:
        profile = swept(block)
        ended: Ended = "sweeps settled" if profile.converged[0] else "nothing settled"
        sweeps = traced_draw.sweeps + int(profile.sweeps[0])
        traced_draw = replace(traced_draw, logit=profile.logit[:, 0], status="not traced", ended=ended, sweeps=sweeps)
    return judged_one(block, traced_draw), traced_draw


def resolve(block: Block, start: Array) -> tuple[BlockSolution, Traced]:
    """Solve one draw by sweeps from nearby logits, (slots,), or by following the branch if sweeps do not converge."""
    profile = swept(block, start)
    converged = bool(profile.converged[0])
    perfect = block.structure.perfect_information
    if not converged and not perfect:
        return solve_traced(block)
    status: Status = "principal" if perfect else "not traced"
    ended: Ended = "sweeps settled" if converged else "nothing settled"
    traced_draw = Traced(profile.logit[:, 0], status, ended, sweeps=int(profile.sweeps[0]))
    return judged_one(block, traced_draw), traced_draw


def judged_one(block: Block, traced_draw: Traced) -> BlockSolution:
    """Evaluate the profile found for a block of one draw."""
    assert traced_draw.logit is not None
    status = np.array([STATUSES.index(traced_draw.status)], dtype=np.int8)
    logit = traced_draw.logit[:, None]
    choice = np.exp(log_probabilities(block.structure, logit))
    return judged(block, choice, logit, np.array([traced_draw.sweeps]), status)


def evaluate_block(block: Block, choice: Array) -> BlockSolution:
    """Evaluate a profile, (slots, draws), without changing it, and its distance from its logit response."""
    with np.errstate(divide="ignore"):
        logit = np.log(choice)
    status = np.full(block.draws, STATUSES.index("not traced"), dtype=np.int8)
    return judged(block, choice, logit, np.zeros(block.draws, dtype=np.int64), status)


def judged(
    block: Block, choice: Array, logit: Array, sweeps: NDArray[np.int64], status: NDArray[np.int8]
) -> BlockSolution:
    """Evaluate profiles, (slots, draws), a window of draws at a time.

    `logit`: (slots, draws), their logits, used if probabilities underflow.
    """
    graph = block.structure.graph
    one_draw = 8 * ((graph.nodes + 1) * (len(graph.until) + len(graph.belief_of) + 3) + block.game.payoff_count)
    window = max(8, WINDOW_BYTES // one_draw // 8 * 8)  # whole machine vectors
    if block.draws <= window:
        return _judged(block, choice, logit, sweeps, status)
    parts = [
        _judged(block.only(lanes), choice[:, lanes], logit[:, lanes], sweeps[lanes], status[lanes])
        for lanes in (slice(first, first + window) for first in range(0, block.draws, window))
    ]
    return joined_solutions(parts)


def _judged(
    block: Block, choice: Array, logit: Array, sweeps: NDArray[np.int64], status: NDArray[np.int8]
) -> BlockSolution:
    structure, odds, pay = block.structure, block.tables.odds, block.pay
    graph, draws, actors = structure.graph, block.draws, len(block.game.actors)
    choice = np.ascontiguousarray(choice)
    reach = reach_of(block, choice)
    flow = _flow_of(block, choice, reach)
    weight, mass = beliefs_of(block, logit, reach)
    value, option_value = np.empty((graph.nodes + 1, actors, draws)), np.empty((structure.slots, draws))
    audit.values_of(graph, odds, pay, choice, weight, value, option_value)
    own_eyes = value[graph.root] + pay[graph.root_pay]
    residual, spread, once = np.empty(draws), np.empty(draws), np.empty((actors, draws))
    by_rule = np.empty((0, draws))
    if not structure.only_logit:
        by_rule = _responses(block, choice, option_value, np.zeros_like(option_value))
    audit.violations_of(
        structure.movers, structure.first_slots, structure.options, structure.rules, choice, option_value,
        block.tables.played, mass, by_rule, residual, spread, once,
    )  # fmt: skip
    rounding = _rounding(block, choice, weight, mass, option_value)
    residual[rounding > TRUSTED] = np.inf
    tolerance = np.clip(np.maximum(PRECISION * spread, rounding), TOLERANCE, TRUSTED)
    reached = np.empty((len(structure.movers), draws))
    audit.reached_of(graph, reach[0], reached)
    endings, terms = _paid(block, flow)
    return BlockSolution(
        choice=choice,
        option_value=option_value,
        reached=reached,
        endings=endings,
        terms=terms,
        measures=measures_of(block, choice),
        own_eyes=own_eyes,
        rationality=block.tables.rationality,
        residual=residual,
        tolerance=tolerance,
        rounding=rounding,
        regret_once=once,
        regret=_regret(block, choice, own_eyes),
        sweeps=sweeps,
        status=np.where(residual <= tolerance, status, STATUSES.index("unconverged")).astype(np.int8),
    )


def _flow_of(block: Block, choice: Array, reach: Array) -> Array:
    """The probability of each payoff, (payoffs, draws)."""
    structure = block.structure
    flow = np.empty((block.game.payoff_count, block.draws))
    payoffs = structure.edge_payoff, structure.payoff_left, structure.payoff_right, structure.root_payoff
    audit.flows_of(structure.graph, *payoffs, block.tables.odds, choice, reach, flow)
    return flow


def measures_of(block: Block, choice: Array) -> Array:
    """The measures, (measures, draws), that a profile, (slots, draws), gives in the analyst's odds."""
    measured = block.measured
    if measured is None:
        return np.zeros((0, block.draws))
    return _paid(measured, _flow_of(measured, choice, reach_of(measured, choice)))[1]


def _rounding(block: Block, choice: Array, weight: Array, mass: Array, option_value: Array) -> Array:
    """How far rounding can have moved a choice probability, (draws,); 0 unless payoffs are large."""
    structure, tables = block.structure, block.tables
    doubt = np.zeros(block.draws)
    large = np.flatnonzero((2.0 * PRECISION * tables.played * tables.most > TOLERANCE).any(axis=0))
    if len(large):
        graph, part = structure.graph, block.only(large)
        sizes = edge_payments(structure, block.game, part.tables.sizes, len(large))
        value = np.empty((graph.nodes + 1, len(block.game.actors), len(large)))
        option_size, part_doubt = np.empty((structure.slots, len(large))), np.empty(len(large))
        profile, beliefs = np.ascontiguousarray(choice[:, large]), np.ascontiguousarray(weight[:, large])
        audit.values_of(graph, part.tables.odds, sizes, profile, beliefs, value, option_size)
        audit.doubts_of(
            structure.movers, structure.first_slots, structure.options, structure.rules,
            np.ascontiguousarray(option_value[:, large]), option_size, PRECISION, part.tables.played,
            np.ascontiguousarray(mass[:, large]), part_doubt,
        )  # fmt: skip
        if not structure.only_logit:
            worth = np.ascontiguousarray(option_value[:, large])
            # the worst case: an option and the others err in opposite directions
            lost = 2.0 * PRECISION * np.maximum.reduceat(option_size, structure.first_slots, axis=0)
            ahead = structure.over_options(lost)
            between = _responses(part, profile, worth, ahead) - _responses(part, profile, worth, -ahead)
            between[structure.over_options(mass[:, large] <= 0.0)] = 0.0
            part_doubt = np.maximum(part_doubt, np.where(np.isnan(between), np.inf, between).max(axis=0))
        doubt[large] = part_doubt
    return doubt


def _responses(block: Block, choice: Array, option_value: Array, ahead: Array) -> Array:
    """Responses by choice rules other than logit, (slots, draws), as the certificate computes them."""
    deviation = rule_audit.deviations(block.structure, block.tables.odds, choice)
    return rule_audit.responses(block.structure, option_value, block.tables.played, deviation, ahead)


def reach_of(block: Block, choice: Array) -> Array:
    """The probability of each node in each belief system: (belief systems, nodes + 1, draws)."""
    graph = block.structure.graph
    reach = np.empty((len(graph.until), graph.nodes + 1, block.draws))
    audit.reach_of(graph, block.tables.odds, choice, reach)
    return reach


def beliefs_of(block: Block, logit: Array, reach: Array) -> tuple[Array, Array]:
    """Each decision node's weight in its information set, (nodes, draws), in its mover's own odds, and the sets' reach.

    If a set is so rare that its reach underflows, the weights are those of the limit, computed in logarithms.
    """
    graph, sets = block.structure.graph, len(block.structure.movers)
    weight, mass = np.empty((graph.nodes, block.draws)), np.empty((sets, block.draws))
    audit.beliefs_of(graph, reach, False, weight, mass)
    lost = np.flatnonzero(((mass < UNDERFLOW) & (block.supported > 0.0)).any(axis=0))
    if len(lost):
        part = block.only(lost)
        log_reach, rare, high = np.empty((*reach.shape[:2], len(lost))), weight[:, lost], mass[:, lost]
        audit.log_reach_of(graph, part.tables.odds, log_probabilities(block.structure, logit[:, lost]), log_reach)
        audit.beliefs_of(graph, log_reach, True, rare, high)
        weight[:, lost], mass[:, lost] = rare, (high > -np.inf).astype(np.float64)
    return weight, mass


def _regret(block: Block, choice: Array, own_eyes: Array) -> Array:
    """Each actor's gain from its best strategy, (actors, draws); NaN without perfect recall."""
    structure, game = block.structure, block.game
    draws, nodes, sets = block.draws, structure.graph.nodes + 1, len(structure.movers)
    reach, value, worth = np.empty((nodes, draws)), np.empty((nodes, draws)), np.empty((structure.slots, draws))
    chosen, best = np.empty((sets, draws), dtype=np.int64), np.empty(draws)
    regret = np.full((len(game.actors), draws), np.nan)
    for number, actor in enumerate(game.crisis.actors.values()):
        if actor.memory == "recall":
            audit.best_response(
                structure.graph, block.tables.odds, block.pay, choice, number, reach, value, worth, chosen, best
            )
            regret[number] = np.maximum(best - own_eyes[number], 0.0)
    return regret


def _paid(block: Block, flow: Array) -> tuple[Array, Array]:
    """Probabilities of the endings and expected payoff terms, from the probability of each payoff."""
    game, tables = block.game, block.tables
    endings = np.zeros((len(game.crisis.endings), flow.shape[1]))
    terms = np.zeros((len(game.crisis.terms), flow.shape[1]))
    for position, entries in enumerate(game.payoff_entries):
        if isinstance(entries, PayoffTerms):
            paid = flow[entries.first : entries.first + entries.contexts.count]
            if entries.term is None:
                endings += paid
            else:
                audit.add_up(paid, np.ascontiguousarray(tables.amounts[position]), terms[entries.term])
    return endings, terms
