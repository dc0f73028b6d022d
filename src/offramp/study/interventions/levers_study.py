"""What opens a way out: every lever and every pair of them, on the same draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.crisis.model import Crisis
from offramp.crisis.names import names_of
from offramp.equilibrium.as_of_now import Past
from offramp.gambit.opening import Playable, compile_game, crisis_of
from offramp.gambit.tree import Tree
from offramp.runs.result import Run
from offramp.runs.study_draws import solve_values
from offramp.runs.weighted import check_known
from offramp.study.basis import moment
from offramp.study.compared_solutions import FOLLOWED, compared_solutions
from offramp.study.goal import Goal, goal_of
from offramp.study.interventions.changes import LevelsBefore, compared, levelled, levels_before, mean_of, own_stakes
from offramp.study.interventions.levers_finding import Levers
from offramp.study.interventions.ranking import (
    better_halves,
    dominated,
)
from offramp.study.outlook.endings import FEWEST
from offramp.study.scenarios import (
    drawn_inputs,
    drawn_past,
    free_levers,
    idle_levers,
    past_only,
    under_levers,
)

Array = NDArray[np.float64]


def levers(
    crisis: Playable,
    *,
    ending: str | None = None,
    below: float | None = None,
    draws: int = 96,
    seed: int | None = None,
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
) -> Levers:
    """What every lever and every pair changes: endings, payoffs, regret; and the cheapest set that is enough.

    The draws are the first of the run given, or those of a run with this seed. They are the same under every set of
    levers (common random numbers), so that the error of a difference is far smaller than with separate draws for each.
    Errors come from batch means, which err to the safe side (see `study.endings`). Regret is that of Savage (1951,
    *Journal of the American Statistical Association* 46).

    Parameters
    ----------
    crisis
        The crisis, or a run of it: the levels are then the run's means, with what the levers change on its first draws.
        Levers that it has pulled already are part of what is compared with.
    ending
        The ending to avoid; by default those that the file marks, by their sum, or else its first.
    below
        The probability that the ending is to be brought below.
    draws, seed
        How many draws, at most those of a run; and where their sequence begins, by default 1. Powers of two are best.
        With another seed than that of a run nothing comes from the run but the crisis.
    executor
        Who solves, such as a `concurrent.futures.ProcessPoolExecutor`; by default threads of this process.
    progress
        Called with the number of draws done since the last call: `draws` for each of `sets_of`, and without levers.

    Raises
    ------
    UsageError
        A crisis without levers, an unknown ending, a probability not between 0 and 1.
    CrisisError
        If odds or payoffs are impossible without any lever; levers that make them impossible are left out, and said.
    """
    opened = _crisis_of(crisis)
    free_levers(opened)  # else there is nothing to draw inputs for
    asked: Any = {"ending": ending, "below": below, "executor": executor, "progress": progress}
    if isinstance(crisis, Run) and seed in (None, crisis.seed) and draws > 0:
        used = min(draws, crisis.draws)
        return levers_at(crisis, used, crisis.first_inputs(used), seed=crisis.seed, run=crisis, **asked)
    first = 1 if seed is None else seed
    return levers_at(crisis, draws, drawn_inputs(opened, draws, first), seed=first, **asked)


def _crisis_of(given: Playable) -> Crisis:
    crisis = crisis_of(given)
    if isinstance(crisis, Tree):
        raise UsageError(f"{crisis.path} has no levers")
    return crisis


def levers_at(
    given: Playable,
    draws: int,
    values: Mapping[str, Array],
    *,
    seed: int,
    run: Run | None = None,
    ending: str | None = None,
    below: float | None = None,
    singly: bool = False,
    past: Past | None = None,
    rationality: float | None = None,
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
) -> Levers:
    """Like `levers`, on given draws: for each input (draws,), with the crisis's pulled levers applied.

    If they are the first draws of a `run`, the levels start from its means: a change needs fewer draws than a level.
    The crisis may be as of now and the run from the outset; its means are then those given what was observed.
    `singly`: leave out the pairs. `past`: the draws up to now, if they are solved already. `rationality`: one for all
    actors, in place of their own.
    """
    crisis = _crisis_of(given)
    goal = goal_of(crisis, ending)
    if below is not None and not 0.0 < below < 1.0:
        raise UsageError(f"a probability to stay below lies between 0 and 1, found {below:g}")
    game = compile_game(given)
    choices = [names for names in sets_of(game) if len(names) == 1 or not singly]
    past = past or drawn_past(game, draws, seed, executor, values, FOLLOWED)
    study = partial(solve_values, past=past, rationality=rationality, followed=FOLLOWED)
    if past is not None:
        check_known(past.weight[past.solved.converged], crisis, least=FEWEST)
    under = under_levers(
        game, [(), *choices], draws, values, study, progress, executor, past=past, rationality=rationality
    )
    solved = {names: replace(one, endings=goal.with_total(crisis, one.endings)) for names, one in under.results.items()}
    base, names = solved.pop(()), goal.labels(crisis)
    avoid = names.index(goal.key)
    sets = [compared(crisis, levers, base, solved, names, avoid) for levers in solved]
    kept = base.converged
    weight = None if base.weight is None else base.weight[kept]
    before = {name: mean_of(row[kept], weight) for name, row in zip(names, base.endings, strict=True)}
    if run is not None and run.draws > draws:
        levels = _levels_of(run, crisis, goal, draws)
        before = dict(levels.means)
        sets = [levelled(lever_set, levels) for lever_set in sets]
    of_all = sets, base, solved, avoid
    return Levers(
        crisis=crisis.title,
        names=names_of(crisis),
        ending=goal.key,
        goal=goal,
        below=below,
        of=None if run is None else run.draws,
        draws=draws,
        seed=seed,
        before=before,
        sets=tuple(sorted(sets, key=lambda lever_set: (len(lever_set.levers), lever_set.endings[goal.key].mean))),
        left_out=sum(draws - lever_set.draws for lever_set in sets),
        no_option=under.no_option,
        impossible=under.impossible,
        past_only=tuple(name for name in past_only(game) if (name,) in solved),
        idle=idle_levers(crisis),
        moment=moment(crisis),
        as_of_now=crisis.outset is not None,
        own_stakes=own_stakes(crisis, [name for name in free_levers(crisis) if (name,) in solved]),
        halves=better_halves(*of_all),
        dominated=dominated(*of_all),
        measures=crisis.measures,
        followed=compared_solutions(one.status for one in under.results.values()),
    )


def _levels_of(run: Run, crisis: Crisis, goal: Goal, used: int) -> LevelsBefore:
    """The means of a run for every row of `goal.with_total`, given what was observed if the crisis is as of now."""
    rows, weight = run.endings, run.weights
    if crisis.outset is not None and run.crisis.outset is None and run.evidence is not None:
        joint, weight = np.asarray(run.evidence.endings)[-1], np.asarray(run.evidence.likelihood)[-1]
        rows = joint / np.where(weight > 0.0, weight, 1.0)
    return levels_before(goal.labels(crisis), goal.with_total(crisis, rows), run.converged, weight, used)


def sets_of(given: Playable) -> list[tuple[str, ...]]:
    """Every lever not yet pulled, and every pair of those that change anything ahead, in the order of the file."""
    crisis = _crisis_of(given)
    free = free_levers(crisis)
    idle = {*past_only(compile_game(given)), *idle_levers(crisis)}
    return [(name,) for name in free] + list(combinations((name for name in free if name not in idle), 2))
