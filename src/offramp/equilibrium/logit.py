"""Logit agent quantal response equilibria of a block of draws, with the evaluation and certificate of profiles.

An equilibrium at rationalities lambda is a profile in which every information set chooses each option with probability
proportional to exp(lambda_i * value); the value is the expected payoff to come in the mover's own odds (McKelvey &
Palfrey 1998, *Experimental Economics* 1, equations 1 to 3). `sweeps` and `principal` find profiles; this module
evaluates and certifies them with separate loops (`audit`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.expressions.rounding import PRECISION
from offramp.equilibrium import audit
from offramp.equilibrium.branch.traced import SAME, STATUSES, Ended, Status, Traced
from offramp.equilibrium.several_starts import is_small, may_have_several, settled_apart
from offramp.equilibrium.structure import Structure, log_probabilities
from offramp.equilibrium.sweeps import Block, edge_payments, swept

if TYPE_CHECKING:
    from offramp.equilibrium.branch.lane_tracing import Ends

Array = NDArray[np.float64]

TOLERANCE = 1e-9
"""Largest residual of a solved draw, unless rounding at its rationality allows no better."""
OTHER_BRANCH = STATUSES.index("other branch")
TRUSTED = 1e-6
"""Largest effect of rounding on a choice probability; beyond it a profile never counts as a solution."""


@dataclass(frozen=True, eq=False, repr=False)
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


def solve_block(block: Block, traced: NDArray[np.bool_] | None = None, again: bool | None = None) -> BlockSolution:
    """Solve a block of draws by sweeps; follow the branch for draws that do not converge and those marked in `traced`.

    With `again`, by default in a small game, draws are swept from several starts; where they settle on several
    equilibria, the branch is followed too, and its solution taken. A draw that does not converge either way keeps its
    last profile, with the status `unconverged`.
    """
    structure, profile = block.structure, swept(block)
    usual: Status = "principal" if structure.perfect_information else "not traced"
    status = np.full(block.draws, STATUSES.index(usual), dtype=np.int8)
    searched = is_small(structure) if again is None else again and may_have_several(structure)
    several = settled_apart(block, profile) if searched else np.zeros(block.draws, dtype=bool)
    asked = ~profile.converged if traced is None or structure.perfect_information else ~profile.converged | traced
    chosen = np.flatnonzero(asked | several)
    if len(chosen):
        from offramp.equilibrium.branch.lane_tracing import trace_block  # most blocks follow no branch

        ends = trace_block(block.only(chosen), asked[chosen])
        # if another branch crosses it, none of several equilibria is the answer
        anew = ends.reached & (~profile.converged[chosen] | several[chosen] & ends.ordinary)
        profile.logit[:, chosen[anew]] = ends.logit[:, anew]
        profile.choice[:, chosen[anew]] = np.exp(log_probabilities(structure, ends.logit[:, anew]))
        profile.sweeps[chosen] += ends.sweeps
        status[chosen] = beside(structure, ends, profile.choice[:, chosen], status[chosen])
    return judged(block, profile.choice, profile.logit, profile.sweeps, status)


def beside(structure: Structure, ends: Ends, choice: Array, status: NDArray[np.int8]) -> NDArray[np.int8]:
    """The status of profiles, (slots, draws), beside what their branches lead to; `status` if one was not followed."""
    led = np.exp(log_probabilities(structure, ends.logit))
    apart = np.abs(led - choice).max(axis=0, initial=0.0) > SAME
    # at a bifurcation sweeps may have taken any side; none of the sides counts as another branch
    other = apart & (ends.status != STATUSES.index("bifurcation"))
    found = np.where(other, OTHER_BRANCH, ends.status)
    return np.where(ends.reached, found, status).astype(np.int8)


def solve_alike(block: Block) -> BlockSolution:
    """Solve a block of identical draws: solve the first, following its branch, and repeat the result.

    If sweeps settle elsewhere than the branch leads, the solution is the one on the branch.
    """
    first = block.only(slice(0, 1))
    solved = solve_block(first, np.ones(1, dtype=bool))
    if solved.status[0] == OTHER_BRANCH:
        solved, _ = solve_traced(first)
    return solved.repeated(block.draws)


def solve_traced(block: Block) -> tuple[BlockSolution, Traced]:
    """Solve one draw by following the branch, or by sweeps if it cannot be followed to the end.

    With perfect information no branch is needed: one sweep solves the game, and another verifies it.
    """
    if block.structure.perfect_information:
        return resolve(block, np.zeros(block.structure.slots))
    from offramp.equilibrium.branch.lane_tracing import trace_one

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
    """Evaluate profiles, (slots, draws).

    `logit`: (slots, draws), their logits, used if probabilities underflow.
    """
    structure, game, tables, draws = block.structure, block.game, block.tables, block.draws
    choice = np.ascontiguousarray(choice)
    large = np.asarray((2.0 * PRECISION * tables.played * tables.most > TOLERANCE).any(axis=0))
    profiles = audit.Profiles(
        odds=np.ascontiguousarray(tables.odds),
        pay=np.ascontiguousarray(block.pay),
        rationality=np.ascontiguousarray(tables.played),
        supported=np.ascontiguousarray(block.supported),
        choice=choice,
        logit=np.ascontiguousarray(logit),
        sizes=edge_payments(structure, tables.sizes, draws) if large.any() else np.zeros((0, draws)),
        large=large,
        recalls=np.array([actor.memory == "recall" for actor in game.crisis.actors.values()]),
        rows=len(block.pay),
        draws=draws,
    )
    found = audit.certify(structure, audit.payoffs_of(structure, game, tables), profiles)
    rounding = found.doubt
    residual = np.where(rounding > TRUSTED, np.inf, found.residual)
    tolerance = np.clip(np.maximum(PRECISION * found.spread, rounding), TOLERANCE, TRUSTED)
    return BlockSolution(
        choice=choice,
        option_value=found.worth,
        reached=found.reached,
        endings=found.endings,
        terms=found.terms,
        measures=measures_of(block, choice),
        own_eyes=found.own_eyes,
        rationality=tables.rationality,
        residual=residual,
        tolerance=tolerance,
        rounding=rounding,
        regret_once=found.once,
        regret=found.regret,
        sweeps=sweeps,
        status=np.where(residual <= tolerance, status, STATUSES.index("unconverged")).astype(np.int8),
    )


def measures_of(block: Block, choice: Array) -> Array:
    """The measures, (measures, draws), that a profile, (slots, draws), gives in the analyst's odds."""
    measured = block.measured
    if measured is None:
        return np.zeros((0, block.draws))
    structure, tables = measured.structure, measured.tables
    payoffs = audit.payoffs_of(structure, measured.game, tables)
    return audit.paid_of(structure.graph, payoffs, tables.odds, choice)[1]


def beliefs_of(block: Block, choice: Array, logit: Array) -> Array:
    """Each decision node's probability in its information set, (nodes, draws), in its mover's own odds."""
    belief, _ = audit.beliefs_of(block.structure.graph, block.tables.odds, choice, logit, block.supported)
    return belief
