"""The index of a point of the branch: +1 as long as nothing has crossed it.

With J the derivative of the logit response by logits, sign(det(I - J)) times the sign of the direction in which the
scale changes is the same all along a branch that is followed without a jump; it starts at +1 and changes only where
another branch crosses (Allgower & Georg 1990, section 11.2).
"""

from __future__ import annotations

import numpy as np

from offramp.solve.branch import KRYLOV, Place, Tracer, krylov_of, length
from offramp.solve.krylov import extend, jacobian

DENSE = 200
"""Up to so many free logits the derivative is written out as a matrix."""
SEED = 1848


def index_of(tracer: Tracer, place: Place) -> int:
    """+1 or -1 at a point of the branch; 0 where it cannot be told."""
    tracer.gap(place.at)
    free = tracer.slots - len(tracer.structure.movers)
    sign = _dense(tracer, place, free) if free <= DENSE else _sparse(tracer, place)
    return sign * int(np.sign(place.direction[-1]))


def _dense(tracer: Tracer, place: Place, free: int) -> int:
    matrix = np.zeros((free, free))
    scale = place.at[-1] / tracer.unit
    jacobian(tracer.structure.graph, tracer.draw, scale, tracer.point, tracer.change, matrix)
    tracer.sweeps += 2 * free
    return int(np.sign(np.linalg.slogdet(matrix)[0])) if np.isfinite(matrix).all() else 0


def _sparse(tracer: Tracer, place: Place) -> int:
    """The parity of the real eigenvalues of J above 1, by Arnoldi's method from a fixed random vector."""
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
            return 1 - 2 * int(np.count_nonzero((values.real > 0.0) & (values.imag == 0.0)) % 2)
        larger = krylov_of(tracer.slots, 2 * room)
        larger.basis[: size + 1] = krylov.basis
        larger.hessenberg[: size + 1, :size] = krylov.hessenberg
        krylov = larger
