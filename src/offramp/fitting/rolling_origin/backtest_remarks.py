"""What is doubtful about the fits of a backtest, and where its loss comes from, with what to do about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from offramp.common.numerals import percent
from offramp.common.texts import tr, trn
from offramp.common.words import listed
from offramp.fitting.ascent import HIGHER
from offramp.fitting.cells import written
from offramp.fitting.fit_remarks import REMEDY
from offramp.fitting.priors import PenaltyKind
from offramp.fitting.rolling_origin.rolling_fits import Ending, RollingFit

Array = NDArray[np.float64]

PAST_PER_COEFFICIENT = 10
"""The first time has at least this many earlier cases for each coefficient, if no time is given."""
WORST_SHARE, WORST_TIMES = 0.1, 3.0
"""A time is named if it bears at least this share of the loss, and this many times its share of the cases."""
WHY: dict[Ending, str] = {
    "endless": tr("some coefficients grow without end, as with separated cases, and the search was given up"),
    "flat": tr("the earlier cases say nothing of some coefficients"),
    "stopped": tr("the search stopped short of a maximum"),
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
        why = "; ".join(
            tr("in {fits} {reason}", fits=f"{counts[ending]:,}", reason=words)
            for ending, words in WHY.items()
            if counts[ending]
        )
        lack = trn(
            "{some} of {count} fit have no single finite maximum: {reasons}.",
            "{some} of {count} fits have no single finite maximum: {reasons}.",
            len(origins),
            some=f"{lacking.sum():,}",
            reasons=why,
        )
        cases, some = int(forecasts.sum()), f"{forecasts[lacking].sum():,.0f}"
        if _shared(loss):
            forecast = trn(
                "They forecast {some} of {count} case and bear {share} of the log loss.",
                "They forecast {some} of {count} cases and bear {share} of the log loss.",
                cases,
                some=some,
                share=percent(loss[lacking].sum() / loss.sum()),
            )
        else:
            forecast = trn(
                "They forecast {some} of {count} case.", "They forecast {some} of {count} cases.", cases, some=some
            )
        if penalty:
            advice = tr("Do not rely on these forecasts: try another prior, or a later --from.")
        else:
            advice = tr("Do not rely on these forecasts: {remedy}, or begin with a later --from.", remedy=REMEDY)
        yield f"{lack} {forecast} {advice}"
    if len(origins) > 1 and _shared(loss):
        worst = [at for at in np.argsort(-loss, kind="stable") if _is_worst(loss, forecasts, int(at))]
        if worst:
            times = listed([written(origins[at].time) for at in worst], 4)
            yield tr(
                "Much of the loss comes from few cases: {column} {times}, {loss} of the log loss from {share} of the "
                "cases.",
                column=column,
                times=times,
                loss=percent(loss[worst].sum() / loss.sum()),
                share=percent(forecasts[worst].sum() / forecasts.sum()),
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
        values = {
            "coefficients": trn("{count} coefficient", "{count} coefficients", coefficients),
            "cases": trn("{count} case", "{count} cases", int(origins[0].past)),
            "few": f"{few:,}",
            "enough": PAST_PER_COEFFICIENT,
        }
        size = trn(
            "The first fit estimates {coefficients} from {cases}; {few} of {count} fit have fewer than {enough} cases "
            "for each coefficient.",
            "The first fit estimates {coefficients} from {cases}; {few} of {count} fits have fewer than {enough} cases "
            "for each coefficient.",
            len(origins),
            **values,
        )
        if penalty:
            yield f"{size} {tr('Begin with a later --from.')}"
        else:
            advice = tr("Begin with a later --from, or add a prior: --prior, --cauchy or --log-f.")
            yield f"{size} {advice}"


def start_remarks(origins: tuple[RollingFit, ...]) -> Iterator[str]:
    """Whether the default starts came to a higher maximum than the fits that began at an earlier one."""
    checked = [origin for origin in origins if origin.gained is not None]
    higher = [origin.gained for origin in checked if origin.gained is not None and origin.gained > HIGHER]
    if higher:
        yield tr(
            "In {some} of {fits} fits that were also made from the default starts, these came to a higher maximum, by "
            "up to {most}, which is used; others may lie at a lower one too.",
            some=len(higher),
            fits=len(checked),
            most=f"{max(higher):.3g}",
        )
