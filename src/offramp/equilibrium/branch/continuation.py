"""Following the principal branch from uniform play to the requested rationality, through turning points.

The principal branch of a game's logit correspondence is a curve of logits and of a scale of all actors' rationalities;
it starts at the uniform profile and scale 0 (McKelvey & Palfrey 1998; traced as in Turocy 2005, *Games and Economic
Behavior* 51). Predictor and corrector steps follow it along its length (Allgower & Georg 1990, chapters 2 to 6), so
the scale may turn back; linear systems are solved without matrices (`krylov`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.branch.krylov import Krylov, length, solve_bordered
from offramp.equilibrium.response import respond
from offramp.equilibrium.response_arrays import Draw, Point, ResponseDerivative, change_of, point_of
from offramp.equilibrium.structure import Structure

Array = NDArray[np.float64]

CORRECTED = 1e-9
"""A point is on the branch if no logit differs from its answer by more than this,"""
STILL = 1e-13
"""or if a correction moves it by at most this part of its distance from the start: rationality magnifies rounding."""
TANGENT = 1e-9
"""Relative residual of the linear system for the branch's direction."""
WATCHED = 1e-4
"""Relative residual of the linear system with a random right side, which detects crossing branches."""
POLISHED = 1e-11
"""Largest difference of a polished point's choices from their answers, unless rounding allows no better."""
SEED = 1848
REAL = 1e-9
"""An eigenvalue counts as real up to this imaginary part."""
NEWTON = 1e-3
"""Relative residual of the linear systems of the corrector."""
CORRECTIONS = 8
NEAR = 0.15
"""Largest move of the corrector, relative to the step: a longer one may end on another branch."""
STRAIGHT = 0.95
"""Smallest cosine between the directions before and after a step."""
FIRST_STEP = 0.5
FORK = 1e-6
"""A step over which the signs of the linear system change is reduced below this part of the distance from the start
before the change is accepted: the branch may bend sharply near another one."""
CORNER = 1e-4
"""A bend of a smaller radius, relative to the distance from the start, counts as a crossing: where another branch
crosses, rounding rounds the corner off, to radii below 4e-5 in symmetric games, and the signs stay the same around it.
In 1,716 branches of random games at up to 50 times the payoff range no bend has a radius below 7e-4."""
SHARP = 1e-4
"""Smallest value of one minus the cosine of such a bend: rounding turns directions, too."""
LEAPS = (1e-4, 1e-3, 1e-2, 1e-1)
CLOSER = 6
"""Most points computed between two others to find a turning point."""
SMALLEST_STEP = 1e-10
MAX_STEPS = 20_000
KRYLOV = 2_000
"""The largest Krylov space."""


@dataclass(frozen=True, eq=False)
class BranchPoint:
    """A point of the branch: logits and branch parameter, (slots + 1,), and the branch's direction there.

    `signs`: the sign of the linear system's determinant, the number of its positive eigenvalues, and the number of
    those with a positive real part, the first as seen by one right side, the others by another. `turns`: whether the
    scale reverses its direction here; `sharp`: whether the branch bends here too sharply to be distinguished from a
    crossing.
    """

    at: Array
    direction: Array
    signs: tuple[int, int, int]
    turns: bool = False
    sharp: bool = False

    def alike(self, other: BranchPoint) -> bool:
        """Whether the signs show no other branch between two points.

        Where one crosses, the determinant's sign changes; where two cross at once, both numbers do. If only one does,
        two eigenvalues have met away from 0 and become real, or complex, or a complex pair has passed the imaginary
        axis: then the system is nowhere singular.
        """
        side, positive, right = (before == after for before, after in zip(self.signs, other.signs, strict=True))
        return side and (positive or right)


@dataclass(eq=False)
class Tracer:
    """A draw's response, with working arrays for following its branch; the branch parameter is the scale times `unit`.

    `unit`: the widest spread of logits in the answer to uniform play at scale 1, so that the parameter has the size of
    the logits and units of payoff do not matter. `sweeps`: number of evaluations and derivatives; `side`, `steps`: of
    the last linear system.
    """

    structure: Structure
    draw: Draw
    unit: float
    point: Point
    change: ResponseDerivative
    krylov: Krylov
    random: Array
    logarithms: bool = False
    sweeps: int = 0
    side: int = 1
    steps: int = 0

    @property
    def slots(self) -> int:
        return len(self.point.image)

    @property
    def free(self) -> int:
        """The number of free logits: all but one of each information set."""
        return self.slots - len(self.structure.movers)

    def gap(self, at: Array) -> Array:
        """The answer minus the logits, (slots,), at a point."""
        scale = at[-1] / self.unit
        self.logarithms = respond(self.structure, self.draw, at[:-1], scale, self.logarithms, self.point)
        self.sweeps += 1
        return self.point.image - at[:-1]

    def solve(self, at: Array, border: Array, right: Array, tolerance: float) -> Array:
        """Solve the bordered linear system at the point where `gap` was last called."""
        solution = np.empty(self.slots + 1)
        while True:
            self.steps, residual, self.side = solve_bordered(
                self.structure, self.draw, at[-1] / self.unit, 1.0 / self.unit, self.point, self.change,
                border, right, tolerance, self.krylov, solution,
            )  # fmt: skip
            self.sweeps += 2 * self.steps
            room = self.krylov.room
            if residual <= tolerance or self.steps < room or room >= min(KRYLOV, self.slots + 1):
                return solution
            self.krylov = krylov_of(self.slots, 2 * room)

    def direction(self, at: Array, before: Array) -> Array:
        """The branch's unit direction at a point, on the side of `before`."""
        right = np.zeros(self.slots + 1)
        right[-1] = 1.0
        solution = self.solve(at, before, right, TANGENT)
        return np.asarray(solution / length(solution))

    def signs(self, at: Array, border: Array) -> tuple[int, int, int]:
        """The side of the last system, the one for the direction, and the eigenvalues seen by a random one.

        The second detects crossings that the first misses: branches that leave in a direction without effect on the
        branch, as in games with symmetric actors, and several branches at once.
        """
        side = self.side
        self.solve(at, border, self.random, WATCHED)
        values = np.linalg.eigvals(self.krylov.hessenberg[: self.steps, : self.steps])
        return side, positive(values), int(np.count_nonzero(values.real > 0.0))

    def branch_point(self, at: Array, before: Array) -> BranchPoint:
        """A point of the branch with its direction, on the side of `before`, and its signs."""
        return BranchPoint(at, self.direction(at, before), self.signs(at, before))

    def corrected(self, guess: Array, border: Array, limit: float, corrections: int = CORRECTIONS) -> Array | None:
        """The point of the branch, by Newton's method, with the same `border` value as `guess`; None beyond `limit`."""
        at = guess.copy()
        right = np.zeros(self.slots + 1)
        for _ in range(corrections):
            gap = self.gap(at)
            if np.abs(gap).max(initial=0.0) <= CORRECTED:
                return at
            right[:-1] = -gap
            step = self.solve(at, border, right, NEWTON)
            at = at + step
            moved = length(at - guess)
            if not (moved <= limit and np.isfinite(moved)):
                return None
            if length(step) <= STILL * length(at):
                return at
        return None


def polished(tracer: Tracer, at: Array) -> Array:
    """A point of the branch to the last digits, at the same scale.

    If sets answer in turn, rationality magnifies a negligible gap at one set into a large one at earlier sets. So here
    all sets answer the same profile, as in the certificate, with Newton's method until it no longer improves.
    """
    tracer = replace(tracer, draw=replace(tracer.draw, in_turn=False))
    border, right = np.zeros(tracer.slots + 1), np.zeros(tracer.slots + 1)
    border[-1] = 1.0
    best, least = at, np.inf
    for _ in range(CORRECTIONS):
        right[:-1] = -tracer.gap(at)
        # in probabilities: a gap in the logits of rarely chosen options does not matter
        worst = float(np.abs(tracer.point.choice - tracer.point.answer).max(initial=0.0))
        if not worst < least:
            break
        best, least = at, worst
        if worst <= POLISHED:
            break
        at = at + tracer.solve(at, border, right, NEWTON)
    return best


def tracer_of(structure: Structure, draw: Draw) -> Tracer:
    """A tracer at the start of a draw's branch."""
    point = point_of(structure)
    slots = structure.slots
    random = np.random.default_rng(SEED).normal(size=slots + 1)
    tracer = Tracer(structure, draw, 1.0, point, change_of(structure), krylov_of(slots, 32), random)
    spread = tracer.gap(np.append(np.zeros(slots), 1.0))
    unit = 2.0 * float(np.abs(spread).max(initial=0.0))
    tracer.unit = unit if unit > np.finfo(float).tiny else 1.0
    return tracer


def krylov_of(slots: int, room: int) -> Krylov:
    """Working arrays for a Krylov space of at most `room` dimensions."""
    room = min(room, slots + 1, KRYLOV)
    return Krylov(np.empty((room + 1, slots + 1)), np.zeros((room + 1, room)), np.zeros((room + 1, room)), room)


def positive(values: NDArray[np.inexact]) -> int:
    """The number of real positive eigenvalues; rounding may split equal ones."""
    return int(np.count_nonzero((values.real > 0.0) & (np.abs(values.imag) <= REAL * (1.0 + np.abs(values)))))


def beginning(tracer: Tracer) -> BranchPoint:
    """The principal branch's first point: uniform play at scale 0."""
    at, along = np.zeros((2, tracer.slots + 1))
    along[-1] = 1.0
    tracer.gap(at)
    return tracer.branch_point(at, along)


def follow(
    tracer: Tracer, target: float, caution: float = 1.0, start: BranchPoint | None = None
) -> Iterator[BranchPoint]:
    """The points of a branch, by default the principal one, until it first crosses the scale `target`.

    The last point is exactly at `target`, unless the branch could not be followed that far. `caution` below 1 takes
    smaller steps. `start`: a point of another branch, which is followed in the point's direction.
    """
    near, straight = NEAR * caution, 1.0 - (1.0 - STRAIGHT) * caution
    along = np.zeros(tracer.slots + 1)
    along[-1] = 1.0
    here = beginning(tracer) if start is None else start
    yield here
    end = target * tracer.unit
    step = FIRST_STEP * caution
    for _ in range(MAX_STEPS):
        at, direction = here.at, here.direction
        reach = max(1.0, length(at))
        while True:
            remaining = (end - at[-1]) / direction[-1] if direction[-1] > 0.0 else np.inf
            last = remaining <= step
            taken = min(step, remaining)
            guess = at + taken * direction
            if last:
                guess[-1] = end
            on_branch = tracer.corrected(guess, along if last else direction, near * taken)
            if on_branch is not None and (last or on_branch[-1] < end):
                ahead = tracer.branch_point(on_branch, direction)
                bend = float(np.sum(ahead.direction * direction))
                if bend >= straight and (ahead.alike(here) or taken < FORK * reach):
                    angle = float(np.sqrt(2.0 * max(1.0 - bend, 0.0)))
                    ahead = replace(ahead, sharp=bend < 1.0 - SHARP and taken < CORNER * angle * reach)
                    break
            step = taken / 2.0
            if step < SMALLEST_STEP * reach:
                leapt = leap(tracer, here, end, straight)
                if leapt is None:
                    return
                guess, ahead, taken = leapt
                on_branch, bend = ahead.at, float(np.sum(ahead.direction * direction))
                break
        moved = length(on_branch - guess) / (near * taken)
        turned = max(1.0 - bend, 0.0) / (1.0 - straight)
        step = taken * float(np.clip(0.7 / max(moved, np.sqrt(turned), 0.2), 0.5, 3.0))
        if direction[-1] * ahead.direction[-1] < 0.0:
            yield turn_between(tracer, here, ahead)
        here = ahead
        yield here
        if last or here.at[-1] < 0.0:
            return


def leap(tracer: Tracer, here: BranchPoint, end: float, straight: float) -> tuple[Array, BranchPoint, float] | None:
    """Jump over a crossing so exact that no step is small enough; return guess, point and step.

    The jump lands further along the branch, where its direction is the same. Needing it counts as a crossing.
    """
    reach = max(1.0, length(here.at))
    for part in LEAPS:
        taken = part * reach
        guess = here.at + taken * here.direction
        on_branch = tracer.corrected(guess, here.direction, NEAR * taken)
        if on_branch is not None and on_branch[-1] < end:
            ahead = replace(tracer.branch_point(on_branch, here.direction), sharp=True)
            if float(np.sum(ahead.direction * here.direction)) >= straight:
                return guess, ahead, taken
    return None


def turn_between(tracer: Tracer, here: BranchPoint, ahead: BranchPoint) -> BranchPoint:
    """The turning point between two points, where the scale neither grows nor falls, approached from both sides."""
    for _ in range(CLOSER):
        span = ahead.at - here.at
        before, after = here.direction[-1], ahead.direction[-1]
        if length(span) <= FORK:
            break
        part = float(np.clip(before / (before - after), 0.1, 0.9))
        on_branch = tracer.corrected(here.at + part * span, here.direction, length(span))
        if on_branch is None:
            break
        middle = BranchPoint(on_branch, tracer.direction(on_branch, here.direction), here.signs)
        here, ahead = (middle, ahead) if middle.direction[-1] * before > 0.0 else (here, middle)
    nearest = min(here, ahead, key=lambda point: abs(point.direction[-1]))
    return replace(nearest, turns=True)
