"""How much of an expression's value rounding can have taken: the size of the numbers that it was computed from.

A sum keeps what its largest part leaves: in `1e17 + x - 1e17` nothing is left of an x of 1. The error of an expression,
evaluated in floating point, is at most a few times the precision times its *size*: what the expression comes to
with all of its numbers taken as positive (Higham 2002, *Accuracy and Stability of Numerical Algorithms*, 3.1 and 4.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.expressions.expression import Binary, Call, IfElse, Name, Node, Number, Unary, Values, evaluate

Array = NDArray[np.float64]

PRECISION = float(np.finfo(float).eps)
"""What a number is certain to, as a part of the size that it was computed from."""


def size(node: Node, values: Values) -> Array:
    """The size of the numbers behind a resolved expression's value, in the shape that its names give it.

    Parameters
    ----------
    node, values
        As for `evaluate`.

    Returns
    -------
    At least the absolute value; infinite where nothing is known. Comparisons and logic count as exact.

    Examples
    --------
    >>> from offramp.crisis.expressions.grammar import parse
    >>> float(size(parse("1e17 + x - 1e17"), {"x": np.array(1.0)}))
    2e+17
    >>> float(size(parse("min(1e17, 2)"), {}))
    2.0
    """
    with np.errstate(all="ignore"):
        found = _size(node, values)
    return np.asarray(np.where(np.isnan(found), np.inf, found), dtype=np.float64)


def _size(node: Node, values: Values) -> Array:
    match node:
        case Number(value=number):
            return np.asarray(abs(float(number)))
        case Name(name=name):
            return np.asarray(np.abs(values[name]))
        case Unary(operator="-", operand=operand):
            return _size(operand, values)
        case Binary(operator="+" | "-", left=left, right=right):
            return _size(left, values) + _size(right, values)
        case Binary(operator="*", left=left, right=right):
            return _product(node, left, right, values)
        case Binary(operator="/", left=left, right=right):
            return _size(left, values) * _size(right, values) / evaluate(right, values) ** 2
        case Binary(left=base, right=power):
            return _power(node, base, power, values)
        case IfElse(then=then, condition=condition, otherwise=otherwise):
            return np.where(evaluate(condition, values) != 0.0, _size(then, values), _size(otherwise, values))
        case Call(function="min" | "max" | "clip", arguments=arguments):
            return _picked(node, arguments, values)
        case Call(function=function, arguments=(argument,)):
            return _of_function(function, node, argument, values)
        case _:  # comparisons and logic
            return evaluate(node, values)


def _product(node: Node, left: Node, right: Node, values: Values) -> Array:
    """Nothing times anything is nothing: a payoff that is switched off has no size."""
    found = _size(left, values) * _size(right, values)
    unknown = np.isnan(found)
    return np.where(unknown & (evaluate(node, values) == 0.0), 0.0, found) if unknown.any() else found


def _power(node: Node, base: Node, power: Node, values: Values) -> Array:
    a, b = evaluate(base, values), evaluate(power, values)
    wide, high = _size(base, values), _size(power, values)
    # relative errors of the base count as often as the power says, those of the power by the base's logarithm
    relative = np.abs(b) * wide / np.abs(a) + np.abs(np.log(np.abs(a))) * high
    return np.where(a == 0.0, wide ** np.abs(b), np.abs(evaluate(node, values)) * (1.0 + relative))


def _picked(node: Node, arguments: Sequence[Node], values: Values) -> Array:
    """Of a least or greatest value only what may be it counts."""
    found = evaluate(node, values)
    sizes = [(argument, _size(argument, values)) for argument in arguments]
    near = [
        np.where(np.abs(evaluate(argument, values) - found) <= PRECISION * wide, wide, 0.0) for argument, wide in sizes
    ]
    return reduce(np.maximum, near)


def _of_function(function: str, node: Node, argument: Node, values: Values) -> Array:
    wide, inner, found = _size(argument, values), evaluate(argument, values), evaluate(node, values)
    match function:
        case "exp":
            return found * (1.0 + wide)
        case "log":
            return np.abs(found) + wide / np.abs(inner)
        case "sqrt":
            return np.where(inner == 0.0, np.sqrt(wide), found * wide / np.abs(inner))
        case _:  # abs
            return wide
