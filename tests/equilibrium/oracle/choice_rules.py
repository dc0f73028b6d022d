"""Choice rules at one information set: the logarithms of choice probabilities, and their derivatives both ways.

`gain`: (options,), each option's expected payoff to come; `variance`: (options,), read by the private rule alone;
`rationality`: the precision λ.

- Logit: P_k is proportional to exp(λ gain_k) (McKelvey & Palfrey 1998, *Experimental Economics* 1).
- Probit: each option's value has an independent normal shock of standard deviation 1/λ. Of two options,
  P_1 = Φ(λ (gain_1 - gain_2) / √2); of more, P_k = ∫ φ(t) Π_j Φ(t + λ (gain_k - gain_j)) dt over all other options j
  (Daganzo 1979, *Multinomial Probit*).
- Private: each way for play to end has an independent normal shock of standard deviation 1/λ, which the actor knows
  from the start (Signorino 2003, *Political Analysis* 11). An option's value has the sum of the shocks of the ends
  after it, weighted by their probabilities, so its variance is 1/λ² times the sum of their squares, `variance`:
  P_1 = Φ(λ (gain_1 - gain_2) / √(variance_1 + variance_2)).

Everything is in logarithms, so that derivatives hold in the tails.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from offramp.equilibrium.structure import LOGIT, PRIVATE
from tests.equilibrium.oracle.lanes import compiled, exp_of, log_of

Float = NDArray[np.float64]

LARGEST = 1e150
"""Larger differences, in standard deviations, count as this one: its square is finite."""
FAR = -10.0
"""Below this the normal distribution function is computed by its asymptotic series,"""
TERMS = 20
"""with so many terms: enough for the last digit (Abramowitz & Stegun 1964, 26.2.12)."""
LOG_ROOT = 0.5 * math.log(2.0 * math.pi)
SPAN = 9.0
"""Quadrature goes so far to both sides of the integrand's peak: the rest is below exp(-SPAN² / 2) of it."""
FINENESS = 0.7
"""Distance of quadrature points, times the root of the number of options: the error of the trapezoidal rule, about
2 exp(-2 π² / FINENESS²), is below the last digit (Trefethen & Weideman 2014, *SIAM Review* 56)."""
NEAR = -300.0
"""Above this, for the logarithm of the distribution functions at the peak, their product needs no logarithms."""
NEWTON_STEPS = 30
STRAIGHT = -1e4
"""Below this `hazard` has the slope -1 to within 1e-8."""


@compiled
def log_normal(z: float) -> float:
    """The logarithm of the standard normal distribution function."""
    if z > 0.0:
        return math.log1p(-0.5 * math.erfc(z / math.sqrt(2.0)))
    if z > FAR:
        return math.log(0.5 * math.erfc(-z / math.sqrt(2.0)))
    return -0.5 * z * z - LOG_ROOT - math.log(-z) + math.log(_series(z))


@compiled
def hazard(z: float) -> float:
    """The derivative of `log_normal`: the normal density over the distribution function."""
    if z > FAR:
        return math.exp(-0.5 * z * z - LOG_ROOT) / (0.5 * math.erfc(-z / math.sqrt(2.0)))
    return -z / _series(z)


@compiled
def _series(z: float) -> float:
    """The distribution function times -z over the density, for z below `FAR`."""
    total = 1.0
    for term in range(TERMS, 0, -1):
        total = 1.0 - (2 * term - 1) * total / z / z
    return total


@compiled
def log_response(rule: int, rationality: float, gain: Float, variance: Float, log_choice: Float) -> None:
    """The logarithms of an information set's choice probabilities: `log_choice`, (options,)."""
    options = len(gain)
    if rule == LOGIT:
        best, total = -np.inf, 0.0
        for option in range(options):
            log_choice[option] = rationality * gain[option]
            best = max(best, log_choice[option])
        for option in range(options):
            total += exp_of(log_choice[option] - best)
        for option in range(options):
            log_choice[option] -= best + log_of(total)
    elif options == 1:
        log_choice[0] = 0.0
    elif options == 2:
        z = rationality * (gain[0] - gain[1]) / _deviation(rule, variance)
        log_choice[0], log_choice[1] = log_normal(_bounded(z)), log_normal(-_bounded(z))
    else:
        for option in range(options):
            log_choice[option] = _log_best_of(option, rationality, gain, np.empty(0))


@compiled
def response_along(
    rule: int, rationality: float, gain: Float, variance: Float, log_choice: Float, more_rationality: float,
    more_gain: Float, more_variance: Float, out: Float,
) -> None:  # fmt: skip
    """The change of the logarithms at `log_response`'s arguments and result, as these change: `out`, (options,).

    `more_rationality`, `more_gain`, `more_variance` are the changes of the arguments.
    """
    options = len(gain)
    if rule == LOGIT:
        mean = 0.0
        for option in range(options):
            out[option] = more_rationality * gain[option] + rationality * more_gain[option]
            mean += exp_of(log_choice[option]) * out[option]
        for option in range(options):
            out[option] -= mean
    elif options == 1:
        out[0] = 0.0
    elif options == 2:
        deviation = _deviation(rule, variance)
        ahead = gain[0] - gain[1]
        z = _bounded(rationality * ahead / deviation)
        more = (more_rationality * ahead + rationality * (more_gain[0] - more_gain[1])) / deviation
        if rule == PRIVATE:
            more -= 0.5 * z * (more_variance[0] + more_variance[1]) / deviation**2
        out[0], out[1] = hazard(z) * more, -hazard(-z) * more
    else:
        slope = np.empty(options)
        for option in range(options):
            _log_best_of(option, rationality, gain, slope)
            out[option] = 0.0
            for other in range(options):
                more = more_rationality * (gain[option] - gain[other])
                out[option] += slope[other] * (more + rationality * (more_gain[option] - more_gain[other]))


@compiled
def response_back(
    rule: int, rationality: float, gain: Float, variance: Float, log_choice: Float, back: Float, gain_back: Float,
    variance_back: Float,
) -> float:  # fmt: skip
    """The adjoint of `response_along`: derivatives of a number by the arguments of `log_response`, from those by its
    results.

    `back`: (options,), by the logarithms of probabilities: a probability times the derivative by the probability.
    Returns the derivative by rationality and sets `gain_back`, `variance_back`: (options,).
    """
    options = len(gain)
    rationality_back = 0.0
    gain_back[:] = 0.0
    variance_back[:] = 0.0
    if rule == LOGIT:
        total = 0.0
        for option in range(options):
            total += back[option]
        for option in range(options):
            more = back[option] - exp_of(log_choice[option]) * total
            gain_back[option] = rationality * more
            rationality_back += gain[option] * more
    elif options == 2:
        deviation = _deviation(rule, variance)
        ahead = gain[0] - gain[1]
        z = _bounded(rationality * ahead / deviation)
        more = (hazard(z) * back[0] - hazard(-z) * back[1]) / deviation
        gain_back[0], gain_back[1] = rationality * more, -rationality * more
        rationality_back = ahead * more
        if rule == PRIVATE:
            variance_back[:] = -0.5 * z * more / deviation
    elif options > 2:
        slope = np.empty(options)
        for option in range(options):
            _log_best_of(option, rationality, gain, slope)
            for other in range(options):
                more = back[option] * slope[other]
                gain_back[option] += rationality * more
                gain_back[other] -= rationality * more
                rationality_back += more * (gain[option] - gain[other])
    return rationality_back


@compiled
def _deviation(rule: int, variance: Float) -> float:
    """The standard deviation of the difference of two options' shocks, times rationality."""
    return math.sqrt(variance[0] + variance[1]) if rule == PRIVATE else math.sqrt(2.0)


@compiled
def _bounded(z: float) -> float:
    return min(max(z, -LARGEST), LARGEST)


@compiled
def _log_best_of(option: int, rationality: float, gain: Float, slope: Float) -> float:
    """The logarithm of the probability that an option has the highest value, by the probit rule.

    `slope`: (options,), set to the derivative by rationality times the option's lead over each other one, or empty if
    the derivatives are not needed. The integrand is log-concave and narrower than a standard normal, so the trapezoidal
    rule around its peak is exact to rounding; the slopes are means of `hazard` under it.
    """
    options = len(gain)
    lead = np.empty(options - 1)
    for other in range(options - 1):
        lead[other] = _bounded(rationality * (gain[option] - gain[other + (other >= option)]))
    peak = _peak_of(lead)
    at_peak = np.empty(options - 1)
    for other in range(options - 1):
        at_peak[other] = log_normal(peak + lead[other])
    height_at_peak = float(at_peak.sum())
    near = height_at_peak > NEAR
    slope[:] = 0.0
    step = FINENESS / math.sqrt(options)
    points = int(SPAN / step) + 1
    total = 0.0
    for number in range(-points, points + 1):
        away = number * step
        height = -away * (peak + 0.5 * away)
        if near:
            share = math.exp(height - height_at_peak)
            for other in range(options - 1):
                share *= 0.5 * math.erfc(-(peak + away + lead[other]) / math.sqrt(2.0))
        else:
            for other in range(options - 1):
                height += log_normal(peak + away + lead[other]) - at_peak[other]
            # the exact integrand falls at least so fast; rounding of a large lead may not
            share = math.exp(min(height, 1.0 - 0.5 * away * away))
        total += share
        if len(slope):
            for other in range(options - 1):
                slope[other + (other >= option)] += share * hazard(peak + away + lead[other])
    slope /= total
    return min(math.log(step * total) + height_at_peak - 0.5 * peak * peak - LOG_ROOT, 0.0)


@compiled
def _peak_of(lead: Float) -> float:
    """Where the density at t times the distribution functions at t + lead has its peak, by Newton's method.

    The slope of the logarithm is convex and falls, so steps from the left never go too far.
    """
    peak = 0.0
    for _ in range(NEWTON_STEPS):
        rise, bend = -peak, 1.0
        for other in range(len(lead)):
            z = peak + lead[other]
            ratio = hazard(z)
            rise += ratio
            bend += ratio * (ratio + z) if z > STRAIGHT else 1.0
        peak += rise / bend
        if abs(rise) <= 1e-6 * bend * max(1.0, peak):
            break
    return peak
