"""What names mean: one namespace of steps, states, inputs, lets and actors, and who may name what.

`Namespace.expression` turns a text into a resolved `Expression`, and says of every name that does
not belong there why not. What may be named depends on where the expression stands: a `Scope`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from typing import Literal

from offramp.crisis.distribution import NAMES as DISTRIBUTIONS
from offramp.crisis.document import Scalar
from offramp.crisis.expression import (
    FUNCTIONS,
    SKIPPED,
    SKIPPED_CODE,
    Binary,
    Call,
    Compare,
    Expression,
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
    walk,
)
from offramp.crisis.faults import Faults, Place, StopReadingError, listed, nearest, nearest_word
from offramp.crisis.grammar import MAX_HEIGHT, ExpressionError, parse
from offramp.crisis.schema import RESERVED, UNNAMED, StandIn

MAX_EXPANDED = 20_000
MAX_PARTS = 200_000

Kind = Literal["chance", "move", "state", "input", "let", "actor", "broken"]
KIND_WORDS = {
    "chance": "a chance step",
    "move": "a move",
    "state": "a state",
    "input": "an input",
    "let": "a let",
    "actor": "an actor",
    "broken": "another entry",
}
STEPS = ("chance", "move")
NAMEABLE: tuple[Kind, ...] = ("chance", "move", "state", "input", "let", "broken")
"""What an expression can name."""


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
    have a value there, or None where no step may be named; `siblings` are made at the same time as `own`.
    """

    what: str
    known: Collection[str] | None
    inputs: bool = False
    round: bool = False
    own: str = ""
    siblings: Collection[str] = ()
    unknown: str = "comes later in the timeline (line {line}); only what comes before can be named here"


@dataclass(frozen=True)
class _Use:
    """A name in a text: where, and the let that brings it in, if one does."""

    name: str
    at: int
    via: str | None = None


@dataclass(frozen=True)
class _Resolved:
    """A text with its names resolved; `size` counts its nodes, lets written out."""

    root: Node
    uses: tuple[_Use, ...]
    size: int
    broken: bool


@dataclass
class Namespace:
    """The names of a crisis; what is wrong with them goes to `faults`."""

    faults: Faults
    complete: bool = True
    """Whether all declared names are known: False where parts of the file could not be read."""
    symbols: dict[str, Symbol] = field(default_factory=lambda: {UNNAMED: Symbol("broken", Place(1, 1))})
    lets: dict[str, Scalar] = field(default_factory=dict)
    resolved_lets: dict[str, _Resolved] = field(default_factory=dict)
    size: int = 0

    def fault(self, place: Place, message: str) -> None:
        self.faults.add(place, message)

    def declare(self, name: Scalar, kind: Kind, options: tuple[str, ...] = ()) -> None:
        """Enter a name; the same name twice is a fault."""
        first = self.symbols.get(name)
        if first is None:
            self.symbols[str(name)] = Symbol(kind, name.place, options)
        elif not isinstance(name, StandIn):
            where = f"(line {first.place.line})"
            self.fault(name.place, f"'{name}' is already {KIND_WORDS[first.kind]} {where}; names are used once")
            self.symbols[str(name)] = replace(first, kind="broken")

    def of_kind(self, *kinds: Kind) -> list[str]:
        """The names of these kinds, for hints."""
        return [name for name, symbol in self.symbols.items() if symbol.kind in kinds]

    def may_be(self, name: str, *kinds: Kind) -> bool:
        """Whether a name is of one of these kinds, or may be: it is broken, or not all names are known."""
        if name in self.symbols:
            return self.symbols[name].kind in (*kinds, "broken")
        return not self.complete and nearest_word(name, self.of_kind(*kinds)) is None

    def options_of(self, name: str) -> tuple[str, ...] | None:
        """The options of a step, or None where they are not known."""
        symbol = self.symbols.get(name)
        return symbol.options if symbol and symbol.kind in STEPS else None

    def expression(self, text: Scalar, scope: Scope) -> Expression | None:
        """Resolve a text, or say what is wrong with it and return None."""
        resolved = self._resolve(text)
        misused = False
        for use in resolved.uses:
            message = self._misuse(use, scope)
            if message is not None:
                misused = True
                self.fault(text.at(use.at), message)
        if resolved.broken or misused:
            return None
        places = {use.name: text.at(use.at) for use in reversed(resolved.uses)}
        return Expression(str(text), text.place, resolved.root, places)

    def named_in(self, text: Scalar) -> frozenset[str]:
        """The declared names in a text, lets among them, whatever else is wrong with it."""
        try:
            root = parse(text)
        except ExpressionError:
            return frozenset()
        names = {node.name for node in walk(root) if isinstance(node, Name)}
        return frozenset(name for name in names if name in self.symbols)

    def facts_in(self, text: Scalar) -> frozenset[str]:
        """The steps and states that a text names, through lets as well."""
        found: set[str] = set()
        pending = set(self.named_in(text))
        while pending:
            name = pending.pop()
            if name not in found:
                found.add(name)
                pending |= self.named_in(self.lets[name]) if name in self.lets else set()
        return frozenset(name for name in found if self.may_be(name, "chance", "move", "state"))

    def resolve_lets(self) -> None:
        """Resolve every let, used or not, after those that it names; one that stands for itself is a fault."""
        needs = {name: self.named_in(text) & self.lets.keys() for name, text in self.lets.items()}
        while True:
            try:
                order = list(TopologicalSorter(needs).static_order())
                break
            except CycleError as error:
                circle = error.args[1][::-1]
                shown = " -> ".join(circle if len(circle) < 10 else [*circle[:8], "..."])
                self.fault(self.lets[circle[0]].place, f"a let cannot stand for itself: {shown}")
                for name in circle:
                    needs[name] = frozenset()
                    self.resolved_lets[name] = _Resolved(Number(0.0), (), 1, broken=True)
        for name in order:
            if name not in self.resolved_lets:
                self.resolved_lets[name] = self._resolve(self.lets[name])

    def _resolve(self, text: Scalar) -> _Resolved:
        try:
            node = parse(text)
        except ExpressionError as error:
            self.fault(text.at(error.offset), error.message)
            return _Resolved(Number(0.0), (), 1, broken=True)
        resolver = _Resolver(self, text)
        root = resolver.resolve(node)
        self.size += resolver.size
        if self.size > MAX_PARTS:
            self.fault(text.place, f"with lets written out, more than {MAX_PARTS:,} names and numbers in one file")
            raise StopReadingError
        if resolver.size > MAX_EXPANDED:
            self.fault(text.place, f"with lets written out, more than {MAX_EXPANDED:,} names and numbers")
            return _Resolved(Number(0.0), (), 1, broken=True)
        if height(root) > MAX_HEIGHT:
            self.fault(text.place, f"with lets written out, more than {MAX_HEIGHT} operations one inside the other")
            return _Resolved(Number(0.0), (), 1, broken=True)
        return _Resolved(root, tuple(dict.fromkeys(resolver.uses)), resolver.size, resolver.broken)

    def _misuse(self, use: _Use, scope: Scope) -> str | None:
        """Why `use` does not belong in `scope`, if it does not."""
        name = f"'{use.via}' names '{use.name}', which" if use.via else f"'{use.name}'"
        if use.name == "round":
            return None if scope.round else f"{name} is known only inside and after `rounds`, not in {scope.what}"
        symbol = self.symbols[use.name]
        if symbol.kind == "input":
            if scope.inputs:
                return None
            reason = "the shape of the game is the same in every draw"
            return f"{name} is an input; {scope.what} may name steps and states only ({reason})"
        if scope.known is None:
            return f"{name} is {KIND_WORDS[symbol.kind]}; {scope.what} may name inputs only"
        if use.name in scope.known:
            return None
        if use.name == scope.own:
            return f"{name} cannot depend on itself"
        if use.name in scope.siblings:
            return f"{name} is made at the same time; inside `together` nothing may name a sibling"
        return f"{name} {scope.unknown.format(line=symbol.place.line)}"


@dataclass
class _Resolver:
    """Resolves one text: lets written out, comparisons of steps with options turned into `Is`."""

    names: Namespace
    text: Scalar
    uses: list[_Use] = field(default_factory=list)
    size: int = 0
    broken: bool = False

    def fail(self, at: int, message: str) -> Node:
        self.names.fault(self.text.at(at), message)
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
                steps = [side for side in operands if self.kind(side) in STEPS]
                if steps:
                    return self.step_comparison(node, steps)
                return replace(node, operands=self.compared(operands))
            case Member(item=item, members=members, negated=negated):
                if isinstance(item, Name) and self.kind(item) in STEPS:
                    return self.is_option(item, members, negated)
                item, *resolved = self.compared((item, *members))
                return replace(node, item=item, members=tuple(resolved))
            case Logic(operands=operands):
                return replace(node, operands=self.all(operands))
            case IfElse(then=then, condition=condition, otherwise=otherwise):
                return IfElse(*self.all((then, condition, otherwise)))
            case Call(function=function, arguments=arguments, at=at):
                fault = call_fault(node)
                if function in DISTRIBUTIONS:
                    fault = f"{function}() is a distribution: only an input or a rationality can be one, as a whole"
                if fault:
                    self.fail(at, fault)
                return replace(node, arguments=self.all(arguments))
        raise AssertionError(node)

    def all(self, nodes: Iterable[Node]) -> tuple[Node, ...]:
        return tuple([self.resolve(node) for node in nodes])

    def compared(self, sides: tuple[Node, ...]) -> tuple[Node, ...]:
        """Of several words of which none is known, one is likely a step misspelt, and the rest are its options."""
        strangers = [side for side in sides if isinstance(side, Name) and self.kind(side) in (None, "broken")]
        if len(strangers) < 2:
            return self.all(sides)
        self.broken = True
        told = next((side for side in strangers if not self.owners(side.name)), strangers[0])
        if "broken" not in map(self.kind, strangers):
            self.resolve(told)
        return tuple([side if side in strangers else self.resolve(side) for side in sides])

    def kind(self, node: Node) -> str | None:
        """The kind of a declared name, or "number" for any other part; None for a word that is not known."""
        if not isinstance(node, Name) or node.name == "round":
            return "number"
        symbol = self.names.symbols.get(node.name)
        return symbol.kind if symbol else None

    def owners(self, word: str) -> list[str]:
        """The steps that have the option `word`."""
        return [step for step, symbol in self.names.symbols.items() if word in symbol.options]

    def name(self, node: Name) -> Node:
        name = node.name
        match self.kind(node):
            case None if self.names.may_be(name, *NAMEABLE) and not self.owners(name):
                self.broken = True
            case None:
                return self.fail(node.at, self.unknown(name))
            case "broken":
                self.broken = True
            case "actor":
                return self.fail(node.at, f"'{name}' is an actor, not a number")
            case "chance" | "move":
                options = listed(self.names.symbols[name].options)
                message = f"'{name}' is a step, not a number; compare it with one of its options ({options})"
                return self.fail(node.at, message)
            case "let":
                return self.let(node)
            case _:
                self.uses.append(_Use(name, node.at))
        return node

    def unknown(self, word: str) -> str:
        owners = self.owners(word)
        if owners:
            return f"'{word}' is an option of '{owners[0]}'; compare it, as in {owners[0]} == {word}"
        if word == SKIPPED:
            return f"'{SKIPPED}' must be compared with a step, as in STEP == {SKIPPED}"
        if word in RESERVED:
            return f"'{word}' has no place in an expression"
        if word in FUNCTIONS:
            return f"'{word}' is a function; write {word}(...)"
        return f"unknown name '{word}'{nearest(word, self.names.of_kind(*NAMEABLE))}"

    def let(self, node: Name) -> Node:
        resolved = self.names.resolved_lets[node.name]
        self.size += resolved.size
        self.broken |= resolved.broken
        self.uses += [_Use(name, node.at, via=node.name) for name in dict.fromkeys(use.name for use in resolved.uses)]
        return resolved.root if self.size <= MAX_EXPANDED else node

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
                return self.fail(step.at, f"'{step.name}' must be compared with one of its options ({listed(allowed)})")
            if option.name != SKIPPED and option.name not in allowed:
                hint = nearest(option.name, [*allowed, SKIPPED])
                message = f"'{option.name}' is no option of '{step.name}' ({listed(allowed)}){hint}"
                self.fail(option.at, message)
                continue
            codes.append(SKIPPED_CODE if option.name == SKIPPED else allowed.index(option.name))
        self.uses.append(_Use(step.name, step.at))
        words = tuple(option.name for option in options if isinstance(option, Name))
        return Is(step.name, words, tuple(codes), negated)
