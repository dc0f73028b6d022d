"""A backtest in words: the crisis against each rival, and what the comparison means for a reader."""

from __future__ import annotations

import numpy as np

from offramp.common.numerals import clear_of_zero, quantity
from offramp.common.texts import tr, trn
from offramp.fitting.rolling_origin.forecast_scores import RivalScore

CRISIS, RATES, LOGIT = "crisis", "rates of earlier cases", "multinomial logit"
MODELS = {CRISIS: tr("crisis"), RATES: tr("rates of earlier cases"), LOGIT: tr("multinomial logit")}
"""The models that forecast, as readers see them."""
NO_DIFFERENCE = 5e-4
"""A smaller difference of mean scores reads as none."""


def against(score: RivalScore) -> str:
    """One sentence on the crisis against a rival, with the numbers of the table of gains."""
    rival = {"rival": MODELS[score.name], "log": quantity(score.log)}
    if np.isinf(score.log):
        said = tr("Against the {rival} ({log}) the log score says nothing.", **rival)
        return f"{said} {_in_brier(*score.brier_gain)}"
    gain, low, high = score.log_gain
    if abs(gain) < NO_DIFFERENCE:
        return tr("Against the {rival} ({log}) it is neither better nor worse.", **rival)
    gains = _gains(gain, low, high)
    if gain > 0.0:
        return tr("Against the {rival} ({log}) it is better: it gains {gains}.", gains=gains, **rival)
    return tr("Against the {rival} ({log}) it is worse: it gains {gains}.", gains=gains, **rival)


def _in_brier(gain: float, low: float, high: float) -> str:
    if abs(gain) < NO_DIFFERENCE:
        return tr("In Brier score it is neither better nor worse.")
    gains = _gains(gain, low, high)
    if gain > 0.0:
        return tr("In Brier score it is better: it gains {gains}.", gains=gains)
    return tr("In Brier score it is worse: it gains {gains}.", gains=gains)


def _gains(gain: float, low: float, high: float) -> str:
    """A gain a case with its interval, and whether it may be chance."""
    shown, *ends = clear_of_zero(gain, low, high, error=(high - low) / 2.0)
    gains = tr("{gain} a case", gain=shown)
    if not np.isnan(low):
        gains = tr("{gain} a case, 90% interval {low} to {high}", gain=shown, low=ends[0], high=ends[1])
    return tr("{gains}, which may be chance", gains=gains) if low <= 0.0 <= high else gains


def verdict(scores: tuple[RivalScore, ...], lacking: int, fits: int) -> str:
    """What the comparison means for a reader; first, how many fits have no single finite maximum."""
    compared = _comparison(scores)
    if not lacking:
        return compared
    return trn(
        "{lacking} of {count} fit have no single finite maximum, so the comparison also judges where a search was "
        "given up: {comparison}",
        "{lacking} of {count} fits have no single finite maximum, so the comparison also judges where a search was "
        "given up: {comparison}",
        fits, lacking=f"{lacking:,}", comparison=f"{compared[0].lower()}{compared[1:]}",
    )  # fmt: skip


def _comparison(scores: tuple[RivalScore, ...]) -> str:
    gains = {score.name: score.log_gain for score in scores if np.isfinite(score.log_gain).all()}
    better = {name: low > 0.0 for name, (_, low, _) in gains.items()}
    worse = {name: high < 0.0 for name, (_, _, high) in gains.items()}
    if worse.get(RATES):
        return tr(
            "It loses to how often each outcome happened before: its columns and its game mislead about later cases. "
            "Do not forecast with it."
        )
    if worse.get(LOGIT):
        return tr(
            "The logit forecasts better from the same columns: the game helps to explain and to ask what if, but for "
            "a bare forecast take the logit."
        )
    if not better.get(RATES):
        return tr("It cannot be told from base rates by these cases.")
    if LOGIT not in better:
        return tr("It forecasts better than base rates.")
    if better[LOGIT]:
        return tr("It forecasts better than both: the game says something about cases that it has not seen.")
    return tr("It forecasts better than base rates, and about as well as the logit.")
