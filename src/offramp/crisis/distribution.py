"""Distributions of inputs: parsing, and quantile functions.

A run samples by quantiles (Sobol points mapped through `quantile`), so a distribution needs only its quantile function.
SciPy is loaded for beta distributions of unusual shapes only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from offramp.common.words import did_you_mean, expected, listed, nearest, quoted
from offramp.crisis.beta_quantiles import beta_quantiles, is_ordinary
from offramp.crisis.expressions.expression import FUNCTIONS, Call, Name, Node, call_fault, evaluate, walk
from offramp.crisis.expressions.grammar import ExpressionError, check_no_range, parse

Array = NDArray[np.float64]

LOWEST_LEVEL = 2.0**-31
"""Draws have probability levels between this and one minus it: Sobol points are multiples of 2**-30 from 0, and half a
step keeps them off 0 and 1."""
TEST_LEVELS = np.concatenate(
    [[LOWEST_LEVEL, 1e-6, 1e-3], np.linspace(0.01, 0.99, 29), [1.0 - 1e-3, 1.0 - 1e-6, 1.0 - LOWEST_LEVEL]]
)
"""Probability levels at which a new distribution is checked."""
MAX_SHAPE = 1e12
"""The largest parameter of a beta distribution."""
PERCENTILE_TOLERANCE = 1e-6
"""Tolerance of the percentiles, as a fraction of the distance from p10 to p90."""


@dataclass(frozen=True)
class Distribution:
    """A distribution by name with its parameters; `constant` has the one parameter `value`."""

    kind: str
    parameters: Mapping[str, float] = field(default_factory=dict)

    def quantile(self, u: Array) -> Array:
        """Quantiles at probabilities `u` in (0, 1), of the same shape."""
        with np.errstate(all="ignore"):
            return _KINDS[self.kind].quantile(u, **self.parameters)

    @cached_property
    def median(self) -> float:
        """The median, which every solve asks for again."""
        return float(self.quantile(np.full(1, 0.5))[0])

    @property
    def support(self) -> tuple[float, float]:
        """Infimum and supremum of its values."""
        if self.kind == "beta":
            return 0.0, 1.0
        if self.kind == "lognormal":
            return 0.0, math.inf
        if self.kind == "constant":
            return self.parameters["value"], self.parameters["value"]
        return self.parameters.get("low", -math.inf), self.parameters.get("high", math.inf)

    def __str__(self) -> str:
        if self.kind == "constant":
            return f"{self.parameters['value']:g}"
        return f"{self.kind}({', '.join(f'{name}={value:g}' for name, value in self.parameters.items())})"

    @property
    def short(self) -> str:
        """The distribution as files mostly write it: `normal(0, 5)`."""
        required, _ = parameters_of(self.kind)
        shown = [f"{value:g}" if name in required else f"{name}={value:g}" for name, value in self.parameters.items()]
        return f"{self.kind}({', '.join(shown)})"


def constant(value: float) -> Distribution:
    """The distribution of a number that is certain."""
    return Distribution("constant", {"value": value})


@dataclass(frozen=True)
class _Kind:
    parameters: tuple[str, ...]
    fault: Callable[..., str | None]
    quantile: Callable[..., Array]
    optional: tuple[str, ...] = ()


def _in_order(*names: str) -> Callable[..., str | None]:
    def fault(**values: float) -> str | None:
        given = [values[name] for name in names]
        if given != sorted(given) or given[0] == given[-1]:
            ends = f"{names[0]} < {names[-1]}"
            order = f"{' <= '.join(names)} must hold, and {ends}" if len(names) > 2 else f"{ends} must hold"
            return f"{order}; found {_shown(given)}"
        return None

    return fault


def _positive(*names: str) -> Callable[..., str | None]:
    def fault(**values: float) -> str | None:
        for name in names:
            if values[name] <= 0:
                return f"{name} must be positive; found {values[name]:g}"
        return None

    return fault


def _shown(values: list[float]) -> str:
    return ", ".join(f"{value:g}" for value in values)


def normal_scores(u: Array) -> Array:
    """Standard normal quantiles at probabilities `u` in (0, 1), of the same shape."""
    from statistics import NormalDist

    inverse = NormalDist().inv_cdf
    return np.array([inverse(level) for level in np.ravel(u).tolist()]).reshape(np.shape(u))


def normal_levels(scores: Array) -> Array:
    """The probabilities of standard normal scores, of the same shape, with all digits below the median."""
    return np.array([0.5 * math.erfc(-score / math.sqrt(2.0)) for score in np.ravel(scores).tolist()]).reshape(
        np.shape(scores)
    )


def _beta(u: Array, a: float, b: float) -> Array:
    if is_ordinary(a, b):
        return beta_quantiles(np.asarray(u), a, b)
    from scipy.special import betaincinv

    return np.asarray(betaincinv(a, b, u))


def _beta_fault(a: float, b: float) -> str | None:
    if fault := _positive("a", "b")(a=a, b=b):
        return fault
    # beyond this SciPy's quantiles underflow and lose their order
    return None if max(a, b) <= MAX_SHAPE else f"a and b must be at most {MAX_SHAPE:g}, found {_shown([a, b])}"


def _triangular(u: Array, low: float, mode: float, high: float) -> Array:
    # scale by a power of two, which is exact, so that products neither overflow nor underflow
    unit = 2.0 ** np.frexp(np.float64(high) - low)[1]
    span, before, after = (high - low) / unit, (mode - low) / unit, (high - mode) / unit
    left = low + unit * np.sqrt(u * span * before)
    right = high - unit * np.sqrt((1.0 - u) * span * after)
    return np.asarray(np.where(u < before / span, left, right))


def _pert(u: Array, low: float, mode: float, high: float) -> Array:
    """Beta on [low, high] with shape 4 (Malcolm, Roseboom, Clark & Fazar 1959)."""
    span = high - low
    return low + span * _beta(u, 1.0 + 4.0 * (mode - low) / span, 1.0 + 4.0 * (high - mode) / span)


def _percentiles(u: Array, p10: float, p50: float, p90: float, low: float = -math.inf, high: float = math.inf) -> Array:
    """Metalog with three terms through the triplet (Keelin 2016, section 4), bounded if `low` or `high` is finite."""
    v10, v50, v90 = (_unbound(np.float64(p), low, high) for p in (p10, p50, p90))
    logit = np.log(u) - np.log1p(-u)
    ratio = (v50 - v10) / (v90 - v10)
    spread = (v90 - v10) / (2.0 * math.log(9.0))
    skew = (1.0 - 2.0 * ratio) * (v90 - v10) / (0.8 * math.log(9.0))
    return _bound(v50 + spread * logit + skew * (u - 0.5) * logit, low, high)


def _unbound(value: np.float64, low: float, high: float) -> np.float64:
    if math.isfinite(low) and math.isfinite(high):
        return np.float64(np.log((value - low) / (high - value)))
    if math.isfinite(low):
        return np.float64(np.log(value - low))
    return np.float64(-np.log(high - value)) if math.isfinite(high) else value


def _bound(value: Array, low: float, high: float) -> Array:
    if math.isfinite(low) and math.isfinite(high):
        return np.asarray(low + (high - low) / (1.0 + np.exp(-value)))
    if math.isfinite(low):
        return np.asarray(low + np.exp(value))
    return np.asarray(high - np.exp(-value)) if math.isfinite(high) else value


def _percentiles_fault(
    p10: float, p50: float, p90: float, low: float = -math.inf, high: float = math.inf
) -> str | None:
    if not low < p10 < p50 < p90 < high:
        given = {"low": low, "p10": p10, "p50": p50, "p90": p90, "high": high}
        bounded = {name: value for name, value in given.items() if math.isfinite(value)}
        return f"{' < '.join(bounded)} must hold; found {_shown(list(bounded.values()))}"
    with np.errstate(all="ignore"):
        computed = _percentiles(np.array([0.1, 0.5, 0.9]), p10, p50, p90, low, high)
        if not np.all(np.abs(computed - [p10, p50, p90]) <= PERCENTILE_TOLERANCE * (p90 - p10)):
            return "rounding errors lose these percentiles; use another unit, or closer bounds"
        steps = np.diff(_percentiles(np.linspace(1e-6, 1.0 - 1e-6, 4001), p10, p50, p90, low, high))
    if np.all(steps >= 0):
        return None
    if math.isfinite(low) or math.isfinite(high):
        return "no smooth distribution within these bounds has these percentiles"
    return "p50 is too close to p10 or p90 for a smooth distribution; give bounds with low= or high="


_KINDS: dict[str, _Kind] = {
    "uniform": _Kind(("low", "high"), _in_order("low", "high"), lambda u, low, high: low + (high - low) * u),
    "normal": _Kind(("mean", "sd"), _positive("sd"), lambda u, mean, sd: mean + sd * normal_scores(u)),
    "lognormal": _Kind(
        ("median", "sigma"),
        _positive("median", "sigma"),
        lambda u, median, sigma: median * np.exp(sigma * normal_scores(u)),
    ),
    "beta": _Kind(("a", "b"), _beta_fault, _beta),
    "triangular": _Kind(("low", "mode", "high"), _in_order("low", "mode", "high"), _triangular),
    "pert": _Kind(("low", "mode", "high"), _in_order("low", "mode", "high"), _pert),
    "percentiles": _Kind(("p10", "p50", "p90"), _percentiles_fault, _percentiles, optional=("low", "high")),
    "constant": _Kind(("value",), lambda value: None, lambda u, value: np.full(np.shape(u), value)),
}

NAMES = tuple(name for name in _KINDS if name != "constant")
"""The distributions that a crisis file may name."""
_OTHER_NAMES = {
    "gaussian": "normal",
    "gauss": "normal",
    "log_normal": "lognormal",
    "rectangular": "uniform",
    "range": "uniform",
    "between": "uniform",
    "metalog": "percentiles",
    "quantiles": "percentiles",
}
"""What other programs and texts call these distributions."""


def _extreme_fault(distribution: Distribution) -> str | None:
    """What is wrong with the quantiles of a distribution, or None."""
    quantiles = distribution.quantile(TEST_LEVELS)
    if not np.isfinite(quantiles).all():
        return "it has values that are too large to compute with"
    if not (np.diff(quantiles) >= 0.0).all():
        return "rounding errors put its quantiles out of order"
    if quantiles[0] == quantiles[-1]:
        return f"all its quantiles are {quantiles[0]:g}; write that number instead"
    return None


def parameters_of(kind: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The required parameters of a distribution, in order, and the optional ones."""
    return _KINDS[kind].parameters, _KINDS[kind].optional


def is_distribution(text: str) -> bool:
    """Whether a text is a distribution by name, as `normal(0, 1)`, and not a number or an expression."""
    try:
        root = parse(text)
    except ExpressionError:
        return False
    return isinstance(root, Call) and root.function in NAMES


def from_expression(node: Node) -> Distribution:
    """The distribution that a parsed expression describes: a number, or one of `NAMES` with numbers.

    Raises
    ------
    ExpressionError
        If it is not a distribution; names the parameter, its value and what was expected.
    """
    if not isinstance(node, Call) or node.function in FUNCTIONS:
        return constant(number(node, "an input"))
    function = node.function
    if function not in NAMES:
        meant = _OTHER_NAMES.get(function.lower())
        hint = did_you_mean(function, meant) if meant else expected(function, NAMES)
        raise ExpressionError(f"unknown distribution {quoted(function)}{hint}", node.at)
    kind = _KINDS[function]
    names = kind.parameters + kind.optional
    takes = f"{listed(kind.parameters)}{f', and optionally {listed(kind.optional)}' if kind.optional else ''}"
    given: dict[str, float] = {}
    if len(node.arguments) > len(names):
        raise ExpressionError(f"{function}() takes {takes}; found {len(node.arguments)} values", node.at)
    for name, argument in [*zip(names, node.arguments, strict=False), *node.keywords]:
        if name not in names:
            hint = nearest(name, names) or f"; it takes {takes}"
            raise ExpressionError(f"{function}() has no {quoted(name)}{hint}", node.at)
        if name in given:
            raise ExpressionError(f"{function}() is given '{name}' twice", node.at)
        given[name] = number(argument, f"'{name}' of {function}()", falling=False)
    missing = [name for name in kind.parameters if name not in given]
    if missing:
        raise ExpressionError(f"{function}() takes {takes}; missing {listed(missing)}", node.at)
    distribution = Distribution(function, {name: given[name] for name in names if name in given})
    fault = kind.fault(**given) or _extreme_fault(distribution)
    if fault:
        raise ExpressionError(f"{function}(): {fault}", node.at)
    return distribution


def number(node: Node, what: str, *, falling: bool = True) -> float:
    """The finite number that a parsed expression without names gives; `what` describes it in messages.

    A bare difference of numbers is refused as a likely range: `1 - 2` always, `2 - 1` only if `falling`.
    """
    check_no_range(node, falling=falling)
    for part in walk(node):
        if isinstance(part, Name):
            raise ExpressionError(f"{what} takes numbers only; found {quoted(part.name)}", part.at)
        if isinstance(part, Call):
            if part.function in NAMES:
                message = f"{part.function}() must be the whole value; put calculations with it in a `let`"
                raise ExpressionError(message, part.at)
            fault = call_fault(part)
            if fault:
                raise ExpressionError(fault, part.at)
    value = float(evaluate(node, {}))
    if not math.isfinite(value):
        raise ExpressionError(f"{what} must be a finite number; found {value:g}", 0)
    return value
