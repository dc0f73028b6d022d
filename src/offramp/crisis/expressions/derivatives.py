"""Derivatives of expressions by the names in them, backward through the tree.

`differentiable` evaluates an expression and remembers its parts. From the derivative of any number by the expression's
value it then finds the derivatives by the names, for about the cost of another evaluation (reverse accumulation:
Griewank & Walther 2008, *Evaluating Derivatives*, 3.2). Conditions have no derivative; a kink such as that of
`abs(x)` at 0 takes one side.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.expressions.expression import (
    Array,
    Binary,
    Call,
    IfElse,
    Linear,
    Name,
    Node,
    Unary,
    Values,
    evaluate,
)

Sums = dict[str, Array]
"""By name, the derivative by its value, of the shape of its value."""


@dataclass(frozen=True)
class Differentiable:
    """A value, and how derivatives by it pass on to the names; `back` is None if the value depends on none of them."""

    value: Array
    back: Callable[[Array, Sums], None] | None

    def add_to(self, sums: Sums, adjoint: Array) -> None:
        """Add derivatives by the names to `sums`; `adjoint`: the derivative by the value, or by its repetitions."""
        if self.back is not None:
            with np.errstate(all="ignore"):
                self.back(_summed(adjoint, self.value), sums)


def differentiable(node: Node, values: Values, names: Collection[str]) -> Differentiable:
    """Evaluate an expression so that it can be differentiated by `names`.

    Parameters
    ----------
    node, values
        As for `evaluate`.
    names
        Inputs; a linear sum can be among them, by its own name, if `values` has it.

    Examples
    --------
    >>> from offramp.crisis.expressions.grammar import parse
    >>> x = np.array([1.0, 2.0])
    >>> square = differentiable(parse("x * x + 1"), {"x": x}, ["x"])
    >>> sums: Sums = {}
    >>> square.add_to(sums, np.ones(2))
    >>> sums["x"]
    array([2., 4.])
    """
    with np.errstate(all="ignore"):
        return _differentiable(node, values, frozenset(names))


def _differentiable(node: Node, values: Values, names: frozenset[str]) -> Differentiable:
    match node:
        case Name(name=name) if name in names:
            return _leaf(name, values)
        case Linear():
            return _linear(node, values, names)
        case Unary(operator="-", operand=operand):
            inner = _differentiable(operand, values, names)
            return _of(-inner.value, (inner, lambda adjoint: -adjoint))
        case Binary(operator=operator, left=left, right=right):
            return _binary(operator, _differentiable(left, values, names), _differentiable(right, values, names))
        case IfElse(then=then, condition=condition, otherwise=otherwise):
            holds = evaluate(condition, values) != 0.0
            first, second = (_differentiable(part, values, names) for part in (then, otherwise))
            return _of(
                np.where(holds, first.value, second.value),
                (first, lambda adjoint: np.where(holds, adjoint, 0.0)),
                (second, lambda adjoint: np.where(holds, 0.0, adjoint)),
            )
        case Call(function=function, arguments=arguments):
            return _call(function, [_differentiable(part, values, names) for part in arguments])
        case _:  # other names, numbers, comparisons and logic
            return Differentiable(evaluate(node, values), None)


def _leaf(name: str, values: Values) -> Differentiable:
    value = np.asarray(values[name], dtype=np.float64)

    def back(adjoint: Array, sums: Sums) -> None:
        add(sums, name, adjoint)

    return Differentiable(value, back)


def _linear(node: Linear, values: Values, names: frozenset[str]) -> Differentiable:
    if node.name in values:
        return _leaf(node.name, values)
    value = evaluate(node, values)

    def back(adjoint: Array, sums: Sums) -> None:
        for coefficient, column in zip(node.coefficients, node.columns, strict=True):
            for name, factor in ((coefficient, column), (column, coefficient)):
                if name in names:
                    part = adjoint if factor is None else adjoint * np.asarray(values[factor], dtype=np.float64)
                    add(sums, name, _summed(part, values[name]))

    return Differentiable(value, back)


def _binary(operator: str, left: Differentiable, right: Differentiable) -> Differentiable:
    a, b = left.value, right.value
    if operator == "+":
        return _of(a + b, (left, lambda adjoint: adjoint), (right, lambda adjoint: adjoint))
    if operator == "-":
        return _of(a - b, (left, lambda adjoint: adjoint), (right, lambda adjoint: -adjoint))
    if operator == "*":
        return _of(a * b, (left, lambda adjoint: adjoint * b), (right, lambda adjoint: adjoint * a))
    if operator == "/":
        ratio = a / b
        return _of(ratio, (left, lambda adjoint: adjoint / b), (right, lambda adjoint: -adjoint * ratio / b))
    power = np.power(a, b)
    return _of(
        power,
        (left, lambda adjoint: adjoint * np.where(b == 0.0, 0.0, b * np.power(a, b - 1.0))),
        (right, lambda adjoint: adjoint * np.where(power == 0.0, 0.0, power * np.log(a))),
    )


def _call(function: str, parts: list[Differentiable]) -> Differentiable:
    first = parts[0]
    x = first.value
    if function == "exp":
        grown = np.exp(x)
        return _of(grown, (first, lambda adjoint: adjoint * grown))
    if function == "log":
        return _of(np.log(x), (first, lambda adjoint: adjoint / x))
    if function == "sqrt":
        root = np.sqrt(x)
        return _of(root, (first, lambda adjoint: adjoint / (2.0 * root)))
    if function == "abs":
        return _of(np.abs(x), (first, lambda adjoint: adjoint * np.sign(x)))
    if function == "clip":
        low, high = parts[1], parts[2]
        return _of(
            np.minimum(np.maximum(x, low.value), high.value),
            (first, lambda adjoint: np.where((x >= low.value) & (x <= high.value), adjoint, 0.0)),
            (low, lambda adjoint: np.where((x < low.value) & (low.value <= high.value), adjoint, 0.0)),
            (high, lambda adjoint: np.where(np.maximum(x, low.value) > high.value, adjoint, 0.0)),
        )
    best = first
    for other in parts[1:]:
        best = _picked(best, other, np.minimum if function == "min" else np.maximum)
    return best


def _picked(one: Differentiable, other: Differentiable, pick: Callable[[Array, Array], Array]) -> Differentiable:
    """The smaller or the larger of two; the first if they are equal."""
    value = pick(one.value, other.value)
    ours = value == one.value
    return _of(
        value,
        (one, lambda adjoint: np.where(ours, adjoint, 0.0)),
        (other, lambda adjoint: np.where(ours, 0.0, adjoint)),
    )


def _of(value: Array, *parts: tuple[Differentiable, Callable[[Array], Array]]) -> Differentiable:
    """A value made of parts, each with what it gets of a derivative by the value."""
    live = [(part.back, part.value, share) for part, share in parts if part.back is not None]

    def back(adjoint: Array, sums: Sums) -> None:
        for pass_on, of, share in live:
            passed = share(adjoint)
            if not np.isfinite(passed).all():  # a part that is not used, such as 1 / x in `1 / x if x > 0 else 0`
                passed = np.where(adjoint == 0.0, 0.0, passed)
            pass_on(_summed(passed, of), sums)

    return Differentiable(value, back if live else None)


def _summed(adjoint: Array, of: NDArray[Any]) -> Array:
    """A derivative summed over the axes along which a value was repeated."""
    shape = np.shape(of)
    if adjoint.shape == shape:
        return adjoint
    adjoint = np.broadcast_to(adjoint, np.broadcast_shapes(adjoint.shape, shape))
    lead = adjoint.ndim - len(shape)
    repeated = tuple(axis for axis in range(adjoint.ndim) if axis < lead or shape[axis - lead] < adjoint.shape[axis])
    return np.asarray(adjoint.sum(axis=repeated, keepdims=True).reshape(shape))


def add(sums: Sums, name: str, adjoint: Array) -> None:
    """Add a derivative by a name to `sums`."""
    sums[name] = sums[name] + adjoint if name in sums else adjoint
