"""Bounds on the rounding error of an expression: the size of the numbers from which its value is computed.

A large intermediate result hides small ones: `1e17 + x - 1e17` loses an x of 1. The floating-point error of an
expression is at most a few times the machine precision times its *size*, which is its value with all its numbers taken
as positive (Higham 2002, *Accuracy and Stability of Numerical Algorithms*, 3.1 and 4.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.expressions.expression import (
    Binary,
    Call,
    IfElse,
    Linear,
    Name,
    Node,
    Number,
    Unary,
    Values,
    evaluate,
    products,
)

Array = NDArray[np.float64]

PRECISION = float(np.finfo(float).eps)
"""Relative precision of a float."""


def size(node: Node, values: Values) -> Array:
    """The size of a resolved expression, of the broadcast shape of its names.

    Parameters
    ----------
    node, values
        As for `evaluate`; the sizes of sums can be given too, by node.

    Returns
    -------
    At least the absolute value; infinite if unknown. Comparisons and logic count as exact.

    Examples
    --------
    >>> from offramp.crisis.expressions.grammar import parse
    >>> float(size(parse("1e17 + x - 1e17"), {"x": np.array(1.0)}))
    2e+17
    >>> float(size(parse("min(1e17, 2)"), {}))
    2.0
    """
    with np.errstate(all="ignore"):
        sizes = _size(node, values)
    return np.asarray(np.where(np.isnan(sizes), np.inf, sizes), dtype=np.float64)


def _size(node: Node, values: Values) -> Array:
    match node:
        case Number(value=number):
            return np.asarray(abs(float(number)))
        case Name(name=name):
            return np.asarray(np.abs(values[name]))
        case Linear() if node in values:
            return np.asarray(values[node], dtype=np.float64)
        case Linear(name=name) if name in values:
            return np.asarray(np.abs(values[name]))
        case Linear():
            return reduce(np.add, [np.abs(product) for product in products(node, values)])
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
    """The size of a product; 0 if the product is 0, even if a factor's size is infinite (a payoff switched off)."""
    sizes = _size(left, values) * _size(right, values)
    unknown = np.isnan(sizes)
    return np.where(unknown & (evaluate(node, values) == 0.0), 0.0, sizes) if unknown.any() else sizes


def _power(node: Node, base: Node, power: Node, values: Values) -> Array:
    a, b = evaluate(base, values), evaluate(power, values)
    base_size, power_size = _size(base, values), _size(power, values)
    # the relative error of the base is multiplied by the power, the error of the power by the logarithm of the base
    relative = np.abs(b) * base_size / np.abs(a) + np.abs(np.log(np.abs(a))) * power_size
    return np.where(a == 0.0, base_size ** np.abs(b), np.abs(evaluate(node, values)) * (1.0 + relative))


def _picked(node: Node, arguments: Sequence[Node], values: Values) -> Array:
    """The size of a minimum, maximum or clip: that of the arguments that may be its value."""
    value = evaluate(node, values)
    sizes = [(argument, _size(argument, values)) for argument in arguments]
    candidates = [
        np.where(np.abs(evaluate(argument, values) - value) <= PRECISION * width, width, 0.0)
        for argument, width in sizes
    ]
    return reduce(np.maximum, candidates)


def _of_function(function: str, node: Node, argument: Node, values: Values) -> Array:
    inner_size, inner, value = _size(argument, values), evaluate(argument, values), evaluate(node, values)
    match function:
        case "exp":
            return value * (1.0 + inner_size)
        case "log":
            return np.abs(value) + inner_size / np.abs(inner)
        case "sqrt":
            return np.where(inner == 0.0, np.sqrt(inner_size), value * inner_size / np.abs(inner))
        case _:  # abs
            return inner_size
