"""Exact evaluation of expressions, for the shape of a game and for exporting it without rounding.

A number is the decimal it is written as: 0.1 is one tenth, and an input is the shortest decimal that gives its float.
Results that are not rational, or longer than `LONGEST` bits, are rounded to `DIGITS` significant digits. A condition
that names no input is always decided exactly; one that names an input is decided in floats, as for draws. Where an
expression may name no inputs, no result becomes infinite or 0 by rounding: one beyond the range of floats is refused.
"""

from __future__ import annotations

import decimal
import math
import operator
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from offramp.crisis.expressions.expression import (
    Binary,
    Call,
    Compare,
    IfElse,
    Is,
    Linear,
    Logic,
    Member,
    Name,
    Node,
    Number,
    Rational,
    Unary,
    children,
    combined,
    evaluate,
    is_condition,
    named,
    rational,
    walk,
)

LONGEST = 480
"""Maximum bits of numerator or denominator (144 digits); longer results are rounded. `p/q` has up to 290 digits."""
DIGITS = 12
"""Significant digits of rounded results."""

Extended = Rational | float
"""An intermediate result: a float is infinite or NaN."""

_ROUNDED = decimal.Context(prec=DIGITS, rounding=decimal.ROUND_HALF_EVEN, Emin=-999_999, Emax=999_999, traps=[])
_WORKING = decimal.Context(prec=40, rounding=decimal.ROUND_HALF_EVEN, Emin=-999_999, Emax=999_999, traps=[])
_COMPARISON: Mapping[str, Callable[[Extended, Extended], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ROUNDING: Mapping[str, Callable[[Decimal], Decimal]] = {
    "exp": _WORKING.exp,
    "log": _WORKING.ln,
    "sqrt": _WORKING.sqrt,
}


def exact(node: Node, facts: Mapping[str, Rational], inputs: Mapping[str, float] | None = None) -> Rational:
    """Evaluate a resolved expression in one context, exactly.

    Parameters
    ----------
    node
        The expression's root.
    facts
        A number for every named step (its code, as for `evaluate`) and state, and for `round`.
    inputs
        The values of the inputs in one draw; None if the expression may name none.

    Raises
    ------
    ArithmeticError
        If the value is not a finite number; without inputs, also if any result on the way is too large for a float, or
        so small that its float is 0. It says which.

    Examples
    --------
    >>> from offramp.crisis.expressions.grammar import parse
    >>> exact(parse("0.1 + x / 3"), {"x": Fraction(1, 5)})
    Fraction(1, 6)
    >>> exact(parse("sqrt(x)"), {"x": 2})
    Fraction(141421356237, 100000000000)
    """
    value = _Exact(facts, inputs or {}, strict=inputs is None).value(node)
    if isinstance(value, float):
        raise ArithmeticError("is not a finite number")
    return value


def exact_conditions(node: Node, inputs: Collection[str]) -> tuple[Node, ...]:
    """The largest conditions within an expression that compare numbers and name none of the `inputs`.

    Examples
    --------
    >>> from offramp.crisis.expressions.grammar import parse
    >>> exact_conditions(parse("cost * (losses >= 0.8) - (cost > 2)"), ["cost"])
    (Compare(operators=('>=',), operands=(Name(name='losses', at=8), Number(value=Fraction(4, 5)))),)
    """
    compared = any(isinstance(part, Compare | Member) for part in walk(node))
    return tuple(_split(node, inputs)[1]) if compared else ()


def as_written(value: float) -> Rational:
    """The shortest decimal that gives a float.

    >>> as_written(0.1)
    Fraction(1, 10)
    """
    return rational(Fraction(repr(float(value))))


def rounded(value: float) -> Rational:
    """A finite float rounded to `DIGITS` significant digits.

    >>> rounded(2 / 3)
    Fraction(666666666667, 1000000000000)
    """
    return rational(Fraction(_ROUNDED.plus(Decimal(value))))


def is_long(value: Rational) -> bool:
    """Whether a number is too long to keep exactly."""
    return max(value.numerator.bit_length(), value.denominator.bit_length()) > LONGEST


def _split(node: Node, inputs: Collection[str]) -> tuple[bool, list[Node]]:
    """Whether a node names no input, and its exact conditions."""
    if isinstance(node, Name | Linear):
        return not any(name in inputs for name in named(node)), []
    input_free, conditions = True, list[Node]()
    for part in children(node):
        part_free, part_conditions = _split(part, inputs)
        input_free &= part_free
        conditions += part_conditions
    if input_free and is_condition(node) and (conditions or isinstance(node, Compare | Member)):
        return True, [node]
    return input_free, conditions


class _OutOfRangeError(ArithmeticError):
    """A result other than 0 whose nearest float is infinite or 0."""

    def __init__(self, nearest: float) -> None:
        self.nearest = nearest
        why = "too large" if nearest else "too near to 0"
        super().__init__(f"reaches a number that is {why}; exact numbers are 0, or from 4.94e-324 to 1.79e308 in size")


@dataclass(frozen=True)
class _Exact:
    facts: Mapping[str, Rational]
    inputs: Mapping[str, float]
    strict: bool

    def value(self, node: Node) -> Extended:
        try:
            return self.result(node)
        except _OutOfRangeError as error:
            if self.strict:
                raise
            return _from_float(error.nearest)

    def result(self, node: Node) -> Extended:
        match node:
            case Name(name=name):
                return self.facts[name] if name in self.facts else as_written(self.inputs[name])
            case Number(value=value):
                return _bounded(value)
            case Is(step=step, codes=codes, negated=negated):
                return int((self.facts[step] in codes) != negated)
            case Binary(operator=symbol, left=left, right=right):
                return _combined(symbol, self.value(left), self.value(right))
            case Compare() | Member() if self.inputs and self.names_input(node):
                return self.in_floats(node)
            case Compare(operators=symbols, operands=operands):
                sides = [self.value(operand) for operand in operands]
                pairs = zip(symbols, sides, sides[1:], strict=False)
                return int(all(_COMPARISON[symbol](left, right) for symbol, left, right in pairs))
            case Member(item=item, members=members, negated=negated):
                item_value = self.value(item)
                return int(any(item_value == self.value(member) for member in members) != negated)
            case Logic(operator=word, operands=operands):
                truths = (self.value(operand) != 0 for operand in operands)
                return int(all(truths) if word == "and" else any(truths))
            case Unary(operator=symbol, operand=operand):
                number = self.value(operand)
                return -number if symbol == "-" else int(number == 0)
            case IfElse(then=then, condition=condition, otherwise=otherwise):
                return self.value(then if self.value(condition) != 0 else otherwise)
            case Call(function=function, arguments=arguments):
                return _called(function, [self.value(argument) for argument in arguments])
            case Linear(name=name) if name in self.inputs:
                return as_written(self.inputs[name])
            case Linear(coefficients=coefficients, columns=columns):
                return self.sum_of(coefficients, columns)

    def sum_of(self, coefficients: Sequence[str], columns: Sequence[str | None]) -> Extended:
        total: Extended = 0
        for coefficient, column in zip(coefficients, columns, strict=True):
            part = self.value(Name(coefficient))
            part = part if column is None else _combined("*", part, self.value(Name(column)))
            total = _combined("+", total, part)
        return total

    def names_input(self, node: Node) -> bool:
        return any(name in self.inputs for part in walk(node) for name in named(part))

    def in_floats(self, node: Node) -> int:
        numbers: dict[str | Node, Extended] = {part: self.value(part) for part in exact_conditions(node, self.inputs)}
        numbers.update(self.facts)
        numbers.update(self.inputs)
        return int(evaluate(node, {key: np.asarray(float(number)) for key, number in numbers.items()}) != 0.0)


def _combined(symbol: str, left: Extended, right: Extended) -> Extended:
    if isinstance(left, float) or isinstance(right, float) or (symbol == "/" and right == 0):
        return _from_float(float(combined(symbol, float(left), float(right))))
    match symbol:
        case "+":
            return _bounded(left + right)
        case "-":
            return _bounded(left - right)
        case "*":
            return _bounded(left * right)
        case "/":
            return _bounded(Fraction(left) / right)
    return _power(left, right)


def _power(base: Rational, exponent: Rational) -> Extended:
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    whole, vanishes = exponent.denominator == 1, base == 0 and exponent < 0
    if whole and not vanishes and -2 * LONGEST <= exponent * bits <= 2 * LONGEST:
        return _bounded(Fraction(base) ** int(exponent))
    return _rounded(_WORKING.power(_decimal(base), _decimal(exponent)), in_range=base == 0)


def _called(function: str, numbers: list[Extended]) -> Extended:
    first = numbers[0]
    match function:
        case "abs":
            return -first if first < 0 else first
        case "exp" | "log" | "sqrt":
            in_range = function != "exp" or isinstance(first, float)
            return _rounded(_ROUNDING[function](_decimal(first)), in_range=in_range)
    undefined = next((number for number in numbers if number != number), None)
    if undefined is not None:
        return undefined
    match function:
        case "min":
            return min(numbers)
        case "max":
            return max(numbers)
    value, low, high = numbers
    return min(max(value, low), high)


def _bounded(value: Rational) -> Extended:
    return _rounded(_decimal(value)) if is_long(value) else rational(value)


def _rounded(value: Decimal, *, in_range: bool = False) -> Extended:
    """The number rounded to `DIGITS` significant digits; unless it is `in_range`, it is neither infinite nor 0."""
    short = _ROUNDED.plus(value)
    nearest = float(short)
    if not in_range and (math.isinf(nearest) or nearest == 0.0):
        raise _OutOfRangeError(nearest)
    return rational(Fraction(short)) if math.isfinite(nearest) and nearest != 0.0 else _from_float(nearest)


def _from_float(value: float) -> Extended:
    return as_written(value) if math.isfinite(value) else value


def _decimal(value: Extended) -> Decimal:
    if isinstance(value, float):
        return Decimal(value)
    return _WORKING.divide(Decimal(value.numerator), Decimal(value.denominator))
