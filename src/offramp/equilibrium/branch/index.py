"""The index of a point of the branch: +1 as long as nothing has crossed it.

With J the derivative of the logit response by logits, sign(det(I - J)) times the sign of the direction in which the
scale changes is the same all along a branch that is followed without a jump; it starts at +1 and changes only where
another branch crosses (Allgower & Georg 1990, section 11.2). The sign is that of the parity of J's real eigenvalues
above 1; their number also tells of two branches that cross at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.branch.continuation import KRYLOV, SEED, BranchPoint, Tracer, krylov_of, length, positive
from offramp.equilibrium.branch.krylov import extend, jacobian

DENSE = 200
"""Up to so many free logits the derivative is written out as a matrix."""
CLOSE = 1e-3
"""Where another branch crosses, an eigenvalue is this near to 1."""


def index_of(tracer: Tracer, place: BranchPoint) -> int:
    """+1 or -1 at a point of the branch."""
    if tracer.free <= DENSE:
        sign = int(np.linalg.slogdet(_dense(tracer, place))[0])
    else:
        sign = -1 if positive(_sparse(tracer, place)) % 2 else 1
    return sign * (1 if place.direction[-1] >= 0.0 else -1)


def crossed(tracer: Tracer, here: BranchPoint, ahead: BranchPoint) -> bool:
    """Whether another branch crosses between two points that are next to each other.

    The signs of the linear system have changed; so has the number of eigenvalues of J above 1, and one of them is
    next to it: otherwise two real ones have met elsewhere, or it was a trick of rounding.
    """
    if here.signs == ahead.signs:
        return False
    before, after = eigenvalues(tracer, here), eigenvalues(tracer, ahead)
    return positive(before) != positive(after) and bool(np.abs(after).min(initial=np.inf) < CLOSE)


def eigenvalues(tracer: Tracer, place: BranchPoint) -> NDArray[np.inexact]:
    """The eigenvalues of J - I at a point of the branch, or, of a large game, at least the positive ones."""
    return -np.linalg.eigvals(_dense(tracer, place)) if tracer.free <= DENSE else _sparse(tracer, place)


def _dense(tracer: Tracer, place: BranchPoint) -> NDArray[np.float64]:
    """I - J as a matrix, (free, free)."""
    tracer.gap(place.at)
    matrix = np.zeros((tracer.free, tracer.free))
    scale = place.at[-1] / tracer.unit
    jacobian(tracer.structure.graph, tracer.draw, scale, tracer.point, tracer.change, matrix)
    tracer.sweeps += 2 * tracer.free
    return matrix


def _sparse(tracer: Tracer, place: BranchPoint) -> NDArray[np.inexact]:
    """By Arnoldi's method from a fixed random vector, which sees one of equal eigenvalues."""
    tracer.gap(place.at)
    graph, scale = tracer.structure.graph, place.at[-1] / tracer.unit
    room, size = 32, 0
    krylov = krylov_of(tracer.slots, room)
    start = np.append(np.random.default_rng(SEED).normal(size=tracer.slots), 0.0)
    krylov.basis[0] = start / length(start)
    unbordered = np.zeros(tracer.slots + 1)
    while True:
        room = krylov.hessenberg.shape[1]
        while size < room:
            extend(graph, tracer.draw, scale, 0.0, tracer.point, tracer.change, unbordered, krylov, size)
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
