"""How far one input at a time moves a quantity: the bars of a tornado (Eschenbach 1992, Interfaces 22, 40-46)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.study.sensitivity.given_inputs import HIGH, LOW, STILL, View, WeighedDraws

Array = NDArray[np.float64]


@dataclass(frozen=True)
class TornadoBar:
    """The mean of a quantity at an input's 10 % and 90 % quantile, on average over all other inputs.

    `low`, `high`: the input there.
    """

    input: str
    low: float
    high: float
    at_low: float
    at_high: float


def tornado(draws: WeighedDraws, ending: str, y: Array) -> tuple[TornadoBar, ...]:
    """The bar of every input, the widest first, for the probability `y`, (draws,), of an ending; none if it stays.

    Nothing is solved: the means are those of a polynomial in the inputs' ranks, as in `weigh`.
    """
    if not len(draws.uncertain) or y.std() <= STILL:
        return ()
    view = View(ending, y, draws)
    bars = []
    for name in draws.uncertain:
        low, high = view.at_deciles(view.given([name])[0])
        bars.append(TornadoBar(name, draws.value(name, LOW), draws.value(name, HIGH), low, high))
    return tuple(sorted(bars, key=lambda bar: -abs(bar.at_high - bar.at_low)))
