"""Input cards: an input's distribution as numbers and as a curve, its reason, and its place in the file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from offramp.crisis.distribution import Array, Distribution
from offramp.crisis.editor.rewriting import value_spans
from offramp.crisis.model import Crisis
from offramp.crisis.parts import Input

QUANTILES = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
TAIL = 0.001
"""A slider's range ends at this quantile (or one minus it) if the distribution is unbounded."""
CURVE_POINTS = 60
_CURVE_LEVELS = 1_001
_MAX_LOG_ODDS = 12.0
"""The curve is computed from `_CURVE_LEVELS` quantiles, evenly spaced in log odds, so that its tails are smooth."""


@dataclass(frozen=True)
class InputCard:
    """An input: `low` and `high` are a slider's range; if `bounded`, they are the bounds of the distribution.

    `density` are points of the curve, in order; a constant has none. `start` and `end` are the place of its value in
    the text of the crisis, in UTF-16 units.
    """

    name: str
    label: str
    says: str | None
    unit: str | None
    distribution: str
    kind: str
    median: float
    quantiles: dict[str, float]
    low: float
    high: float
    bounded: bool
    density: tuple[tuple[float, float], ...]
    because: str | None
    cites: tuple[str, ...]
    of_actor: str | None
    start: int | None
    end: int | None

    def to_dict(self) -> dict[str, object]:
        numbers = {"median": self.median, "quantiles": self.quantiles, "min": self.low, "max": self.high}
        shape = {"bounded": self.bounded, "density": [list(point) for point in self.density]}
        reason = {"because": self.because, "cites": list(self.cites), "of_actor": self.of_actor}
        named = {"name": self.name, "label": self.label, "says": self.says, "unit": self.unit}
        written = {"distribution": self.distribution, "kind": self.kind}
        return {**named, **written, **numbers, **shape, **reason, "from": self.start, "to": self.end}


def inputs_of(crisis: Crisis) -> tuple[InputCard, ...]:
    """The cards of all inputs, including rationalities that are distributions, in file order."""
    spans = value_spans(crisis.text)
    return tuple(_card(entry, spans.get(name)) for name, entry in crisis.inputs.items())


def _card(entry: Input, span: tuple[int, int] | None) -> InputCard:
    distribution = entry.distribution
    shape = _shape(distribution.kind, tuple(distribution.parameters.items()))
    return InputCard(
        name=entry.key,
        label=entry.name,
        says=entry.says,
        unit=entry.unit,
        distribution=str(distribution),
        kind=distribution.kind,
        median=shape.quantiles["p50"],
        quantiles=shape.quantiles,
        low=shape.low,
        high=shape.high,
        bounded=shape.bounded,
        density=shape.density,
        because=entry.reason.because,
        cites=entry.reason.cites,
        of_actor=entry.of_actor,
        start=None if span is None else span[0],
        end=None if span is None else span[1],
    )


@dataclass(frozen=True)
class _Shape:
    quantiles: dict[str, float]
    low: float
    high: float
    bounded: bool
    density: tuple[tuple[float, float], ...]


@lru_cache(maxsize=1_000)
def _shape(kind: str, parameters: tuple[tuple[str, float], ...]) -> _Shape:
    """The numbers of a distribution; cached, as the editor asks for the same ones at every keystroke."""
    distribution = Distribution(kind, dict(parameters))
    levels = np.array([*QUANTILES.values(), TAIL, 1.0 - TAIL])
    values = distribution.quantile(levels)
    quantiles = dict(zip(QUANTILES, map(float, values), strict=False))
    if kind == "constant":
        value = quantiles["p50"]
        low, high = (0.0, 1.0) if 0.0 <= value <= 1.0 else sorted((0.0, 2.0 * value))
        return _Shape(quantiles, low, high, False, ())
    bounds = _slider_bounds(distribution)
    bounded = None not in bounds
    low = float(values[-2]) if bounds[0] is None else bounds[0]
    high = float(values[-1]) if bounds[1] is None else bounds[1]
    return _Shape(quantiles, low, high, bounded, _density(distribution, low, high))


def _slider_bounds(distribution: Distribution) -> tuple[float | None, float | None]:
    """The bounds of the values, each None if a quantile is the better end of a slider."""
    if distribution.kind == "beta":
        return 0.0, 1.0
    given = distribution.parameters
    return given.get("low"), given.get("high")


def _density(distribution: Distribution, low: float, high: float) -> tuple[tuple[float, float], ...]:
    """Points of the density at the middles of equal cells, from the probability of each cell."""
    levels = 1.0 / (1.0 + np.exp(np.linspace(-_MAX_LOG_ODDS, _MAX_LOG_ODDS, _CURVE_LEVELS)))[::-1]
    edges = np.linspace(low, high, CURVE_POINTS + 1)
    below: Array = np.interp(edges, distribution.quantile(levels), levels, left=0.0, right=1.0)
    height = np.diff(below) / (edges[1] - edges[0]) if high > low else np.zeros(CURVE_POINTS)
    middles = (edges[1:] + edges[:-1]) / 2.0
    return tuple(zip(map(float, middles), map(float, height), strict=True))
