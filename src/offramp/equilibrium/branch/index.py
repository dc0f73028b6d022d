"""The index of a point of the branch: +1 until another branch crosses.

With J the derivative of the logit response with respect to logits, the index is sign(det(I - J)) times the sign of the
direction in which the scale changes. It is constant along a branch that is followed without a jump, starts at +1, and
changes only where another branch crosses (Allgower & Georg 1990, section 11.2). The sign of the determinant is the
parity of J's real eigenvalues above 1; their number also shows two branches that cross at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.branch.continuation import KRYLOV, SEED, BranchPoint, Tracer, krylov_of, positive
from offramp.equilibrium.branch.krylov import extend, jacobian, length

DENSE = 200
"""Most free logits for which the derivative is computed as a matrix."""
CLOSE = 1e-3
"""Largest distance of an eigenvalue from 1 at a crossing."""


def index_of(tracer: Tracer, point: BranchPoint) -> int:
    """+1 or -1 at a point of the branch."""
    if tracer.free <= DENSE:
        sign = int(np.linalg.slogdet(_dense(tracer, point))[0])
    else:
        sign = -1 if positive(_sparse(tracer, point)) % 2 else 1
    return sign * (1 if point.direction[-1] >= 0.0 else -1)


def crossed(tracer: Tracer, here: BranchPoint, ahead: BranchPoint) -> bool:
    """Whether another branch crosses between two successive points.

    At a crossing the signs of the linear system change, the number of eigenvalues of J above 1 changes, and one of them
    is close to 1. Otherwise two real eigenvalues have met elsewhere, or rounding changed the signs.
    """
    if here.alike(ahead):
        return False
    before, after = eigenvalues(tracer, here), eigenvalues(tracer, ahead)
    return positive(before) != positive(after) and bool(np.abs(after).min(initial=np.inf) < CLOSE)


def eigenvalues(tracer: Tracer, point: BranchPoint) -> NDArray[np.inexact]:
    """The eigenvalues of J - I at a point of the branch; of a large game at least the positive ones."""
    return -np.linalg.eigvals(_dense(tracer, point)) if tracer.free <= DENSE else _sparse(tracer, point)


def _dense(tracer: Tracer, point: BranchPoint) -> NDArray[np.float64]:
    """I - J as a matrix, (free, free)."""
    tracer.gap(point.at)
    matrix = np.zeros((tracer.free, tracer.free))
    scale = point.at[-1] / tracer.unit
    jacobian(tracer.structure, tracer.draw, scale, tracer.point, tracer.change, matrix)
    tracer.sweeps += 2 * tracer.free
    return matrix


def _sparse(tracer: Tracer, point: BranchPoint) -> NDArray[np.inexact]:
    """The eigenvalues by Arnoldi's method from a fixed random vector; equal eigenvalues appear once."""
    tracer.gap(point.at)
    scale = point.at[-1] / tracer.unit
    room, size = 32, 0
    krylov = krylov_of(tracer.slots, room)
    start = np.append(np.random.default_rng(SEED).normal(size=tracer.slots), 0.0)
    krylov.basis[0] = start / length(start)
    unbordered = np.zeros(tracer.slots + 1)
    while True:
        room = krylov.room
        while size < room:
            extend(tracer.structure, tracer.draw, scale, 0.0, tracer.point, tracer.change, unbordered, krylov, size)
            tracer.sweeps += 2
            size += 1
            if krylov.hessenberg[size, size - 1] < 1e-12:
                break
        values, vectors = np.linalg.eig(krylov.hessenberg[:size, :size])
        doubt = abs(krylov.hessenberg[size, size - 1]) * np.abs(vectors[-1])
        outer = values.real > -0.5
        if (doubt[outer] <= 0.1 * np.abs(values[outer])).all() or size < room or room >= min(KRYLOV, tracer.slots):
            return values
        larger = krylov_of(tracer.slots, 2 * room)
        larger.basis[: size + 1] = krylov.basis
        larger.hessenberg[: size + 1, :size] = krylov.hessenberg
        krylov = larger
