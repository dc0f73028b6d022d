"""Reads the numbers of options, and the points of chance grids."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import numpy as np

from offramp.crisis import scalars, schema
from offramp.crisis.distribution import Distribution, from_expression, number
from offramp.crisis.expressions.exact import exact, rounded
from offramp.crisis.expressions.expression import FUNCTIONS, Binary, Call, Expression, Name, Number, Rational, walk
from offramp.crisis.expressions.grammar import ExpressionError, parse, parsed
from offramp.crisis.faults import Location
from offramp.crisis.sections.naming import Namespace
from offramp.crisis.steps import Odds, Row
from offramp.crisis.text.document import Scalar, scalar_at

_NUMBER = re.compile(r"[-+]?\.?[0-9][0-9.]*(?:[eE][-+]?[0-9]+)?")
_LEAST_DIGITS, _MOST_DIGITS = 3, 12

WrittenOptions = Iterable[Scalar] | Mapping[Scalar, schema.OptionPart | Scalar]
"""The options of a step: a list, or a mapping that says something of each."""


def is_bare_number(text: Scalar) -> bool:
    """Whether the short form of an option is its number: arithmetic without quotes; any other text is its name."""
    if text.quoted or isinstance(text, scalars.StandIn):
        return False
    root = parsed(text)
    if root is None:
        return _NUMBER.fullmatch(text) is not None
    return not any(
        isinstance(part, Name) or (isinstance(part, Call) and part.function not in FUNCTIONS) for part in walk(root)
    )


def option_values(names: Namespace, written: WrittenOptions | None) -> dict[str, Rational]:
    """The numbers that the options of a step have, by option; bad numbers are faults."""
    values = {}
    for key, part in written.items() if isinstance(written, Mapping) else ():
        text = part.value if isinstance(part, schema.OptionPart) else part if is_bare_number(part) else None
        if text is not None:
            values[str(key)] = _exact_number(names, text, f"the value of option '{key}'")
    return values


def _exact_number(names: Namespace, text: Scalar, what: str) -> Rational:
    try:
        node = parse(text)
        number(node, what)
        return exact(node, {})
    except ExpressionError as error:
        names.fault(text.at(error.offset), error.message)
    except ArithmeticError as error:
        names.fault(text.place, f"{what} {error}")
    return 0


def grid_points(part: schema.ChancePart) -> list[Scalar]:
    """The keys of the points of a chance grid; none if it is no grid, or does not say how many it has."""
    if part.grid is None or part.points is None:
        return []
    return [scalar_at(part.grid.place, f"p{point}") for point in range(1, int(part.points) + 1)]


def grid_values(names: Namespace, part: schema.ChancePart) -> dict[str, Rational]:
    """The numbers of the points of a grid: its quantiles at (k - 0.5) / n, rounded to 12 significant digits."""
    points = grid_points(part)
    levels = (np.arange(1, len(points) + 1) - 0.5) / max(len(points), 1)
    quantiles = _grid(names, part.grid).quantile(levels) if part.grid is not None else levels
    return {str(key): rounded(float(value)) for key, value in zip(points, quantiles, strict=True)}


def _grid(names: Namespace, text: Scalar) -> Distribution:
    try:
        distribution = from_expression(parse(text))
        if distribution.kind != "constant" or isinstance(text, scalars.StandIn):
            return distribution
        error = ExpressionError(f"a grid is made from a distribution such as uniform(0, 2); found {text}", 0)
    except ExpressionError as bad:
        error = bad
    names.fault(text.at(error.offset), error.message)
    return Distribution("uniform", {"low": 0.0, "high": 1.0})


def described_points(points: Iterable[Scalar], values: Mapping[str, Rational]) -> dict[Scalar, schema.OptionPart]:
    """The points of a grid, each with its number as its name: with so few digits that all differ."""
    keys = list(points)
    numbers = [float(values.get(key, 0)) for key in keys]
    digits = next(
        (many for many in range(_LEAST_DIGITS, _MOST_DIGITS) if len({f"{x:.{many}g}" for x in numbers}) == len(keys)),
        _MOST_DIGITS,
    )
    shown = [f"{number:.{digits}g}" for number in numbers]
    return {key: schema.OptionPart(name=scalar_at(key.place, name)) for key, name in zip(keys, shown, strict=True)}


def equal_odds(points: Iterable[Scalar], place: Location) -> Odds:
    """The odds of a grid: all its points are equally likely."""
    keys = list(map(str, points))
    share = Expression(f"1 / {len(keys)}", place, Binary("/", Number(1), Number(len(keys))))
    return Odds((Row(None, dict.fromkeys(keys, share), place),), normalised=False)
