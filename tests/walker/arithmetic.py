"""The walker's arithmetic: an evaluator of its own, in which a number is a float only if it depends on inputs."""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from offramp.crisis import model
from offramp.crisis.expressions.expression import (
    Binary,
    Call,
    Compare,
    Expression,
    IfElse,
    Is,
    Linear,
    Logic,
    Member,
    Name,
    Unary,
)
from offramp.crisis.expressions.expression import Node as Formula
from offramp.crisis.expressions.expression import Number as Literal

Number = int | Fraction | float
Value = Number | str

OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": min,
    "max": max,
    "abs": abs,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "clip": lambda x, low, high: min(max(x, low), high),
}
LARGEST, SMALLEST = Fraction(sys.float_info.max), Fraction(math.ulp(0.0))
LONGEST_BITS, SIGNIFICANT_DIGITS = 480, 12


def alike(*numbers: Number) -> list[Number]:
    """The numbers, all as floats if one of them is."""
    return [*map(float, numbers)] if float in map(type, numbers) else [*numbers]


def rounded(number: Number) -> Fraction:
    """A number of few digits, half to even."""
    fraction, exponent = Fraction(number), 0
    while abs(fraction) >= 10**SIGNIFICANT_DIGITS:
        fraction, exponent = fraction / 10, exponent + 1
    while 0 < abs(fraction) < 10 ** (SIGNIFICANT_DIGITS - 1):
        fraction, exponent = fraction * 10, exponent - 1
    return round(fraction) * Fraction(10) ** exponent


def kept(number: Number) -> Number:
    """A number as it is carried on: one of many digits is rounded, unless it is a float."""
    if isinstance(number, float):
        return number
    if number and not SMALLEST <= abs(number) <= LARGEST:
        raise OverflowError("a number beyond the range of floats")
    bits = max(number.numerator.bit_length(), number.denominator.bit_length())
    return rounded(number) if bits > LONGEST_BITS else number


def value_of(formula: Formula, values: Mapping[str, Value]) -> Number:
    """The number that a formula stands for; steps are words, everything else numbers."""

    def of(part: Formula) -> Number:
        return value_of(part, values)

    def compared(symbol: str, left: Formula, right: Formula) -> bool:
        return bool(OPERATORS[symbol](*alike(of(left), of(right))))

    match formula:
        case Literal(value=value):
            return kept(value)
        case Name(name=name):
            number = values[name]
            assert not isinstance(number, str)
            return number
        case Is(step=step, options=options, negated=negated):
            return int((values[step] in options) != negated)
        case Unary(operator="-", operand=operand):
            return -of(operand)
        case Unary(operand=operand):
            return int(of(operand) == 0)
        case Binary(operator=symbol, left=left, right=right):
            first, second = alike(of(left), of(right))
            if symbol in ("/", "**") and not isinstance(first, float):
                first = Fraction(first)
            result = OPERATORS[symbol](first, second)
            if isinstance(result, float) and not isinstance(first, float):  # a power that is no fraction
                return rounded(result)
            return kept(result)
        case Compare(operators=symbols, operands=operands):
            return int(all(map(compared, symbols, operands, operands[1:])))
        case Member(item=item, members=members, negated=negated):
            return int(any(compared("==", item, member) for member in members) != negated)
        case Logic(operator=word, operands=operands):
            return int((all if word == "and" else any)(of(operand) != 0 for operand in operands))
        case IfElse(then=then, condition=condition, otherwise=otherwise):
            return of(then if of(condition) != 0 else otherwise)
        case Linear(coefficients=coefficients, columns=columns):
            parts = zip(coefficients, columns, strict=True)
            return sum(of(Name(one)) * (1 if column is None else of(Name(column))) for one, column in parts)
        case Call(function=function, arguments=arguments):
            numbers = alike(*map(of, arguments))
            result = FUNCTIONS[function](*numbers)
            return rounded(result) if isinstance(result, float) and not isinstance(numbers[0], float) else result


class Sums:
    """Adds two numbers, and each pair of objects once: histories that part late add the same ones."""

    def __init__(self) -> None:
        self.known: dict[tuple[int, int], tuple[Number, Number, Number]] = {}
        """By the identities of two numbers: their sum, and themselves, so that their identities stay theirs."""

    def __call__(self, first: Number, second: Number) -> Number:
        at = id(first), id(second)
        if at not in self.known:
            self.known[at] = first + second, first, second
        return self.known[at][0]


def shown(value: Value) -> str | float:
    """A value as those who see it have it before them."""
    return value if isinstance(value, str) else float(value)


def holds(condition: Expression | None, values: Mapping[str, Value]) -> bool:
    return condition is None or value_of(condition.root, values) != 0


def medians(crisis: model.Crisis) -> dict[str, float]:
    """Every input at its median."""
    half = np.array(0.5)
    return {name: float(given.distribution.quantile(half)) for name, given in crisis.inputs.items()}


def with_pulled(
    crisis: model.Crisis, inputs: Mapping[str, Value], levers: Sequence[str] | None = None
) -> dict[str, Value]:
    """The inputs after levers have set theirs, in the order in which they were pulled; by default those in force."""
    values = dict(inputs)
    for name in crisis.pulled if levers is None else levers:
        values |= {
            target: float(value_of(formula.root, values)) for target, formula in crisis.levers[name].sets.items()
        }
    return values


def rationality(crisis: model.Crisis, inputs: Mapping[str, float] | None = None) -> dict[str, float]:
    """Each actor's rationality, at the medians unless other inputs are given."""
    values = with_pulled(crisis, medians(crisis) if inputs is None else inputs)
    return {name: float(value_of(actor.rationality.root, values)) for name, actor in crisis.actors.items()}


def logit_response(option_values: Mapping[str, float], precision: float) -> dict[str, float]:
    """Choice probabilities at one information set: proportional to exp(precision * value)."""
    best = max(option_values.values())
    weights = {option: math.exp(precision * (value - best)) for option, value in option_values.items()}
    total = sum(weights.values())
    return {option: weight / total for option, weight in weights.items()}
