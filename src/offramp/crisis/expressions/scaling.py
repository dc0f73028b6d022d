"""Rewrite expressions in whole numbers, so that floats evaluate them exactly.

An expression that adds, multiplies and compares decimals is rewritten to count a common unit, such as tenths. Floats
are exact for whole numbers up to `LARGEST`, so `evaluate` gives for whole arrays the same results as
`offramp.crisis.expressions.exact` for one context at a time.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from offramp.crisis.expressions.expression import (
    Binary,
    Call,
    Compare,
    IfElse,
    Is,
    Logic,
    Member,
    Name,
    Node,
    Number,
    Rational,
    Unary,
    children,
    with_children,
)

LARGEST = 2**53
"""Floats represent every whole number up to this exactly."""


@dataclass(frozen=True)
class Scaled:
    """A whole-number expression that counts parts of 1 / `unit`; its absolute value is at most `bound`."""

    node: Node
    unit: int
    bound: int


def scaled(node: Node, names: Mapping[str, Scaled]) -> Scaled | None:
    """Rewrite a resolved expression in whole numbers; None if floats cannot evaluate it exactly.

    Parameters
    ----------
    node
        The expression's root.
    names
        A `Scaled` for each state and `round`; an expression with any other name gives None.

    Examples
    --------
    >>> from offramp.crisis.expressions.grammar import parse
    >>> tenths = scaled(parse("x + 0.5"), {"x": Scaled(Name("x"), 10, 7)})
    >>> tenths.unit, tenths.bound
    (10, 12)
    """
    parts = [scaled(part, names) for part in children(node)]
    whole = [part for part in parts if part is not None]
    result = _composed(node, whole, names) if len(whole) == len(parts) else None
    return result if result is not None and max(result.bound, result.unit) <= LARGEST else None


def counted(name: str, values: Iterable[Rational]) -> tuple[Scaled, list[int]]:
    """A scaled name that takes one of some values, and the number of parts for each value; none if parts are too small.

    >>> from fractions import Fraction
    >>> counted("x", [1, Fraction(1, 4)])
    (Scaled(node=Name(name='x', at=0), unit=4, bound=4), [4, 1])
    """
    given = list(values)
    unit = 1
    for value in given:
        unit = math.lcm(unit, value.denominator)
        if unit > LARGEST:  # and may grow to hundreds of thousands of digits
            return Scaled(Name(name), unit, unit), []
    counts = [value.numerator * (unit // value.denominator) for value in given]
    return Scaled(Name(name), unit, max(map(abs, counts), default=0)), counts


def _composed(node: Node, parts: Sequence[Scaled], names: Mapping[str, Scaled]) -> Scaled | None:
    match node:
        case Number(value=value):
            return Scaled(Number(value.numerator), value.denominator, abs(value.numerator))
        case Name(name=name):
            return names.get(name)
        case Is():
            return Scaled(node, 1, 1)
        case Binary(operator="*"):
            left, right = parts
            return Scaled(_with(node, parts), left.unit * right.unit, left.bound * right.bound)
        case Binary(operator="/", right=Number(value=value)) if value > 0:
            return _in_units(parts[0], value.denominator, parts[0].unit * value.numerator)
        case Binary(operator="+" | "-") | Unary(operator="-"):
            in_unit = _same_unit(parts)
            return Scaled(_with(node, in_unit), in_unit[0].unit, sum(part.bound for part in in_unit))
        case Call(function="min" | "max" | "abs" | "clip"):
            in_unit = _same_unit(parts)
            return Scaled(_with(node, in_unit), in_unit[0].unit, max(part.bound for part in in_unit))
        case IfElse():
            then, otherwise = _same_unit([parts[0], parts[2]])
            return Scaled(_with(node, [then, parts[1], otherwise]), then.unit, max(then.bound, otherwise.bound))
        case Compare() | Member():
            in_unit = _same_unit(parts)
            return Scaled(_with(node, in_unit), 1, 1) if all(part.bound <= LARGEST for part in in_unit) else None
        case Logic() | Unary(operator="not"):
            return Scaled(_with(node, parts), 1, 1)
    return None


def _with(node: Node, parts: Sequence[Scaled]) -> Node:
    return with_children(node, [part.node for part in parts])


def _same_unit(parts: Sequence[Scaled]) -> list[Scaled]:
    """The same numbers in a common unit."""
    unit = math.lcm(*(part.unit for part in parts))
    return [_in_units(part, unit // part.unit, unit) for part in parts]


def _in_units(part: Scaled, factor: int, unit: int) -> Scaled:
    node = part.node if factor == 1 else Binary("*", part.node, Number(factor))
    return Scaled(node, unit, part.bound * factor)
