"""Lanes as NumPy arrays, operation by operation as in `core/lanes.hpp`."""

import math

import numpy as np

ALONE = (0.0,)
FOUR = (0.0,) * 4
EIGHT = (0.0,) * 8

LOWEST = -708.0
SHIFTER = 1.5 * 2.0**52
LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
TERMS = 13


class Lanes(np.ndarray):
    """A value: adding to a name leaves other names of it as they are."""

    def __iadd__(self, other):
        return self + other


def compiled(loop, **options):
    """Here a loop stays as it is."""
    return loop


def load(array, start, like):
    return array[start : start + len(like)].copy().view(Lanes)


def store(array, start, lanes):
    array[start : start + len(lanes)] = lanes


def fill(value, like):
    return np.full(len(like), value).view(Lanes)


def where(flags, then, otherwise):
    return np.where(flags, then, otherwise).view(Lanes)


def largest(left, right):
    return np.where(left > right, left, right).view(Lanes)


def magnitude(lanes):
    return np.abs(lanes)


def exponential(lanes):
    x = np.where(lanes > LOWEST, lanes, LOWEST)
    shifted = x * (1.0 / math.log(2.0)) + SHIFTER
    power = shifted - SHIFTER
    rest = x - power * LN2_HIGH
    rest = rest - power * LN2_LOW
    series = [np.full(len(x), 1.0 / math.factorial(term)) for term in range(TERMS)]
    raised = rest
    while len(series) > 1:
        odd = series[1::2]
        pairs = [even + next_odd * raised for even, next_odd in zip(series[::2], odd, strict=False)]
        series = pairs + series[2 * len(odd) :]
        raised = raised * raised
    scale = ((shifted.view(np.ndarray).view(np.int64) + 1023) << 52).view(np.float64)
    return (series[0] * scale).view(Lanes)


def logarithm(lanes):
    bits = lanes.view(np.ndarray).view(np.int64)
    exponent = (bits - 0x3FE6A09E667F3BCD) >> 52
    power = (exponent + 0x4338000000000000).view(np.float64) - SHIFTER
    f = (bits - (exponent << 52)).view(np.float64) - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    odd = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    even = w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)
    even = z * (6.666666666666735130e-01 + w * (2.857142874366239149e-01 + even))
    half = 0.5 * f * f
    result = power * LN2_HIGH - ((half - (s * (half + odd + even) + power * LN2_LOW)) - f)
    return np.where(lanes > 0.0, result, -np.inf).view(Lanes)


def exp_of(x):
    return float(exponential(np.array([x]))[0]) if x > LOWEST else 0.0


def log_of(x):
    if 0.0 < x < 2.0**-1022:
        return float(logarithm(np.array([x * 2.0**54]))[0]) - 54.0 * math.log(2.0)
    return float(logarithm(np.array([x]))[0])
