"""A map over two inputs, with the border where the likeliest choice or ending changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.crisis.inputs import medians, resolved_inputs
from offramp.crisis.names import names_of
from offramp.equilibrium.evaluation import solved_so_far
from offramp.gambit.opening import Playable, compile_game, crisis_of
from offramp.gambit.tree import Tree
from offramp.runs.study_draws import solvers
from offramp.study.basis import moment
from offramp.study.compared_solutions import compared_solutions
from offramp.study.two_way_map.landscape import (
    Flags,
    MapPoints,
    axis_of,
    border_of,
    past_only_of,
    solve_points,
    subject_of,
)
from offramp.study.two_way_map.map_finding import Axis, Map

Array = NDArray[np.float64]

SIZES = range(2, 201)


def map_of(
    crisis: Playable,
    x: str,
    y: str,
    *,
    ending: str | None = None,
    move: str | None = None,
    measure: str | None = None,
    size: int = 25,
    given: Mapping[str, float] | None = None,
    max_nodes: int | None = None,
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
) -> Map:
    """Solve a crisis over a grid of two inputs, and find where the likeliest ending or option changes.

    Parameters
    ----------
    crisis
        The crisis, with the levers it has pulled.
    x, y
        Two uncertain inputs. Each axis spans the middle 95 % of its distribution, or more if the reference point lies
        outside; levers are applied afterwards. As of now they act ahead only: the past is that at the medians.
    ending
        An ending, to map its probability.
    move
        A move, to map its likeliest option: `answer`, in the first round in which it is made, or `answer@2`; with an
        option, `answer=staged` or `answer@2=staged`, the probability of it. By default the likeliest ending is mapped.
    measure
        A measure, to map its expected amount.
    size
        Number of points along each axis.
    given
        Values for inputs, in place of their medians; those of x and y move the reference point.
    max_nodes
        The largest game to compile.
    executor
        Who solves, such as a `concurrent.futures.ProcessPoolExecutor`; by default threads of this process.
    progress
        Called with the number of points of the grid solved since the last call.

    Returns
    -------
    A `Map`. Border points are solved for, not interpolated; a point that did not converge is left out of the border.

    Raises
    ------
    UsageError
        x and y are the same, or constants; a name that the crisis does not have; a size out of bounds.
    CrisisError
        Odds or payments that some point makes impossible.
    """
    crisis = crisis_of(crisis)
    if isinstance(crisis, Tree):
        raise UsageError(f"nothing in {crisis.path} is uncertain, so there is nothing to map; use `offramp solve`")
    if size not in SIZES:
        raise UsageError(f"a map has {SIZES[0]} to {SIZES[-1]} points along each axis, found {size}")
    if x == y:
        raise UsageError(f"a map needs two inputs, found '{x}' twice")
    given = dict(given or {})
    middle: dict[str, float] = {
        name: float(value[0])
        for name, value in resolved_inputs(replace(crisis, pulled=()), medians(crisis), given).items()
    }
    xs, ys = (axis_of(crisis, name, size, middle.get(name, np.nan)) for name in (x, y))
    game = compile_game(crisis, max_nodes)
    subject = subject_of(game, ending, move, measure)
    past = solved_so_far(game).past if game.as_of_now else None
    at_x, at_y = (int((values == middle[name]).argmax()) for name, values in ((x, xs), (y, ys)))
    across, up = (part.ravel() for part in np.meshgrid(xs, ys))
    traced = np.zeros((size, size), dtype=bool)
    traced[[0, 0, -1, -1, at_y], [0, -1, 0, -1, at_x]] = True

    def solve_at(left: Array, low: Array, flags: Flags | None, done: Callable[[int], None] | None) -> MapPoints:
        values = {name: np.full(len(left), value) for name, value in middle.items()} | {x: left, y: low}
        return solve_points(game, subject, values, pool, flags, past, done)

    with solvers(executor) as pool:
        points = solve_at(across, up, traced.ravel(), progress)
        leader = points.leader.reshape(size, size)
        border, lost = border_of(xs, ys, leader, lambda left, low: solve_at(left, low, None, None))
    return Map(
        crisis=crisis.title,
        names=names_of(crisis),
        subject=subject,
        x=Axis(x, crisis.inputs[x].name, xs, at_x),
        y=Axis(y, crisis.inputs[y].name, ys, at_y),
        shares=points.shares.reshape(-1, size, size),
        converged=points.converged.reshape(size, size),
        leader=leader,
        border=border,
        lost=lost,
        given=given,
        traced=int(traced.sum()),
        followed=compared_solutions([points.status[traced.ravel()]]),
        moment=moment(crisis),
        as_of_now=crisis.outset is not None,
        past_only=() if past is None else past_only_of(game, (x, y)),
    )
