"""What names mean: one namespace of steps, states, inputs, lets and actors, and who may name what.

`Namespace.expression` turns a text into a resolved `Expression`, and says of every name that does
not belong there why not. What may be named depends on where the expression stands: a `Scope`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from offramp.crisis.document import Scalar
from offramp.crisis.expression import (
    MAX_HEIGHT,
    SKIPPED,
    SKIPPED_CODE,
    Binary,
    Call,
    Compare,
    Expression,
    ExpressionError,
    IfElse,
    Is,
    Logic,
    Member,
    Name,
    Node,
    Number,
    Unary,
    call_fault,
    height,
    parse,
)
from offramp.crisis.faults import Fault, Place, listed, nearest

MAX_EXPANDED = 20_000

Kind = Literal["chance", "move", "state", "input", "let", "actor", "broken"]
KIND_WORDS = {
    "chance": "a chance step",
    "move": "a move",
    "state": "a state",
    "input": "an input",
    "let": "a let",
    "actor": "an actor",
}


@dataclass(frozen=True)
class Symbol:
    """What a name stands for; `broken` where its own entry has a fault, so that nothing more is said of it."""

    kind: Kind
    place: Place
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scope:
    """What an expression may name.

    `what` is the place in the user's words ("the `if` of 'reply'"); `known` the steps and states that
    have a value there, or None where no step may be named.
    """

    what: str
    known: Collection[str] | None
    inputs: bool = False
    round: bool = False
    siblings: Collection[str] = ()
    unknown: str = "comes later in the timeline (line {line}); only what comes before can be named here"


@dataclass(frozen=True)
class _Use:
    name: str
    at: int
    via: str | None = None


class _Broken(Exception):
    """The expression cannot be resolved; what there is to say has been said."""


@dataclass
class Namespace:
    """The names of a crisis, and the faults found while resolving."""

    symbols: dict[str, Symbol] = field(default_factory=dict)
    lets: dict[str, Scalar] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    _resolved_lets: dict[str, tuple[Node, list[_Use], int] | None] = field(default_factory=dict)
    _open_lets: list[str] = field(default_factory=list)

    def fault(self, place: Place, message: str) -> None:
        self.faults.append(Fault(place, message))

    def declare(self, name: Scalar, kind: Kind, options: tuple[str, ...] = ()) -> None:
        """Enter a name; the same name twice is a fault."""
        first = self.symbols.get(name)
        if first is not None:
            taken = KIND_WORDS.get(first.kind, "in use")
            self.fault(name.place, f"'{name}' is already {taken} (line {first.place.line}); names are used once")
            return
        self.symbols[str(name)] = Symbol(kind, name.place, options)

    def expression(self, text: Scalar, scope: Scope) -> Expression | None:
        """Resolve a text, or say what is wrong with it and return None."""
        try:
            root, uses, _ = self._resolve_text(text)
        except _Broken:
            return None
        faults = [fault for use in uses if (fault := self._misuse(use, text, scope))]
        self.faults.extend(dict.fromkeys(faults))
        return None if faults else Expression(str(text), text.place, root)

    def resolve_lets(self) -> None:
        """Resolve every let, so that a fault in one that nobody uses is found too."""
        for name in self.lets:
            self._let(name)

    def _resolve_text(self, text: Scalar) -> tuple[Node, list[_Use], int]:
        try:
            node = parse(text)
        except ExpressionError as error:
            self.fault(text.at(error.offset), error.message)
            raise _Broken from None
        resolver = _Resolver(self, text)
        root = resolver.resolve(node)
        if resolver.broken:
            raise _Broken
        if height(root) > MAX_HEIGHT:
            self.fault(text.place, f"with its lets written out, more than {MAX_HEIGHT} operations one inside the other")
            raise _Broken
        return root, resolver.uses, resolver.size

    def _let(self, name: str) -> tuple[Node, list[_Use], int] | None:
        if name in self._open_lets:
            circle = " -> ".join([*self._open_lets[self._open_lets.index(name) :], name])
            self.fault(self.lets[name].place, f"a let cannot stand for itself: {circle}")
            return None
        if name not in self._resolved_lets:
            self._open_lets.append(name)
            try:
                self._resolved_lets[name] = self._resolve_text(self.lets[name])
            except _Broken:
                self._resolved_lets[name] = None
            self._open_lets.pop()
        return self._resolved_lets[name]

    def _misuse(self, use: _Use, text: Scalar, scope: Scope) -> Fault | None:
        """Why `use` does not belong in `scope`, if it does not."""
        via = f"'{use.via}' names '{use.name}', which" if use.via else f"'{use.name}'"
        place = text.at(use.at)
        if use.name == "round":
            if scope.round:
                return None
            return Fault(place, f"{via} is known only inside and after `rounds`, not in {scope.what}")
        symbol = self.symbols[use.name]
        if symbol.kind == "input":
            if scope.inputs:
                return None
            reason = "the shape of the game is the same in every draw"
            return Fault(place, f"{via} is an input; {scope.what} may name steps and states only ({reason})")
        if scope.known is None:
            return Fault(place, f"{via} is {KIND_WORDS[symbol.kind]}; {scope.what} may name inputs only")
        if use.name in scope.known:
            return None
        if use.name in scope.siblings:
            return Fault(place, f"{via} is made at the same time; inside `together` nothing may name a sibling")
        return Fault(place, f"{via} {scope.unknown.format(line=symbol.place.line)}")


@dataclass
class _Resolver:
    """Resolves one text: lets written out, comparisons of steps with options turned into `Is`."""

    namespace: Namespace
    text: Scalar
    uses: list[_Use] = field(default_factory=list)
    size: int = 0
    broken: bool = False

    def fail(self, at: int, message: str) -> Node:
        self.namespace.fault(self.text.at(at), message)
        self.broken = True
        return Number(0.0)

    def resolve(self, node: Node) -> Node:
        self.size += 1
        match node:
            case Number():
                return node
            case Name():
                return self.name(node)
            case Unary(operand=operand):
                return replace(node, operand=self.resolve(operand))
            case Binary(left=left, right=right):
                return replace(node, left=self.resolve(left), right=self.resolve(right))
            case Compare(operands=operands):
                steps = [side for side in operands if self.symbol_kind(side) in ("chance", "move")]
                if steps:
                    return self.step_comparison(node, steps)
                return replace(node, operands=tuple(self.resolve(operand) for operand in operands))
            case Member(item=item, members=members, negated=negated):
                if isinstance(item, Name) and self.symbol_kind(item) in ("chance", "move"):
                    return self.is_option(item, members, negated, item.at)
                resolved = tuple(self.resolve(member) for member in members)
                return replace(node, item=self.resolve(item), members=resolved)
            case Logic(operands=operands):
                return replace(node, operands=tuple(self.resolve(operand) for operand in operands))
            case IfElse(then=then, condition=condition, otherwise=otherwise):
                return IfElse(self.resolve(then), self.resolve(condition), self.resolve(otherwise))
            case Call(arguments=arguments, at=at):
                fault = call_fault(node)
                if fault:
                    return self.fail(at, fault)
                return replace(node, arguments=tuple(self.resolve(argument) for argument in arguments))
        raise AssertionError(node)

    def symbol_kind(self, node: Node) -> str | None:
        symbol = self.namespace.symbols.get(node.name) if isinstance(node, Name) else None
        if symbol and symbol.kind == "broken":
            self.broken = True
        return symbol.kind if symbol else None

    def name(self, node: Name) -> Node:
        symbols = self.namespace.symbols
        name = node.name
        if name == "round":
            self.uses.append(_Use(name, node.at))
            return node
        if name not in symbols:
            owners = [step for step, symbol in symbols.items() if name in symbol.options]
            if owners:
                return self.fail(node.at, f"'{name}' is an option of '{owners[0]}'; compare it, as in {owners[0]} == {name}")
            return self.fail(node.at, f"unknown name '{name}'{nearest(name, symbols)}")
        symbol = symbols[name]
        match symbol.kind:
            case "broken":
                self.broken = True
                return node
            case "actor":
                return self.fail(node.at, f"'{name}' is an actor, not a number")
            case "chance" | "move":
                options = listed(symbol.options)
                return self.fail(node.at, f"'{name}' is a step, not a number; compare it with one of its options ({options})")
            case "let":
                return self.let(node)
        self.uses.append(_Use(name, node.at))
        return node

    def let(self, node: Name) -> Node:
        resolved = self.namespace._let(node.name)
        if resolved is None:
            self.broken = True
            return node
        root, uses, size = resolved
        self.size += size
        if self.size > MAX_EXPANDED:
            return self.fail(node.at, f"with its lets written out, the expression has more than {MAX_EXPANDED:,} parts")
        self.uses.extend(_Use(use.name, node.at, via=node.name) for use in uses)
        return root

    def step_comparison(self, node: Compare, steps: list[Node]) -> Node:
        step = steps[0]
        assert isinstance(step, Name)
        options = self.namespace.symbols[step.name].options
        if len(steps) > 1:
            other = steps[1]
            assert isinstance(other, Name)
            return self.fail(
                step.at,
                f"'{step.name}' and '{other.name}' are both steps; compare each with one of its options ({listed(options)})",
            )
        if len(node.operators) > 1 or node.operators[0] not in ("==", "!="):
            return self.fail(step.at, f"options have no order; compare '{step.name}' by == or != with one of {listed(options)}")
        option = next(side for side in node.operands if side is not step)
        return self.is_option(step, (option,), node.operators[0] == "!=", step.at)

    def is_option(self, step: Name, options: tuple[Node, ...], negated: bool, at: int) -> Node:
        allowed = self.namespace.symbols[step.name].options
        codes = []
        for option in options:
            if not isinstance(option, Name):
                return self.fail(at, f"'{step.name}' must be compared with one of its options ({listed(allowed)})")
            if option.name != SKIPPED and option.name not in allowed:
                known = [*allowed, SKIPPED]
                return self.fail(
                    option.at,
                    f"'{option.name}' is no option of '{step.name}' ({listed(allowed)}){nearest(option.name, known)}",
                )
            codes.append(SKIPPED_CODE if option.name == SKIPPED else allowed.index(option.name))
        self.uses.append(_Use(step.name, at))
        words = tuple(option.name for option in options if isinstance(option, Name))
        return Is(step.name, words, tuple(codes), negated, at)


def actors_named(names: Namespace, words: Collection[Scalar], where: str, actors: Mapping[str, object] | None) -> tuple[str, ...]:
    """The actors that a list names; what is no actor, or named twice, is a fault. `actors` None: unknown."""
    found: list[str] = []
    for word in words:
        if actors is not None and word not in actors:
            names.fault(word.place, f"unknown actor '{word}' in {where}{nearest(word, actors)}")
        elif word in found:
            names.fault(word.place, f"'{word}' stands twice in {where}")
        else:
            found.append(str(word))
    return tuple(found)
