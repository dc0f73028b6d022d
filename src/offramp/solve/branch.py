"""Following the principal branch: from play at random to the rationality asked for, turning points included.

The logit correspondence of a game is a curve of logits and a scale of all actors' rationalities that starts at
the uniform profile and scale 0 (McKelvey & Palfrey 1998; traced as in Turocy 2005, *Games and Economic
Behavior* 51). It is followed by predictor and corrector along its length (Allgower & Georg 1990, chapters 2 to
6), so that it may turn back in the scale; linear systems are solved without matrices (`krylov`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.solve.krylov import Krylov, solve_bordered
from offramp.solve.response import Change, Draw, Point, change_of, point_of, respond
from offramp.solve.structure import Structure

Array = NDArray[np.float64]

CORRECTED = 1e-9
"""A point is on the branch when no logit is further than this from its answer (or than rounding allows)."""
TANGENT = 1e-9
"""Relative residual of the linear system for the branch's direction."""
NEWTON = 1e-3
"""Relative residual of the linear systems of the corrector."""
CORRECTIONS = 8
NEAR = 0.15
"""How far the corrector may move, as a part of the step: a longer way may end on another branch."""
STRAIGHT = 0.95
"""The least cosine between the directions before and after a step."""
FIRST_STEP = 0.5
FORK = 1e-6
"""A step over which the determinant of the linear system changes sign is made smaller than this before it is believed:
the branch may bend away sharply where another comes near."""
SMALLEST_STEP = 1e-10
MAX_STEPS = 20_000
KRYLOV = 2_000
"""The largest Krylov space."""


@dataclass(frozen=True)
class Place:
    """A point of the branch: logits and branch parameter, (slots + 1,), and the branch's direction there."""

    at: Array
    direction: Array


@dataclass
class Tracer:
    """A draw's response with room for following its branch; the parameter is the scale times `unit`.

    `unit` is the widest spread of logits that play at random answers with at scale 1, so that the parameter counts
    logits as the others do, and units of payoff do not matter. `sweeps` counts evaluations and derivatives; `side`
    is that of the last linear system.
    """

    structure: Structure
    draw: Draw
    unit: float
    point: Point
    change: Change
    krylov: Krylov
    logarithms: bool = False
    sweeps: int = 0
    side: int = 1

    @property
    def slots(self) -> int:
        return len(self.point.image)

    def gap(self, at: Array) -> Array:
        """How far the answer is from the logits, (slots,), at a point."""
        scale = at[-1] / self.unit
        self.logarithms = respond(self.structure.graph, self.draw, at[:-1], scale, self.logarithms, self.point)
        self.sweeps += 1
        return self.point.image - at[:-1]

    def solve(self, at: Array, border: Array, right: Array, tolerance: float) -> Array:
        """The bordered linear system at the point where `gap` was last called."""
        found = np.empty(self.slots + 1)
        while True:
            steps, residual, self.side = solve_bordered(
                self.structure.graph, self.draw, at[-1] / self.unit, 1.0 / self.unit, self.point, self.change,
                border, right, tolerance, self.krylov, found,
            )  # fmt: skip
            self.sweeps += 2 * steps
            room = self.krylov.hessenberg.shape[1]
            if residual <= tolerance or steps < room or room >= min(KRYLOV, self.slots + 1):
                return found
            self.krylov = krylov_of(self.slots, 2 * room)

    def direction(self, at: Array, before: Array) -> Array:
        """The branch's direction at a point, of length 1, on the side of `before`."""
        right = np.zeros(self.slots + 1)
        right[-1] = 1.0
        found = self.solve(at, before, right, TANGENT)
        return np.asarray(found / length(found))

    def corrected(self, guess: Array, border: Array, limit: float, corrections: int = CORRECTIONS) -> Array | None:
        """The point of a branch where `border` keeps its value at `guess`, by Newton's method, if within `limit`."""
        at = guess.copy()
        right = np.zeros(self.slots + 1)
        for _ in range(corrections):
            gap = self.gap(at)
            worst = np.abs(gap).max(initial=0.0)
            if worst <= max(CORRECTED, 16.0 * np.finfo(float).eps * np.abs(at).max()):
                return at
            right[:-1] = -gap
            at = at + self.solve(at, border, right, NEWTON)
            if not length(at - guess) <= limit:
                return None
        return None


def tracer_of(structure: Structure, draw: Draw) -> Tracer:
    """Room to follow a draw's branch, at its beginning."""
    point = point_of(structure)
    slots = structure.slots
    tracer = Tracer(structure, draw, 1.0, point, change_of(structure), krylov_of(slots, 32))
    spread = tracer.gap(np.append(np.zeros(slots), 1.0))
    tracer.unit = 2.0 * float(np.abs(spread).max(initial=0.0)) or 1.0
    return tracer


def krylov_of(slots: int, room: int) -> Krylov:
    room = min(room, slots + 1, KRYLOV)
    return Krylov(np.empty((room + 1, slots + 1)), np.zeros((room + 1, room)))


def length(vector: Array) -> float:
    """Euclidean length, by a plain sum: a library's depends on how memory is aligned."""
    return float(np.sqrt(np.sum(vector * vector)))


def follow(tracer: Tracer, target: float, caution: float = 1.0) -> Iterator[Place]:
    """The branch's points from scale 0 until the scale `target` is crossed for the first time.

    The last point lies at `target` exactly, unless the branch could not be followed so far. `caution` below 1
    takes smaller steps.
    """
    near, straight = NEAR * caution, 1.0 - (1.0 - STRAIGHT) * caution
    at = np.zeros(tracer.slots + 1)
    along = np.zeros(tracer.slots + 1)
    along[-1] = 1.0
    tracer.gap(at)
    direction = tracer.direction(at, along)
    side = tracer.side
    yield Place(at, direction)
    end = target * tracer.unit
    step = FIRST_STEP * caution
    for _ in range(MAX_STEPS):
        while True:
            remaining = (end - at[-1]) / direction[-1] if direction[-1] > 0.0 else np.inf
            last = remaining <= step
            guess = at + min(step, remaining) * direction
            if last:
                guess[-1] = end
            taken = min(step, remaining)
            found = tracer.corrected(guess, along if last else direction, near * taken)
            if found is not None and (last or found[-1] < end):
                ahead = tracer.direction(found, direction)
                bend = float(np.sum(ahead * direction))
                if bend >= straight and (tracer.side == side or taken < FORK):
                    break
            step = taken / 2.0
            if step < SMALLEST_STEP * max(1.0, length(at)):
                return
        moved = length(found - guess) / (near * taken)
        turned = max(1.0 - bend, 0.0) / (1.0 - straight)
        step = taken * float(np.clip(0.7 / max(moved, np.sqrt(turned), 0.2), 0.5, 3.0))
        at, direction, side = found, ahead, tracer.side
        yield Place(at, direction)
        if last:
            return
