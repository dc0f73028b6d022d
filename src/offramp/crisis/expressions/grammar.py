"""The grammar of expressions: parses a text into a tree of nodes.

    value  :=  numbers, names, + - * / **, comparisons, in [..], and or not, a if c else b,
               min max abs exp log sqrt clip

Precedence is Python's. `parse` does not know the crisis: a bare word becomes a `Name`, which
`offramp.crisis.sections.naming` resolves.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from offramp.common.lookalikes import plain_hint, skeleton
from offramp.common.words import did_you_mean, quoted
from offramp.crisis.expressions.expression import (
    OPERATOR_WORDS,
    Binary,
    Call,
    Compare,
    IfElse,
    Logic,
    Member,
    Name,
    Node,
    Number,
    Unary,
    height,
    rational,
)
from offramp.crisis.expressions.habits import RANGE_FORMS, foreign

MAX_LENGTH = 5_000
MAX_NESTING = 40
MAX_HEIGHT = 150

WORD = r"[^\W\d]\w*"
DOTTED = rf"{WORD}(?:\.\w+)*"
"""The name of an input that belongs to an actor, a column or a sum: `south.rationality`, `regime.dem`, `firm.1`."""
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    rf"|(?P<word>{DOTTED})|(?P<mark>\*\*|<=|>=|==|!=|[-+*/<>()\[\],=]))"
)


class ExpressionError(ValueError):
    """A text that is not a valid expression or distribution: what is wrong, and at which offset."""

    def __init__(self, message: str, offset: int) -> None:
        self.message = message
        self.offset = offset
        super().__init__(message)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int

    def __str__(self) -> str:
        return quoted(self.text) if self.kind != "end" else "the end"


def _tokens(text: str) -> list[_Token]:
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"the expression has {len(text):,} characters; the maximum is {MAX_LENGTH:,}", 0)
    tokens = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            rest = text[position:].lstrip()
            raise ExpressionError(f"unexpected character {quoted(rest[0])}{plain_hint(rest[0])}", len(text) - len(rest))
        kind = str(match.lastgroup)
        tokens.append(_Token(kind, match.group(kind), match.start(kind)))
        position = match.end()
    tokens.append(_Token("end", "", end))
    return tokens


def parse(text: str, *, otherwise: str = "0") -> Node:
    """Parse an expression; `otherwise` is what a message advises for a choice without `else`.

    Raises
    ------
    ExpressionError
        If the text is not an expression, with the offset of the first character that does not fit.

    Examples
    --------
    >>> parse("1 + x")
    Binary(operator='+', left=Number(value=1), right=Name(name='x', at=4))
    """
    try:
        if grown := re.fullmatch(rf"\s*\+\+\s*({WORD})\s*", text):  # two minus signs have a meaning
            raise ExpressionError(f"unexpected '++'; write {grown[1]} + 1", text.index("+"))
        node = _tree(text)
    except ExpressionError as error:
        habit = (_disguised(text) or foreign(text, error.offset, otherwise)) if len(text) <= MAX_LENGTH else None
        raise (ExpressionError(*habit) if habit else error) from None
    if height(node) > MAX_HEIGHT:
        raise ExpressionError(f"operations nested more than {MAX_HEIGHT} deep", 0)
    return node


def parsed(text: str) -> Node | None:
    """The tree of a text as `parse` reads it, or None if it is no expression; what would be right is not looked for.

    Examples
    --------
    >>> parsed("a quiet word") is None
    True
    """
    try:
        node = _tree(text)
    except ExpressionError:
        return None
    return node if height(node) <= MAX_HEIGHT else None


def _tree(text: str) -> Node:
    parser = _Parser(_tokens(text))
    node = parser.choice()
    parser.finish()
    return node


def _disguised(text: str) -> tuple[str, int] | None:
    """The message about the first word that only looks like `and`, `in` and the like, and its place, or None."""
    for word in re.finditer(WORD, text) if not text.isascii() else ():
        plain = skeleton(word[0])
        if plain in OPERATOR_WORDS and plain != word[0]:
            return f"unexpected {quoted(word[0])}{did_you_mean(word[0], plain)}", word.start()
    return None


def as_range(node: Node) -> tuple[float, ...]:
    """The numbers of an expression like `4-9`, which many people write for a range; () for any other expression.

    Examples
    --------
    >>> as_range(parse("4-9")), as_range(parse("4-9-2")), as_range(parse("1 - 2 * 3"))
    ((4.0, 9.0), (4.0, 9.0, 2.0), ())
    """
    sides: list[Node] = []
    while isinstance(node, Binary) and node.operator == "-":
        sides.append(node.right)
        node = node.left
    sides.append(node)
    numbers: list[float] = []
    for side in reversed(sides):
        bare = side.operand if isinstance(side, Unary) and side.operator == "-" else side
        if not isinstance(bare, Number):
            return ()
        numbers.append(float(bare.value) if bare is side else -float(bare.value))
    return tuple(numbers) if len(numbers) > 1 else ()


def _as_band(node: Node) -> tuple[float, float] | None:
    """The numbers of `1 +- 0.5`, which many people write for 1 give or take 0.5; None for any other expression."""
    match node:
        case Binary("+", Number(middle), Unary("-", Number(width))):
            return float(middle), float(width)
        case Binary("+", Unary("-", Number(middle)), Unary("-", Number(width))):
            return -float(middle), float(width)
        case _:
            return None


def check_no_range(node: Node, *, falling: bool) -> None:
    """Refuse `4 - 9`, a bare difference of rising numbers, `1 +- 0.5`, and, if `falling`, also `9 - 4`.

    Raises
    ------
    ExpressionError
        If the expression looks like a range; says how to write one.
    """
    band = _as_band(node)
    if band:
        middle, width = band
        low = f"{middle - width:.12g}"
        forms = RANGE_FORMS.format(low=low, high=f"{middle + width:.12g}")
        raise _likely_range(f"{middle:.12g} +- {width:.12g}", low, forms)
    ends = as_range(node)
    if ends and (falling or any(first < second for first, second in pairwise(ends))):
        written = " - ".join(f"{number:.12g}" for number in ends)
        result = f"{ends[0] - sum(ends[1:]):.12g}"
        low, high = [f"{number:.12g}" for number in sorted(ends)] if len(ends) == 2 else ("LOW", "HIGH")
        forms = RANGE_FORMS.format(low=low, high=high)
        raise _likely_range(written, result, forms)


def _likely_range(written: str, result: str, forms: str) -> ExpressionError:
    """What to say of a number that is likely meant as a range."""
    message = f"'{written}' is the number {result}; write {result} if you mean that, or, for a range, {forms}"
    return ExpressionError(message, 0)


class _Parser:
    """Recursive-descent parser: one method per level of precedence, loosest first."""

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

    def expect(self, text: str, why: str) -> None:
        if not self.take(text):
            raise ExpressionError(f"expected '{text}' {why}, found {self.token}", self.token.at)

    def finish(self) -> None:
        """Check that nothing follows the expression."""
        token = self.token
        if token.kind in ("word", "number") and token.text not in OPERATOR_WORDS:
            raise ExpressionError(f"expected an operator before {token}", token.at)
        if token.kind != "end":
            raise ExpressionError(f"unexpected {token}", token.at)

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
        negated = self.token.text == "not" and self.tokens[self.index + 1].text == "in"
        if negated:
            self.index += 1
        if self.take("in"):
            self.expect("[", "after 'in'")
            members = [self.sum()]
            while self.take(","):
                members.append(self.sum())
            self.expect("]", "after the list of 'in'")
            return Member(first, tuple(members), negated)
        operators: list[str] = []
        operands = [first]
        while operator := self.take("==", "!=", "<=", ">=", "<", ">"):
            operators.append(operator.text)
            operands.append(self.sum())
        return Compare(tuple(operators), tuple(operands)) if operators else first

    def sum(self) -> Node:
        node = self.product()
        while operator := self.take("+", "-"):
            node = Binary(operator.text, node, self.product())
        return node

    def product(self) -> Node:
        node = self.signed()
        while operator := self.take("*", "/"):
            node = Binary(operator.text, node, self.signed())
        return node

    def signed(self) -> Node:
        negative = False
        while sign := self.take("-", "+"):
            negative ^= sign.text == "-"
        node = self.power()
        return Unary("-", node) if negative else node

    def power(self) -> Node:
        base = self.atom()
        if operator := self.take("**"):
            self.depth += 1
            if self.depth > MAX_NESTING:
                raise ExpressionError(f"nested more than {MAX_NESTING} deep", operator.at)
            node = Binary("**", base, self.signed())
            self.depth -= 1
            return node
        return base

    def atom(self) -> Node:
        token = self.token
        if token.kind == "number":
            self.index += 1
            nearest = float(token.text)
            if not math.isfinite(nearest):
                raise ExpressionError(f"the number {token} is too large", token.at)
            if not nearest and re.match("[0.]*[1-9]", token.text):
                raise ExpressionError(f"the number {token} is too near to 0; write 0", token.at)
            return Number(rational(Fraction(Decimal(token.text))) if nearest else 0)
        if token.kind == "word" and token.text not in OPERATOR_WORDS:
            self.index += 1
            return self.call(token) if self.take("(") else Name(token.text, token.at)
        if self.take("("):
            node = self.choice()
            self.expect(")", "to close '('")
            return node
        raise ExpressionError(f"expected a number or a name, found {token}", token.at)

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
