"""Expressions of the crisis language: a small grammar, evaluated on arrays.

    value  :=  numbers, names, + - * / **, comparisons, in [..], and or not, a if c else b,
               min max abs exp log sqrt clip

Comparisons and logic give 1 or 0. `parse` knows nothing of the crisis: a bare word is a `Name`.
Reading a crisis resolves it (`offramp.crisis.naming`): a comparison of a step with its options
becomes `Is`, and names of `let` are replaced by what they stand for. `evaluate` never sees Python.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.document import Scalar
from offramp.crisis.faults import Place, nearest

MAX_LENGTH = 5_000
MAX_NESTING = 50
MAX_HEIGHT = 250

FUNCTIONS = {"min": (2, 99), "max": (2, 99), "abs": (1, 1), "exp": (1, 1), "log": (1, 1), "sqrt": (1, 1), "clip": (3, 3)}
OPERATOR_WORDS = frozenset({"and", "or", "not", "in", "if", "else"})
SKIPPED = "skipped"
SKIPPED_CODE = -1
"""The code of a step's value when the step does not happen; options count from 0."""


@dataclass(frozen=True)
class Number:
    value: float


@dataclass(frozen=True)
class Name:
    """An input, a state or `round`; before resolution, any bare word. `at` is its offset in the text."""

    name: str
    at: int = 0


@dataclass(frozen=True)
class Is:
    """Whether a step's value is (or, negated, is not) among options; `codes` number the options."""

    step: str
    options: tuple[str, ...]
    codes: tuple[int, ...]
    negated: bool
    at: int = 0


@dataclass(frozen=True)
class Unary:
    operator: str
    operand: Node


@dataclass(frozen=True)
class Binary:
    operator: str
    left: Node
    right: Node
    at: int = 0


@dataclass(frozen=True)
class Compare:
    """`first < second <= third`: each neighbouring pair must hold."""

    operators: tuple[str, ...]
    operands: tuple[Node, ...]
    at: int = 0


@dataclass(frozen=True)
class Member:
    item: Node
    members: tuple[Node, ...]
    negated: bool
    at: int = 0


@dataclass(frozen=True)
class Logic:
    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True)
class IfElse:
    then: Node
    condition: Node
    otherwise: Node


@dataclass(frozen=True)
class Call:
    """A function; `keywords` occur in distributions only."""

    function: str
    arguments: tuple[Node, ...]
    keywords: tuple[tuple[str, Node], ...] = ()
    at: int = 0


Node = Number | Name | Is | Unary | Binary | Compare | Member | Logic | IfElse | Call


def children(node: Node) -> tuple[Node, ...]:
    """The operands of a node, in the order they are written."""
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


def height(node: Node) -> int:
    """Levels of the expression tree; evaluation recurses this deep."""
    tallest, stack = 0, [(node, 1)]
    while stack:
        node, level = stack.pop()
        tallest = max(tallest, level)
        stack.extend((child, level + 1) for child in children(node))
    return tallest


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(children(node))


@dataclass(frozen=True)
class Expression:
    """A resolved expression, with its text and place for messages.

    Examples
    --------
    >>> from offramp.crisis.faults import Place
    >>> half = Expression("x / 2", Place(1, 1), parse("x / 2"))
    >>> sorted(half.names)
    ['x']
    >>> evaluate(half.root, {"x": np.array([1.0, 3.0])})
    array([0.5, 1.5])
    """

    text: str
    place: Place
    root: Node

    @cached_property
    def names(self) -> frozenset[str]:
        """The inputs, states, steps and `round` that it names."""
        found = set()
        for node in walk(self.root):
            if isinstance(node, Name):
                found.add(node.name)
            elif isinstance(node, Is):
                found.add(node.step)
        return frozenset(found)


def place_in(text: str, offset: int) -> Place:
    """The place of a character of `text`; line 1 where the text does not come from a file."""
    return text.at(offset) if isinstance(text, Scalar) else Place(1, offset + 1)


class ExpressionError(ValueError):
    """A text that is no expression: what was found, and at which offset."""

    def __init__(self, message: str, offset: int) -> None:
        self.message = message
        self.offset = offset
        super().__init__(f"{message} (at character {offset + 1})")


_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)|(?P<word>[^\W\d]\w*)"
    r"|(?P<mark>\*\*|<=|>=|==|!=|[-+*/<>()\[\],=]))"
)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int


def _tokens(text: str) -> list[_Token]:
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"an expression of {len(text):,} characters; at most {MAX_LENGTH:,} are read", 0)
    tokens = []
    position = 0
    end = len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            at = position + len(text[position:]) - len(text[position:].lstrip())
            hint = "; comparison is written '=='" if text[at] == "≠" else ""
            raise ExpressionError(f"unexpected character {text[at]!r} in an expression{hint}", at)
        kind = str(match.lastgroup)
        tokens.append(_Token(kind, match.group(kind), match.start(kind)))
        position = match.end()
    tokens.append(_Token("end", "", end))
    return tokens


def parse(text: str) -> Node:
    """Parse an expression.

    Raises
    ------
    ExpressionError
        With the offset of the first character that does not fit.

    Examples
    --------
    >>> parse("1 + x")
    Binary(operator='+', left=Number(value=1.0), right=Name(name='x', at=4), at=2)
    """
    parser = _Parser(_tokens(text))
    node = parser.choice()
    token = parser.token
    if token.kind != "end":
        if token.text == "=":
            raise ExpressionError("unexpected '='; equality is written '=='", token.at)
        raise ExpressionError(f"unexpected '{token.text}' in an expression", token.at)
    if height(node) > MAX_HEIGHT:
        raise ExpressionError(f"more than {MAX_HEIGHT} operations one inside the other", 0)
    return node


class _Parser:
    """Recursive descent, one method a level of precedence, loosest first."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.index = 0
        self.depth = 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.index]

    def take(self, *texts: str) -> _Token | None:
        token = self.token
        if token.kind != "number" and token.text in texts:
            self.index += 1
            return token
        return None

    def expect(self, text: str, after: str) -> None:
        if not self.take(text):
            found = f"'{self.token.text}'" if self.token.kind != "end" else "the end"
            raise ExpressionError(f"expected '{text}' {after}, found {found}", self.token.at)

    def choice(self) -> Node:
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise ExpressionError(f"nested more than {MAX_NESTING} deep", self.token.at)
        node = self.either()
        if self.take("if"):
            condition = self.either()
            self.expect("else", "after the condition of 'a if c else b'")
            node = IfElse(node, condition, self.choice())
        self.depth -= 1
        return node

    def either(self) -> Node:
        operands = [self.both()]
        while self.take("or"):
            operands.append(self.both())
        return operands[0] if len(operands) == 1 else Logic("or", tuple(operands))

    def both(self) -> Node:
        operands = [self.negation()]
        while self.take("and"):
            operands.append(self.negation())
        return operands[0] if len(operands) == 1 else Logic("and", tuple(operands))

    def negation(self) -> Node:
        count = 0
        while self.take("not"):
            count += 1
        node = self.comparison()
        if count:
            node = Unary("not", node) if count % 2 else Unary("not", Unary("not", node))
        return node

    def comparison(self) -> Node:
        first = self.sum()
        at = self.token.at
        negated = self.token.text == "not" and self.tokens[self.index + 1].text == "in"
        if negated:
            self.index += 1
        if self.take("in"):
            self.expect("[", "after 'in'")
            members = [self.sum()]
            while self.take(","):
                members.append(self.sum())
            self.expect("]", "after the list of 'in'")
            return Member(first, tuple(members), negated, at)
        operators: list[str] = []
        operands = [first]
        while operator := self.take("==", "!=", "<=", ">=", "<", ">"):
            operators.append(operator.text)
            operands.append(self.sum())
        return Compare(tuple(operators), tuple(operands), at) if operators else first

    def sum(self) -> Node:
        node = self.product()
        while operator := self.take("+", "-"):
            node = Binary(operator.text, node, self.product(), operator.at)
        return node

    def product(self) -> Node:
        node = self.signed()
        while operator := self.take("*", "/"):
            node = Binary(operator.text, node, self.signed(), operator.at)
        return node

    def signed(self) -> Node:
        negative, signs = False, 0
        while sign := self.take("-", "+"):
            negative ^= sign.text == "-"
            signs += 1
        node = self.power()
        return Unary("-", node) if negative else node

    def power(self) -> Node:
        base = self.atom()
        if operator := self.take("**"):
            self.depth += 1
            if self.depth > MAX_NESTING:
                raise ExpressionError(f"nested more than {MAX_NESTING} deep", operator.at)
            node = Binary("**", base, self.signed(), operator.at)
            self.depth -= 1
            return node
        return base

    def atom(self) -> Node:
        token = self.token
        if token.kind == "number":
            self.index += 1
            value = float(token.text)
            if not math.isfinite(value):
                raise ExpressionError(f"the number {token.text} is too large", token.at)
            return Number(value)
        if token.kind == "word" and token.text not in OPERATOR_WORDS:
            self.index += 1
            return self.call(token) if self.take("(") else Name(token.text, token.at)
        if self.take("("):
            node = self.choice()
            self.expect(")", "to close '('")
            return node
        found = f"'{token.text}'" if token.kind != "end" else "the end"
        raise ExpressionError(f"expected a number or a name, found {found}", token.at)

    def call(self, function: _Token) -> Node:
        arguments: list[Node] = []
        keywords: list[tuple[str, Node]] = []
        while not self.take(")"):
            if arguments or keywords:
                self.expect(",", f"or ')' in {function.text}(...)")
            word = self.token
            if word.kind == "word" and self.tokens[self.index + 1].text == "=":
                self.index += 2
                keywords.append((word.text, self.choice()))
            elif keywords:
                raise ExpressionError("a value without a name cannot follow a named one", word.at)
            else:
                arguments.append(self.choice())
        return Call(function.text, tuple(arguments), tuple(keywords), function.at)


def call_fault(call: Call) -> str | None:
    """What is wrong with a function call's name or number of arguments, if anything."""
    if call.function not in FUNCTIONS:
        return f"unknown function '{call.function}'{nearest(call.function, FUNCTIONS)}"
    if call.keywords:
        return f"{call.function}() takes no named values"
    least, most = FUNCTIONS[call.function]
    if not least <= len(call.arguments) <= most:
        wanted = str(least) if least == most else f"at least {least}"
        return f"{call.function}() takes {wanted} value{'s' * (wanted != '1')}, found {len(call.arguments)}"
    return None


Array = NDArray[np.float64]
_ARITHMETIC = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "**": np.power}
_COMPARISON = {
    "==": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}


def evaluate(node: Node, values: Mapping[str, NDArray[np.generic]]) -> Array:
    """Evaluate a resolved expression.

    Parameters
    ----------
    values
        For every name an array; steps as codes (options from 0, `SKIPPED_CODE` where skipped),
        all else as float64. Shapes broadcast.

    Returns
    -------
    float64, of the broadcast shape of the values named. Undefined results (`1/0`, `log(-1)`) are
    infinite or NaN: the caller knows the place, and says so.
    """
    with np.errstate(all="ignore"):
        return _evaluate(node, values)


def _evaluate(node: Node, values: Mapping[str, NDArray[np.generic]]) -> Array:
    match node:
        case Number(value=value):
            return np.asarray(value)
        case Name(name=name):
            return np.asarray(values[name], dtype=np.float64)
        case Is(step=step, codes=codes, negated=negated):
            column = values[step]
            held = np.equal(column, codes[0])
            for code in codes[1:]:
                held = held | np.equal(column, code)
            return np.asarray(~held if negated else held, dtype=np.float64)
        case Unary(operator=operator, operand=operand):
            value = _evaluate(operand, values)
            return np.asarray(np.negative(value) if operator == "-" else np.equal(value, 0.0), dtype=np.float64)
        case Binary(operator=operator, left=left, right=right):
            return np.asarray(_ARITHMETIC[operator](_evaluate(left, values), _evaluate(right, values)))
        case Compare(operators=operators, operands=operands):
            sides = [_evaluate(operand, values) for operand in operands]
            held = _COMPARISON[operators[0]](sides[0], sides[1])
            for operator, left_side, right_side in zip(operators[1:], sides[1:], sides[2:], strict=False):
                held = held & _COMPARISON[operator](left_side, right_side)
            return np.asarray(held, dtype=np.float64)
        case Member(item=item, members=members, negated=negated):
            value = _evaluate(item, values)
            held = np.equal(value, _evaluate(members[0], values))
            for member in members[1:]:
                held = held | np.equal(value, _evaluate(member, values))
            return np.asarray(~held if negated else held, dtype=np.float64)
        case Logic(operator=operator, operands=operands):
            held = np.not_equal(_evaluate(operands[0], values), 0.0)
            for operand in operands[1:]:
                other = np.not_equal(_evaluate(operand, values), 0.0)
                held = held & other if operator == "and" else held | other
            return np.asarray(held, dtype=np.float64)
        case IfElse(then=then, condition=condition, otherwise=otherwise):
            chosen = np.not_equal(_evaluate(condition, values), 0.0)
            return np.where(chosen, _evaluate(then, values), _evaluate(otherwise, values))
        case Call(function=function, arguments=arguments):
            return _call(function, [_evaluate(argument, values) for argument in arguments])


def _call(function: str, arguments: list[Array]) -> Array:
    match function:
        case "min" | "max":
            result = arguments[0]
            for argument in arguments[1:]:
                result = np.minimum(result, argument) if function == "min" else np.maximum(result, argument)
            return result
        case "clip":
            return np.asarray(np.minimum(np.maximum(arguments[0], arguments[1]), arguments[2]))
        case "abs":
            return np.asarray(np.abs(arguments[0]))
        case "exp":
            return np.asarray(np.exp(arguments[0]))
        case "log":
            return np.asarray(np.log(arguments[0]))
        case _:
            return np.asarray(np.sqrt(arguments[0]))
