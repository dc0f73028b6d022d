"""Expressions with exact numbers: what a game's odds and payoffs are when nothing is rounded.

A number stands for the decimal that it is written as: 0.1 is one tenth, and an input is the shortest
decimal that gives its float. Conditions are decided as `evaluate` decides them, in floats, so that the
exact game is the game that is solved; what they choose between is exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from offramp.crisis.expression import Binary, Call, IfElse, Name, Node, Number, Unary, evaluate

LONGEST = 480
"""Bits of numerator and denominator; a longer result falls to floats. Written `p/q` it has up to 290 digits."""


def exact(node: Node, values: Mapping[str, float]) -> Fraction:
    """Evaluate a resolved expression in one context, exactly.

    `exp`, `log`, `sqrt`, powers that are no whole numbers, and results longer than `LONGEST` fall to floats.

    Parameters
    ----------
    node
        The expression's root.
    values
        A number for every name; steps as codes, as `evaluate` takes them.

    Raises
    ------
    ArithmeticError
        Where `evaluate` gives no finite number.

    Examples
    --------
    >>> from offramp.crisis.grammar import parse
    >>> exact(parse("0.1 + x / 3"), {"x": 0.2})
    Fraction(1, 6)
    """
    value = _exact(node, values)
    if value is None:
        raise ArithmeticError("not a finite number")
    return value


def as_written(value: float) -> Fraction:
    """The shortest decimal that gives a float, as a fraction.

    >>> as_written(0.1)
    Fraction(1, 10)
    """
    return Fraction(repr(float(value)))


def is_long(value: Fraction) -> bool:
    """Whether a number is too long to be carried on exactly."""
    return _bits(value) > LONGEST


def _exact(node: Node, values: Mapping[str, float]) -> Fraction | None:
    """The value, or None where it is not finite; floats say what becomes of that further up."""
    match node:
        case Number(value=value):
            return as_written(value)
        case Name(name=name):
            return as_written(values[name])
        case Unary(operator="-", operand=operand):
            number = _exact(operand, values)
            return None if number is None else -number
        case Binary(operator=operator, left=left, right=right):
            first, second = _exact(left, values), _exact(right, values)
            result = None if first is None or second is None else _combined(operator, first, second)
            return _in_floats(node, values) if result is None or is_long(result) else result
        case IfElse(then=then, condition=condition, otherwise=otherwise):
            return _exact(then if _in_floats(condition, values) != 0 else otherwise, values)
        case Call(function="min" | "max" | "abs" | "clip" as function, arguments=arguments):
            numbers = [number for argument in arguments if (number := _exact(argument, values)) is not None]
            if len(numbers) == len(arguments):
                return _chosen(function, numbers)
    return _in_floats(node, values)


def _combined(operator: str, left: Fraction, right: Fraction) -> Fraction | None:
    """Two numbers combined; None where the result is not exact, is far too long, or has no value."""
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return left / right if right else None
    if right.denominator != 1 or (left == 0 and right < 0) or abs(right) * _bits(left) > 2 * LONGEST:
        return None
    return Fraction(left ** int(right))


def _chosen(function: str, numbers: list[Fraction]) -> Fraction:
    match function:
        case "min":
            return min(numbers)
        case "max":
            return max(numbers)
        case "abs":
            return abs(numbers[0])
    value, low, high = numbers
    return min(max(value, low), high)


def _bits(value: Fraction) -> int:
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def _in_floats(node: Node, values: Mapping[str, float]) -> Fraction | None:
    value = float(evaluate(node, {name: np.asarray(number) for name, number in values.items()}))
    return as_written(value) if np.isfinite(value) else None
