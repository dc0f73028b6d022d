"""Expressions in whole numbers, of which floats are exact.

An expression that adds, multiplies and compares decimals is rewritten as one that counts their common
parts: tenths, say. Up to `LARGEST` floats hold every whole number, so that `evaluate` gives on whole
arrays what `offramp.crisis.expressions.exact` would give one context at a time.
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


@dataclass(frozen=True)
class Scaled:
    """A whole number, at most `bound` from zero, that counts parts of which `unit` make one."""

    node: Node
    unit: int
    bound: int


def scaled(node: Node, names: Mapping[str, Scaled]) -> Scaled | None:
    """Rewrite a resolved expression in whole numbers; None if floats could not give it exactly.

    Parameters
    ----------
    node
        The expression's root.
    names
        What each state stands for, and `round`; a name that is not among them has no whole numbers.

    Examples
    --------
    >>> from offramp.crisis.expressions.grammar import parse
    >>> found = scaled(parse("x + 0.5"), {"x": Scaled(Name("x"), 10, 7)})
    >>> found.unit, found.bound
    (10, 12)
    """
    parts = [scaled(part, names) for part in children(node)]
    whole = [part for part in parts if part is not None]
    found = _composed(node, whole, names) if len(whole) == len(parts) else None
    return found if found is not None and max(found.bound, found.unit) <= LARGEST else None


def counted(name: str, values: Iterable[Rational]) -> tuple[Scaled, list[int]]:
    """A name that stands for one of some values, and for each value how many parts it counts.

    >>> from fractions import Fraction
    >>> counted("x", [1, Fraction(1, 4)])
    (Scaled(node=Name(name='x', at=0), unit=4, bound=4), [4, 1])
    """
    given = list(values)
    unit = math.lcm(*(value.denominator for value in given))
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
            alike = _alike(parts)
            return Scaled(_with(node, alike), alike[0].unit, sum(part.bound for part in alike))
        case Call(function="min" | "max" | "abs" | "clip"):
            alike = _alike(parts)
            return Scaled(_with(node, alike), alike[0].unit, max(part.bound for part in alike))
        case IfElse():
            then, otherwise = _alike([parts[0], parts[2]])
            return Scaled(_with(node, [then, parts[1], otherwise]), then.unit, max(then.bound, otherwise.bound))
        case Compare() | Member():
            alike = _alike(parts)
            return Scaled(_with(node, alike), 1, 1) if all(part.bound <= LARGEST for part in alike) else None
        case Logic() | Unary(operator="not"):
            return Scaled(_with(node, parts), 1, 1)
    return None


def _with(node: Node, parts: Sequence[Scaled]) -> Node:
    return with_children(node, [part.node for part in parts])


def _alike(parts: Sequence[Scaled]) -> list[Scaled]:
    """The same numbers, all in the same unit."""
    unit = math.lcm(*(part.unit for part in parts))
    return [_in_units(part, unit // part.unit, unit) for part in parts]


def _in_units(part: Scaled, factor: int, unit: int) -> Scaled:
    node = part.node if factor == 1 else Binary("*", part.node, Number(factor))
    return Scaled(node, unit, part.bound * factor)
