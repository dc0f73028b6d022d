"""What is doubtful about the fits of a backtest, and where its loss comes from, with what to do about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from offramp.common.numerals import percent
from offramp.common.words import listed
from offramp.fitting.ascent import HIGHER
from offramp.fitting.cells import written
from offramp.fitting.fit_remarks import REMEDY
from offramp.fitting.priors import PenaltyKind
from offramp.fitting.rolling_origin.rolling_fits import Ending, RollingFit
from offramp.study.forecasting.forecasts import number_of

Array = NDArray[np.float64]

PAST_PER_COEFFICIENT = 10
"""The first time has at least this many earlier cases for each coefficient, if no time is given."""
WORST_SHARE, WORST_TIMES = 0.1, 3.0
"""A time is named if it bears at least this share of the loss, and this many times its share of the cases."""
WHY: dict[Ending, str] = {
    "endless": "some coefficients grow without end, as with separated cases, and the search was given up",
    "flat": "the earlier cases say nothing of some coefficients",
    "stopped": "the search stopped short of a maximum",
}


def without_maximum(origins: tuple[RollingFit, ...]) -> list[RollingFit]:
    """The fits that have no single finite maximum."""
    return [origin for origin in origins if origin.ending != "maximum"]


def maximum_remarks(
    origins: tuple[RollingFit, ...], loss: Array, forecasts: Array, column: str, penalty: PenaltyKind | None
) -> Iterator[str]:
    """How many fits have no single finite maximum, what they cost, and the times that bear most of the loss.

    `loss`: (fits,), the sum of log scores of each fit's cases; `forecasts`: (fits,), how many these are.
    """
    lacking = np.array([origin.ending != "maximum" for origin in origins])
    if lacking.any():
        counts = Counter(origin.ending for origin in without_maximum(origins))
        why = "; ".join(f"in {counts[ending]:,} {words}" for ending, words in WHY.items() if counts[ending])
        cases = f"{forecasts[lacking].sum():,.0f} of {number_of(int(forecasts.sum()), 'case')}"
        bears = f" and bear {percent(loss[lacking].sum() / loss.sum())} of the log loss" if _shared(loss) else ""
        again = "try another prior, or a later --from" if penalty else f"{REMEDY}, or begin with a later --from"
        yield (
            f"{lacking.sum():,} of {number_of(len(origins), 'fit')} have no single finite maximum: {why}. They "
            f"forecast {cases}{bears}. Do not rely on these forecasts: {again}."
        )
    if len(origins) > 1 and _shared(loss):
        worst = [at for at in np.argsort(-loss, kind="stable") if _is_worst(loss, forecasts, int(at))]
        if worst:
            times = listed([written(origins[at].time) for at in worst], 4)
            yield (
                f"Much of the loss comes from few cases: {column} {times}, "
                f"{percent(loss[worst].sum() / loss.sum())} of the log loss from "
                f"{percent(forecasts[worst].sum() / forecasts.sum())} of the cases."
            )


def _shared(loss: Array) -> bool:
    """Whether shares of the loss mean something."""
    return bool(np.isfinite(loss).all() and loss.sum() > 0.0)


def _is_worst(loss: Array, forecasts: Array, at: int) -> bool:
    share = loss[at] / loss.sum()
    return bool(share >= max(WORST_SHARE, WORST_TIMES * forecasts[at] / forecasts.sum()))


def size_remarks(origins: tuple[RollingFit, ...], penalty: PenaltyKind | None) -> Iterator[str]:
    """Whether fits have few cases for their coefficients."""
    coefficients = len(origins[0].values)
    few = sum(origin.past < PAST_PER_COEFFICIENT * coefficients for origin in origins)
    if few:
        least = number_of(int(origins[0].past), "case")
        prior = "" if penalty else ", or add a prior: --prior, --cauchy or --log-f"
        yield (
            f"The first fit estimates {number_of(coefficients, 'coefficient')} from {least}; {few:,} of "
            f"{number_of(len(origins), 'fit')} have fewer than {PAST_PER_COEFFICIENT} cases for each coefficient. "
            f"Begin with a later --from{prior}."
        )


def start_remarks(origins: tuple[RollingFit, ...]) -> Iterator[str]:
    """Whether the default starts came to a higher maximum than the fits that began at an earlier one."""
    checked = [origin for origin in origins if origin.gained is not None]
    higher = [origin.gained for origin in checked if origin.gained is not None and origin.gained > HIGHER]
    if higher:
        yield (
            f"In {len(higher)} of {len(checked)} fits that were also made from the default starts, these came to a "
            f"higher maximum, by up to {max(higher):.3g}, which is used; others may lie at a lower one too."
        )
