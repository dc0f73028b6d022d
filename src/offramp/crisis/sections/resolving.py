"""Resolves the names in an expression: expands lets, and turns comparisons of steps with options into `Is`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

from offramp.common.words import listed, nearest
from offramp.crisis.distribution import NAMES as DISTRIBUTIONS
from offramp.crisis.expressions.exact import exact
from offramp.crisis.expressions.expression import (
    FUNCTIONS,
    SKIPPED,
    SKIPPED_CODE,
    VALUE,
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
    call_fault,
    children,
    is_condition,
    walk,
)
from offramp.crisis.expressions.habits import WORDS
from offramp.crisis.faults import Location
from offramp.crisis.scalars import RESERVED
from offramp.crisis.text.document import Scalar

MAX_EXPANDED = 20_000

Kind = Literal["chance", "move", "state", "input", "sum", "text", "let", "actor", "broken"]
KIND_WORDS = {
    "chance": "a chance step",
    "move": "a move",
    "state": "a state",
    "input": "an input",
    "sum": "a sum of coefficients",
    "text": "a column of text",
    "let": "a let",
    "actor": "an actor",
    "broken": "another entry",
}
STEPS: tuple[Kind, ...] = ("chance", "move")
NAMEABLE: tuple[Kind, ...] = ("chance", "move", "state", "input", "sum", "let", "broken")
"""Kinds of names that an expression can use."""


@dataclass(frozen=True)
class Symbol:
    """The meaning of a name; the kind is `broken` if its own entry has a fault, which stops further messages."""

    kind: Kind
    place: Location
    options: tuple[str, ...] = ()
    values: Mapping[str, Rational] = field(default_factory=dict)
    """The numbers of the options that have one."""


@dataclass(frozen=True)
class Use:
    """A use of a name in a text, at an offset; `via` is the let that contains it, if any."""

    name: str
    at: int
    via: str | None = None


@dataclass(frozen=True)
class Resolved:
    """A text with its names resolved; `size` counts its nodes with lets expanded."""

    root: Node
    uses: tuple[Use, ...]
    size: int
    broken: bool


class KnownNames(Protocol):
    """The names that an expression can use; `naming.Namespace` has them."""

    @property
    def symbols(self) -> Mapping[str, Symbol]: ...
    @property
    def resolved_lets(self) -> Mapping[str, Resolved]: ...
    @property
    def sums(self) -> Mapping[str, Linear]: ...
    def fault(self, place: Location, message: str) -> None: ...
    def of_kind(self, *kinds: Kind) -> list[str]: ...
    def may_be(self, name: str, *kinds: Kind) -> bool: ...
    def option_hint(self, step: str, word: str, options: Iterable[str]) -> str: ...
    def option_number(self, step: str) -> Resolved: ...


def arithmetic_parts(node: Node) -> list[Node]:
    """The operands that `+ - * / **` and signs combine, or the node itself."""
    parts: list[Node] = []
    pending = [node]
    while pending:
        node = pending.pop()
        if isinstance(node, Binary) or (isinstance(node, Unary) and node.operator == "-"):
            pending += children(node)
        else:
            parts.append(node)
    return parts


def number_of_option(step: str, symbol: Symbol) -> Node:
    """The number of the option that a step takes, 0 if it is skipped: a choice between halves of the options.

    The halves keep the tree low, and an evaluation in one context short.
    """
    numbers = [symbol.values[option] for option in symbol.options]
    alike_to = list(range(1, len(numbers) + 1))  # up to which option the numbers are the same
    for code in reversed(range(len(numbers) - 1)):
        if numbers[code] == numbers[code + 1]:
            alike_to[code] = alike_to[code + 1]

    def among(codes: range) -> Node:
        if alike_to[codes.start] >= codes.stop:
            return Number(numbers[codes.start])
        middle = len(codes) // 2
        first = tuple(codes[:middle])
        taken = Is(step, tuple(symbol.options[code] for code in first), first, negated=False)
        return IfElse(among(codes[:middle]), taken, among(codes[middle:]))

    return IfElse(Number(0), Is(step, (SKIPPED,), (SKIPPED_CODE,), negated=False), among(range(len(symbol.options))))


@dataclass(eq=False)
class Resolver:
    """Resolves one text: expands lets, and turns comparisons of steps with options into `Is`."""

    names: KnownNames
    text: Scalar
    uses: list[Use] = field(default_factory=list)
    size: int = 0
    broken: bool = False

    def fail(self, at: int, message: str) -> Node:
        self.names.fault(self.text.at(at), message)
        self.broken = True
        return Number(0)

    def resolve(self, node: Node) -> Node:
        self.size += 1
        match node:
            case Number():
                return node
            case Name():
                return self.name(node)
            case Unary(operator="-", operand=operand):
                return replace(node, operand=self.resolve(operand))
            case Unary(operand=operand):
                return replace(node, operand=self.condition(operand))
            case Binary(left=left, right=right):
                return replace(node, left=self.resolve(left), right=self.resolve(right))
            case Compare(operands=operands):
                steps = [side for side in operands if self.kind(side) in STEPS]
                if self.report_missing_parentheses(node) or self.report_text(operands):
                    return node
                if steps:
                    return self.step_comparison(node, steps)
                return self.fold_constant(replace(node, operands=self.resolve_sides(operands)))
            case Member(item=item, members=members, negated=negated):
                if self.report_missing_parentheses(node) or self.report_text((item, *members)):
                    return node
                if isinstance(item, Name) and self.kind(item) in STEPS:
                    return self.is_option(item, members, negated)
                item, *resolved = self.resolve_sides((item, *members))
                return self.fold_constant(replace(node, item=item, members=tuple(resolved)))
            case Logic(operands=operands):
                return replace(node, operands=tuple([self.condition(operand) for operand in operands]))
            case IfElse(then=then, condition=condition, otherwise=otherwise):
                return IfElse(self.resolve(then), self.condition(condition), self.resolve(otherwise))
            case Call(function=function, arguments=arguments, at=at):
                fault = call_fault(node)
                if function == VALUE:
                    return self.fail(at, fault) if fault else self.option_number(node.arguments[0])
                if function in DISTRIBUTIONS:
                    fault = (
                        f"{function}() is a distribution; use it only as the whole value of an input or a rationality"
                    )
                if fault:
                    self.fail(at, fault)
                return replace(node, arguments=self.all(arguments))
        raise AssertionError(node)

    def condition(self, node: Node) -> Node:
        """The resolved condition; a number in place of a condition holds if it is not zero."""
        node = self.resolve(node)
        return node if is_condition(node) else self.fold_constant(Compare(("!=",), (node, Number(0))))

    def fold_constant(self, comparison: Node) -> Node:
        """Replace a comparison without names by 1 or 0, decided exactly."""
        if self.broken or any(isinstance(part, Name | Is | Linear) for part in walk(comparison)):
            return comparison
        try:
            return Number(exact(comparison, {}))
        except ArithmeticError as error:
            return self.fail(0, f"a comparison {error}")

    def all(self, nodes: Iterable[Node]) -> tuple[Node, ...]:
        return tuple([self.resolve(node) for node in nodes])

    def report_missing_parentheses(self, node: Compare | Member) -> bool:
        """Report a comparison of a step with its option that lacks parentheses next to arithmetic; True if reported."""
        sides = children(node)
        if not any(isinstance(side, Binary | Unary) for side in sides):
            return False
        words = [part for side in sides for part in arithmetic_parts(side) if isinstance(part, Name)]
        for step in [word for word in words if self.kind(word) in STEPS]:
            options = (*self.names.symbols[step.name].options, SKIPPED)
            option = next((word for word in words if word.name in options), None)
            if option is not None:
                message = "arithmetic is evaluated before a comparison; put parentheses around the comparison"
                if isinstance(node, Member):
                    members = ", ".join(word.name for word in words if word.name in options)
                    comparison = f"{step.name} {'not ' * node.negated}in [{members}]"
                elif node.operators[0] in ("==", "!="):
                    comparison = f"{step.name} {node.operators[0]} {option.name}"
                else:
                    message = f"options have no order; compare '{step.name}' by == or !=, in parentheses"
                    comparison = f"{step.name} == {option.name}"
                self.fail(min(step.at, option.at), f"{message}: ({comparison})")
                return True
        return False

    def report_text(self, sides: Iterable[Node]) -> bool:
        """Report a comparison of a column of text, whose levels are inputs of their own; True if reported."""
        columns = [side for side in sides if isinstance(side, Name) and self.kind(side) == "text"]
        for column in columns[:1]:
            self.fail(column.at, self.text_column(column.name))
        return bool(columns)

    def text_column(self, name: str) -> str:
        """What to write in place of a column of text."""
        levels = [f"{name}.{level}" for level in self.names.symbols[name].options]
        return f"'{name}' is a column of text; name one of its levels, each of which is 1 or 0 ({listed(levels)})"

    def resolve_sides(self, sides: tuple[Node, ...]) -> tuple[Node, ...]:
        """Resolve the sides of a comparison; of several unknown words only one is reported.

        One of them is likely a misspelt step, and the others its options.
        """
        unknown = [side for side in sides if isinstance(side, Name) and self.kind(side) in (None, "broken")]
        if len(unknown) < 2:
            return self.all(sides)
        self.broken = True
        misspelt = next((side for side in unknown if not self.owners(side.name)), unknown[0])
        if "broken" not in map(self.kind, unknown):
            self.resolve(misspelt)
        return tuple([side if side in unknown else self.resolve(side) for side in sides])

    def kind(self, node: Node) -> str | None:
        """The kind of a declared name, None for an unknown word, or "number" for any other node."""
        if not isinstance(node, Name) or node.name == "round":
            return "number"
        symbol = self.names.symbols.get(node.name)
        return symbol.kind if symbol else None

    def owners(self, word: str) -> list[str]:
        """The steps that have the option `word`."""
        return [step for step, symbol in self.names.symbols.items() if word in symbol.options and symbol.kind != "text"]

    def name(self, node: Name) -> Node:
        name = node.name
        match self.kind(node):
            case None if self.names.may_be(name, *NAMEABLE) and not self.owners(name):
                self.broken = True
            case None:
                base, _, option = name.partition(".")
                if option and base in self.names.symbols and self.names.symbols[base].kind in STEPS:
                    return self.fail(node.at + len(base), f"unexpected '.'; write {base} == {option}")
                return self.fail(node.at, self.unknown(name))
            case "broken":
                self.broken = True
            case "actor":
                return self.fail(node.at, f"'{name}' is an actor, not a number")
            case "chance" | "move":
                symbol = self.names.symbols[name]
                number = f", or write value({name}) for the number of its option" if symbol.values else ""
                message = f"'{name}' is a step, not a number; compare it with one of its options"
                message = f"{message} ({listed(symbol.options)}){number}"
                return self.fail(node.at, message)
            case "let":
                return self.let(node)
            case "text":
                return self.fail(node.at, self.text_column(name))
            case "sum":
                self.uses.append(Use(name, node.at))
                return self.names.sums[name]
            case _:
                self.uses.append(Use(name, node.at))
        return node

    def unknown(self, word: str) -> str:
        owners = self.owners(word)
        if owners:
            return f"'{word}' is an option of '{owners[0]}'; compare it, as in {owners[0]} == {word}"
        column = next((name for name, symbol in self.names.symbols.items() if word in symbol.options), None)
        if column is not None:
            return f"'{word}' is a level of '{column}'; write {column}.{word}"
        if word == SKIPPED:
            return f"'{SKIPPED}' must be compared with a step, as in STEP == {SKIPPED}"
        if word in ("rest", "otherwise"):
            hint = "`rest` is for odds, and `otherwise` for the last ending"
            return f"'{word}' cannot be used in an expression; {hint}"
        if word in RESERVED:
            return f"'{word}' cannot be used in an expression"
        if word.lower() in WORDS:
            return f"'{word}' has no meaning in an expression; write 1 for true and 0 for false"
        if word in FUNCTIONS:
            return f"'{word}' is a function; write {word}(...)"
        return f"unknown name '{word}'{nearest(word, [*self.names.of_kind(*NAMEABLE), 'round'])}"

    def let(self, node: Name) -> Node:
        resolved = self.names.resolved_lets[node.name]
        self.size += resolved.size
        self.broken |= resolved.broken
        self.uses += [Use(name, node.at, via=node.name) for name in dict.fromkeys(use.name for use in resolved.uses)]
        return resolved.root if self.size <= MAX_EXPANDED else node

    def option_number(self, step: Node) -> Node:
        """The resolved `value(step)`."""
        assert isinstance(step, Name)  # `call_fault` reports anything else
        symbol = self.names.symbols.get(step.name)
        if symbol is not None and symbol.kind == "broken":
            self.broken = True
            return step
        if symbol is None or symbol.kind not in STEPS:
            if symbol is None and self.names.may_be(step.name, *STEPS) and not self.owners(step.name):
                self.broken = True
                return step
            problem = f"unknown step '{step.name}'"
            if symbol is not None or step.name == "round":
                what = KIND_WORDS[symbol.kind] if symbol else "the number of the round"
                problem = f"'{step.name}' is {what}; value() takes a chance step or a move"
            elif self.owners(step.name):
                owner = self.owners(step.name)[0]
                problem = f"'{step.name}' is an option of '{owner}'; value() takes the step, as in value({owner})"
            return self.fail(step.at, f"{problem}{nearest(step.name, self.names.of_kind(*STEPS))}")
        without = [option for option in symbol.options if option not in symbol.values]
        if without:
            message = f"value({step.name}): option '{without[0]}' has no value; give it one under `options`, as in"
            return self.fail(step.at, f"{message} {without[0]}: {{value: 0}}")
        self.uses.append(Use(step.name, step.at))
        number = self.names.option_number(step.name)
        self.size += number.size
        return number.root if self.size <= MAX_EXPANDED else step

    def step_comparison(self, node: Compare, steps: list[Node]) -> Node:
        step = steps[0]
        assert isinstance(step, Name)
        options = listed(self.names.symbols[step.name].options)
        if len(steps) > 1:
            other = steps[1]
            assert isinstance(other, Name)
            message = (
                f"'{step.name}' and '{other.name}' are both steps; compare each with one of its options ({options})"
            )
            return self.fail(step.at, message)
        if len(node.operators) > 1 or node.operators[0] not in ("==", "!="):
            message = f"options have no order; compare '{step.name}' by == or != with one of {options}"
            return self.fail(step.at, message)
        option = next(side for side in node.operands if side is not step)
        return self.is_option(step, (option,), node.operators[0] == "!=")

    def is_option(self, step: Name, options: tuple[Node, ...], negated: bool) -> Node:
        allowed = self.names.symbols[step.name].options
        codes = []
        for option in options:
            if not isinstance(option, Name):
                parts = children(option) if isinstance(option, Binary) and option.operator == "-" else ()
                joined = "_".join(part.name for part in parts if isinstance(part, Name))
                hint = f"; a name has no '-': write {joined}" if parts and joined.count("_") else ""
                message = f"'{step.name}' must be compared with one of its options ({listed(allowed)}){hint}"
                return self.fail(step.at, message)
            if option.name != SKIPPED and option.name not in allowed:
                hint = self.names.option_hint(step.name, option.name, [*allowed, SKIPPED])
                message = f"'{option.name}' is not an option of '{step.name}' ({listed(allowed)}){hint}"
                self.fail(option.at, message)
                continue
            codes.append(SKIPPED_CODE if option.name == SKIPPED else allowed.index(option.name))
        self.uses.append(Use(step.name, step.at))
        words = tuple(option.name for option in options if isinstance(option, Name))
        return Is(step.name, words, tuple(codes), negated)
