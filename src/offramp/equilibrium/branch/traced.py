"""What following the branch of a draw comes to; who solves by sweeps alone need not load what follows branches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Status = Literal["principal", "other branch", "not traced", "bifurcation", "unconverged"]
STATUSES: tuple[Status, ...] = ("principal", "other branch", "not traced", "bifurcation", "unconverged")
SAME = 1e-6
"""Profiles that differ by less than this at every option are the same equilibrium."""

Ended = Literal["branch followed", "sweeps settled", "nothing settled"]


@dataclass(frozen=True, eq=False, repr=False)
class Traced:
    """The result of following the branch of one draw.

    `logit`: (slots,) at the requested rationality, or None if the branch could not be followed that far. `turns`: the
    scales where the branch turned back; `bifurcations`: where another branch crossed it; `sides`: logits on the other
    branches that leave the crossings, if requested; `steps`: along the branch; `sweeps`: the total work, in sweeps.
    """

    logit: Array | None
    status: Status
    ended: Ended
    turns: tuple[float, ...] = ()
    bifurcations: tuple[float, ...] = ()
    sides: tuple[Array, ...] = ()
    steps: int = 0
    sweeps: int = 0
