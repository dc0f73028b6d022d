"""Expressions of the crisis language as trees of nodes, evaluated on arrays.

`grammar` parses them. Reading a crisis resolves them (`offramp.crisis.sections.naming`): a comparison of a step with
its options becomes `Is`, and names of `let` are replaced by their expressions. Comparisons and logic give 1 or 0.
`evaluate` never runs Python code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property, reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offramp.common.words import expected
from offramp.crisis.faults import Location

FUNCTIONS = {
    "min": (2, 99),
    "max": (2, 99),
    "abs": (1, 1),
    "exp": (1, 1),
    "log": (1, 1),
    "sqrt": (1, 1),
    "clip": (3, 3),
    "value": (1, 1),
}
"""Minimum and maximum number of arguments of each function."""
VALUE = "value"
"""The function that gives the number of the option taken; resolution replaces it by other nodes."""
OPERATOR_WORDS = frozenset({"and", "or", "not", "in", "if", "else"})
SKIPPED = "skipped"
SKIPPED_CODE = -1
"""The code of a step that does not happen; options have codes from 0."""


Rational = int | Fraction
"""An exact number; whole numbers are ints."""


@dataclass(frozen=True)
class Number:
    """A number, exactly as written."""

    value: Rational


@dataclass(frozen=True)
class Name:
    """An input, a state or `round`; before resolution, any bare word. `at` is its offset in the text."""

    name: str
    at: int = 0


@dataclass(frozen=True)
class Is:
    """Whether a step's value is (or, negated, is not) among `options`; `codes` are their codes."""

    step: str
    options: tuple[str, ...]
    codes: tuple[int, ...]
    negated: bool


@dataclass(frozen=True)
class Unary:
    """`-` or `not`."""

    operator: str
    operand: Node


@dataclass(frozen=True)
class Binary:
    """Arithmetic: `+ - * / **`."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Compare:
    """`first < second <= third`: each neighbouring pair must hold."""

    operators: tuple[str, ...]
    operands: tuple[Node, ...]


@dataclass(frozen=True)
class Member:
    """`item in [..]`, or, negated, `item not in [..]`; after resolution `item` is not a step (see `Is`)."""

    item: Node
    members: tuple[Node, ...]
    negated: bool


@dataclass(frozen=True)
class Logic:
    """`and` or `or` over two or more operands."""

    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True)
class IfElse:
    """`then if condition else otherwise`."""

    then: Node
    condition: Node
    otherwise: Node


@dataclass(frozen=True)
class Call:
    """A function call; only distributions have `keywords`."""

    function: str
    arguments: tuple[Node, ...]
    keywords: tuple[tuple[str, Node], ...] = ()
    at: int = 0


@dataclass(frozen=True)
class Linear:
    """The sum of `coefficients` times `columns`, inputs both; a column None stands for 1.

    Where the sum's own `name` has a value, that is the sum: a fit computes it once for all cases.
    """

    name: str
    coefficients: tuple[str, ...] = field(hash=False)
    columns: tuple[str | None, ...] = field(hash=False)


Node = Number | Name | Is | Unary | Binary | Compare | Member | Logic | IfElse | Call | Linear


def named(node: Node) -> tuple[str, ...]:
    """What a node names by itself, without its operands: an input, a state, `round`, a step, or a sum's inputs."""
    match node:
        case Name(name=name) | Is(step=name):
            return (name,)
        case Linear(coefficients=coefficients, columns=columns):
            return (*coefficients, *(column for column in columns if column is not None))
        case _:
            return ()


def children(node: Node) -> tuple[Node, ...]:
    """The operands of a node, in the order of the text (for `IfElse`: then, condition, otherwise)."""
    match node:
        case Unary(operand=operand):
            return (operand,)
        case Binary(left=left, right=right):
            return (left, right)
        case Compare(operands=operands) | Logic(operands=operands):
            return operands
        case Member(item=item, members=members):
            return (item, *members)
        case IfElse(then=then, condition=condition, otherwise=otherwise):
            return (then, condition, otherwise)
        case Call(arguments=arguments, keywords=keywords):
            return (*arguments, *(value for _, value in keywords))
        case _:
            return ()


def with_children(node: Node, parts: Sequence[Node]) -> Node:
    """The node with other operands, in the order of `children`."""
    match node:
        case Unary(operator=operator):
            return Unary(operator, *parts)
        case Binary(operator=operator):
            return Binary(operator, *parts)
        case Compare() | Logic():
            return replace(node, operands=tuple(parts))
        case Member():
            return replace(node, item=parts[0], members=tuple(parts[1:]))
        case IfElse():
            return IfElse(*parts)
        case Call(arguments=arguments, keywords=keywords):
            named = zip((name for name, _ in keywords), parts[len(arguments) :], strict=True)
            return replace(node, arguments=tuple(parts[: len(arguments)]), keywords=tuple(named))
        case _:
            return node


def is_condition(node: Node) -> bool:
    """Whether a node always gives 1 or 0."""
    return isinstance(node, Is | Compare | Member | Logic) or (isinstance(node, Unary) and node.operator == "not")


def height(node: Node) -> int:
    """The height of the expression tree, which is the depth of recursion of `evaluate`."""
    tallest, stack = 0, [(node, 1)]
    while stack:
        node, level = stack.pop()
        tallest = max(tallest, level)
        stack.extend((child, level + 1) for child in children(node))
    return tallest


def walk(node: Node) -> Iterator[Node]:
    """The node and all its descendants."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(children(node))


@dataclass(frozen=True)
class Expression:
    """A resolved expression, with its text and place for messages; `places` has the place of each name.

    Examples
    --------
    >>> from offramp.crisis.expressions.grammar import parse
    >>> half = Expression("x / 2", Location(1, 1), parse("x / 2"))
    >>> sorted(half.names)
    ['x']
    >>> evaluate(half.root, {"x": np.array([1.0, 3.0])})
    array([0.5, 1.5])
    """

    text: str
    place: Location
    root: Node
    places: Mapping[str, Location] = field(default_factory=dict, compare=False)

    @cached_property
    def names(self) -> frozenset[str]:
        """The inputs, states, steps and `round` that it names."""
        return self.names_outside_sums.union(*(named(total) for total in self.sums))

    @cached_property
    def names_outside_sums(self) -> frozenset[str]:
        """What it names besides the inputs of its sums."""
        return frozenset(name for node in walk(self.root) if not isinstance(node, Linear) for name in named(node))

    @cached_property
    def sums(self) -> frozenset[Linear]:
        """The sums of coefficients times columns that it has."""
        return frozenset(node for node in walk(self.root) if isinstance(node, Linear))


OVER_ROUNDS = frozenset({"all", "always", "any", "count", "ever", "never", "once", "sum", "times", "total"})
"""Functions that are tried for what a state does."""


def call_fault(call: Call) -> str | None:
    """What is wrong with the name or the arguments of a function call, or None."""
    if call.function.lower() == "if":
        return "a choice has the form A if CONDITION else B, as in 1 if x > 0 else 0"
    if call.function.lower() in OPERATOR_WORDS:
        return f"unexpected '{call.function}'; write '{call.function.lower()}'"
    if call.function.lower() in OVER_ROUNDS:
        return (
            f"unknown function '{call.function}'; what is counted or remembered over rounds is a state, a step after "
            "those that change it: {state: NAME, start: 0, becomes: NAME + (STEP == OPTION)}"
        )
    if call.function not in FUNCTIONS:
        return f"unknown function '{call.function}'{expected(call.function, FUNCTIONS)}"
    if call.keywords:
        return f"{call.function}() takes no named values; write equality as '=='"
    least, most = FUNCTIONS[call.function]
    if not least <= len(call.arguments) <= most:
        count = str(least) if least == most else f"{least} to {most}"
        kind = "step" if call.function == VALUE else "value"
        return f"{call.function}() takes {count} {kind}{'s' * (most > 1)}, found {len(call.arguments)}"
    if call.function == VALUE and not isinstance(call.arguments[0], Name):
        return "value() takes a chance step or a move, as in value(STEP)"
    return None


def rational(value: Rational) -> Rational:
    """The number, as an int if it is whole."""
    return value.numerator if value.denominator == 1 else value


Array = NDArray[np.float64]
_ARITHMETIC: dict[str, Callable[..., Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "**": np.power,
}
_COMPARISON: dict[str, Callable[..., Any]] = {
    "==": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
_FUNCTION: dict[str, Callable[..., Any]] = {
    "min": lambda *values: reduce(np.minimum, values),
    "max": lambda *values: reduce(np.maximum, values),
    "abs": np.abs,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "clip": lambda value, low, high: np.minimum(np.maximum(value, low), high),
}


Values = Mapping[Any, NDArray[np.generic]]
"""Arrays by name; also by node, for conditions that are decided elsewhere."""


def combined(operator: str, left: float, right: float) -> Any:
    """The result of `+ - * / **` on two floats."""
    with np.errstate(all="ignore"):
        return _ARITHMETIC[operator](left, right)


def products(total: Linear, values: Values) -> list[Any]:
    """The coefficients of a sum times their columns."""
    parts = zip(total.coefficients, total.columns, strict=True)
    return [values[one] if column is None else np.multiply(values[one], values[column]) for one, column in parts]


def evaluate(node: Node, values: Values) -> Array:
    """Evaluate a resolved expression in floats.

    Parameters
    ----------
    node
        The expression's root.
    values
        An array for every name: codes for steps (options from 0, `SKIPPED_CODE` if skipped), float64 for all else.
        Conditions within the expression can be given too, by node; others are decided in floats. Shapes broadcast.

    Returns
    -------
    float64, of the broadcast shape of the named values. Undefined results (`1/0`, `log(-1)`) are infinite or NaN;
    the caller reports them, as it knows the place.
    """
    with np.errstate(all="ignore"):
        return _evaluate(node, values)


def _evaluate(node: Node, values: Values) -> Array:
    result: Any
    match node:
        case Number(value=number):
            result = float(number)
        case Name(name=name):
            result = values[name]
        case Is(step=step, codes=codes, negated=negated):
            matches = reduce(np.logical_or, [np.equal(values[step], code) for code in codes])
            result = ~matches if negated else matches
        case Compare() | Member() | Logic() | Unary() if node in values:
            result = values[node]
        case Unary(operator="-", operand=operand):
            result = np.negative(_evaluate(operand, values))
        case Unary(operand=operand):
            result = np.equal(_evaluate(operand, values), 0.0)
        case Binary(operator=operator, left=left, right=right):
            result = _ARITHMETIC[operator](_evaluate(left, values), _evaluate(right, values))
        case Compare(operators=operators, operands=operands):
            sides = [_evaluate(operand, values) for operand in operands]
            pairs = zip(operators, sides, sides[1:], strict=False)
            result = reduce(np.logical_and, [_COMPARISON[operator](left, right) for operator, left, right in pairs])
        case Member(item=item, members=members, negated=negated):
            value = _evaluate(item, values)
            matches = reduce(np.logical_or, [np.equal(value, _evaluate(member, values)) for member in members])
            result = ~matches if negated else matches
        case Logic(operator=operator, operands=operands):
            connective = np.logical_and if operator == "and" else np.logical_or
            result = reduce(connective, [np.not_equal(_evaluate(operand, values), 0.0) for operand in operands])
        case IfElse(then=then, condition=condition, otherwise=otherwise):
            chosen = np.not_equal(_evaluate(condition, values), 0.0)
            result = np.where(chosen, _evaluate(then, values), _evaluate(otherwise, values))
        case Call(function=function, arguments=arguments):
            result = _FUNCTION[function](*[_evaluate(argument, values) for argument in arguments])
        case Linear(name=name) if name in values:
            result = values[name]
        case Linear():
            result = reduce(np.add, products(node, values))
    return np.asarray(result, dtype=np.float64)
