"""Sweeps of one draw after another, by its response: for choice rules other than logit, and if reach underflows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.graph import Graph
from offramp.equilibrium.response_arrays import Draw, Point
from tests.equilibrium.oracle.acceleration import CHANGES, KEPT, accelerate
from tests.equilibrium.oracle.kernel import CONVERGED, PLAIN, Numbers
from tests.equilibrium.oracle.lanes import ALONE, compiled
from tests.equilibrium.oracle.response import respond

Float = NDArray[np.float64]
Int = NDArray[np.integer]


@compiled
def converge_in_logarithms(graph: Graph, draw: Draw, theta: Float, most_sweeps: int, point: Point) -> tuple[int, bool]:
    """Plain sweeps of one draw, with reach in logarithms, from the logits `theta`, which become the last answer.

    Returns the number of sweeps, at most `most_sweeps`, and whether the last one changed nothing.
    """
    for sweep in range(most_sweeps):
        respond(graph, draw, theta, 1.0, True, point)
        theta[:] = point.image
        if _moved(point) <= CONVERGED:
            return sweep + 1, True
    return most_sweeps, len(theta) == 0


@compiled
def converge_each(
    graph: Graph, block: Numbers, draws: int, start: Float, most_sweeps: int, draw: Draw, point: Point, choice: Float,
    logit: Float, sweeps: Int, converged: NDArray[np.bool_],
) -> None:  # fmt: skip
    """Sweep every draw of a block from the logits `start`, (slots,), as `kernel.converge`, for every choice rule.

    `draw`, `point`: working arrays. Results are `choice` and `logit`: (slots, draws), and for each draw the number of
    `sweeps` and whether it `converged`.
    """
    slots = len(start)
    theta, image, profile, memory = np.empty(slots), np.empty(slots), np.empty(slots), np.zeros(slots * KEPT)
    fresh, plain = np.ones(1), np.ones(1)
    first_kept = PLAIN - CHANGES
    for number in range(draws):
        _take(graph, block, draws, number, draw)
        theta[:] = start
        logarithms = False
        for sweep in range(1, most_sweeps + 1):
            logarithms = respond(graph, draw, theta, 1.0, logarithms, point)
            sweeps[number] = sweep
            theta[:] = point.image
            if _moved(point) <= CONVERGED:
                converged[number] = True
                break
            if sweep >= first_kept - 1:
                fresh[0] = 1.0 if sweep <= first_kept else 0.0
                plain[0] = 1.0 if sweep < PLAIN else 0.0
                image[:] = point.image
                accelerate(graph, image, fresh, plain, memory, profile, ALONE)
                for slot in range(slots):
                    theta[slot] = memory[slot * KEPT]
        for slot in range(slots):
            choice[slot, number] = point.answer[slot]
            logit[slot, number] = point.image[slot]


@compiled
def _moved(point: Point) -> float:
    """The largest difference of a choice from its answer, NaN if one is NaN."""
    change = 0.0
    for slot in range(len(point.answer)):
        # `not ... <=` so that NaN, which never converges, is kept
        moved = abs(point.answer[slot] - point.choice[slot])
        if not moved <= change:
            change = moved
    return change


@compiled
def _take(graph: Graph, block: Numbers, draws: int, number: int, draw: Draw) -> None:
    """Load a draw's numbers."""
    actors, systems = len(graph.belief_of), len(graph.until)
    odds_slots = len(draw.odds) // systems
    room = len(draw.paid) // len(graph.edge_child) if len(graph.edge_child) else 0
    for index in range(len(draw.odds)):
        draw.odds[index] = block.odds[index * draws + number]
    for actor in range(actors):
        draw.rationality[actor] = block.rationality[actor * draws + number]
        own = graph.belief_of[actor] * odds_slots
        for slot in range(odds_slots):
            draw.own_odds[slot * room + actor] = draw.odds[own + slot]
        for edge in range(len(graph.edge_child)):
            draw.paid[edge * room + actor] = block.pay[graph.edge_pay[edge, actor] * draws + number]
    for index in range(len(draw.supported)):
        draw.supported[index] = block.supported[index * draws + number]
