"""The namespace of a crisis (steps, states, inputs, lets and actors) and the scopes of its expressions.

`Namespace.expression` turns a text into a resolved `Expression`, and reports every name that is not allowed there. The
`Scope` of an expression says which names it may use.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from types import MappingProxyType

from offramp.common.words import did_you_mean, listed, nearest_word, quoted
from offramp.crisis.expressions.expression import Expression, Linear, Name, Number, Rational, height, walk
from offramp.crisis.expressions.grammar import MAX_HEIGHT, WORD, ExpressionError, check_no_range, parse, parsed
from offramp.crisis.faults import Faults, Location, StopReadingError
from offramp.crisis.scalars import RESERVED, UNNAMED, StandIn
from offramp.crisis.sections.resolving import (
    KIND_WORDS,
    MAX_EXPANDED,
    NAMEABLE,
    STEPS,
    Kind,
    Resolved,
    Resolver,
    Symbol,
    Use,
    number_of_option,
)
from offramp.crisis.text.document import Scalar

MAX_EXPANDED_TOTAL = 200_000


@dataclass(frozen=True)
class Scope:
    """The names that an expression may use.

    `what` is the expression's place in words ("the `if` of 'reply'"); `known` the steps and states that have a value
    there, or None if no step may be named; `own` the step itself, and `siblings` the steps of the same `together`.
    """

    what: str
    known: Collection[str] | None
    inputs: bool = False
    round: bool = False
    own: str = ""
    siblings: Collection[str] = ()
    otherwise: str = "0"
    """What the expression is advised to be where a choice lacks its `else`."""
    unknown: str = "comes later in the timeline (line {line}); only what comes before can be named here"


@dataclass(frozen=True)
class Mentions:
    """How often words are written in a file: as a value of each other word (`STEP == WORD`), and as a key (`WORD:`).

    `compared`: the words that an expression compares with others (`STEP == WORD`, `STEP in [WORD, WORD]`), and those.
    """

    values: Mapping[str, Counter[str]]
    keys: Counter[str]
    compared: Mapping[str, Set[str]] = field(default_factory=dict)

    def once(self, step: str, word: str) -> bool:
        """Whether a value of a step is written as a key once at most, and nowhere else."""
        return self.keys[word] < 2 and (step not in self.values or not self.values[step][word])


@dataclass(eq=False)
class Namespace:
    """The names of a crisis; mistakes with names are added to `faults`."""

    faults: Faults
    complete: bool = True
    """Whether all declared names are known: False if parts of the file could not be read."""
    symbols: dict[str, Symbol] = field(default_factory=lambda: {UNNAMED: Symbol("broken", Location(1, 1))})
    lets: dict[str, Scalar] = field(default_factory=dict)
    resolved_lets: dict[str, Resolved] = field(default_factory=dict)
    sums: dict[str, Linear] = field(default_factory=dict)
    option_numbers: dict[str, Resolved] = field(default_factory=dict)
    size: int = 0
    mentions: Mentions = field(default_factory=lambda: Mentions({}, Counter()))
    called: dict[str, str] = field(default_factory=dict)
    """The names that readers see, by actor."""
    repeated: list[tuple[Scalar, Symbol, Symbol]] = field(default_factory=list)
    """The names declared again: what they were first, and what they would have been."""

    def fault(self, place: Location, message: str) -> None:
        self.faults.add(place, message)

    def declare(
        self,
        name: Scalar,
        kind: Kind,
        options: tuple[str, ...] = (),
        values: Mapping[str, Rational] = MappingProxyType({}),
    ) -> None:
        """Declare a name; declaring it twice is a fault, which `report_repeated` tells."""
        symbol = Symbol(kind, name.place, options, values)
        first = self.symbols.setdefault(str(name), symbol)
        if first is not symbol and not isinstance(name, StandIn):
            self.repeated.append((name, first, symbol))

    def report_repeated(self) -> None:
        """Report each name that is declared again; once all names are declared.

        Its second entry lacks a name of its own. The names that the file compares with that entry's options, and that
        nothing else has, count as declared, so that the one mistake is told once.
        """
        for name, first, second in self.repeated:
            lost = [
                word
                for word, values in self.mentions.compared.items()
                if word not in self.symbols and not values.isdisjoint(second.options)
            ]
            message = f"'{name}' is already {KIND_WORDS[first.kind]} (line {first.place.line}); use each name only once"
            named = f": other lines name {listed(map(quoted, lost))}, which nothing declares" if lost else ""
            self.fault(name.place, f"{message}{named}")
            self.symbols[str(name)] = replace(first, kind="broken")
            self.symbols |= {word: Symbol("broken", name.place) for word in lost}
            self.complete &= bool(lost) or second.kind not in STEPS

    def of_kind(self, *kinds: Kind) -> list[str]:
        """The names of these kinds, for hints in messages."""
        return [name for name, symbol in self.symbols.items() if symbol.kind in kinds]

    def may_be(self, name: str, *kinds: Kind) -> bool:
        """Whether a name is or may be of one of these kinds: also if it is broken, or not all names are known."""
        if name in self.symbols:
            return self.symbols[name].kind in (*kinds, "broken")
        base = name.partition(".")[0]
        if base != name and base in self.symbols and self.symbols[base].kind == "broken":
            return True
        return not self.complete and nearest_word(name, self.of_kind(*kinds)) is None

    def option_number(self, step: str) -> Resolved:
        """The resolved `value(step)`, made once for all texts that name it."""
        if step not in self.option_numbers:
            root = number_of_option(step, self.symbols[step])
            self.option_numbers[step] = Resolved(root, (), sum(1 for _ in walk(root)), broken=False)
        return self.option_numbers[step]

    def means(self, text: Scalar, word: str) -> bool:
        """Whether a text is a word of the language, here allowed in place of an expression; misspelt, it is a fault."""
        if text == word:
            return True
        if not re.fullmatch(WORD, text) or text in self.symbols or text in RESERVED:
            return False
        if nearest_word(text, [*self.of_kind(*NAMEABLE), word]) != word:
            return False
        self.fault(text.place, f"unknown name {quoted(text)}{did_you_mean(text, word)}")
        return True

    def options_of(self, name: str) -> tuple[str, ...] | None:
        """The options of a step, or None if they are unknown."""
        symbol = self.symbols.get(name)
        return symbol.options if symbol and symbol.kind in STEPS else None

    def option_hint(self, step: str, word: str, options: Iterable[str]) -> str:
        """The hint for a word that is no option of a step; the odds alone may misspell an option of a chance step."""
        close = nearest_word(word, options)
        if close is None:
            return ""
        symbol = self.symbols.get(step)
        doubtful = symbol is not None and symbol.kind == "chance" and close in symbol.options
        alone = doubtful and self.mentions.once(step, close)
        return did_you_mean(word, close) + (f" Or is '{close}' misspelt in the odds of '{step}'?" if alone else "")

    def values_of(self, name: str) -> Mapping[str, Rational]:
        """The numbers of the options of a step, for those that have one."""
        return self.symbols[name].values

    def expression(self, text: Scalar, scope: Scope) -> Expression | None:
        """Resolve a text; None, with faults added, if anything is wrong with it."""
        resolved = self._resolve(text, falling=scope.known is None, otherwise=scope.otherwise)
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
        """The declared names in a text, including lets; empty if the text does not parse."""
        root = parsed(text)
        if root is None:
            return frozenset()
        names = {node.name for node in walk(root) if isinstance(node, Name)}
        return frozenset(name for name in names if name in self.symbols)

    def facts_in(self, text: Scalar) -> frozenset[str]:
        """The steps and states that a text names, directly or through lets."""
        names: set[str] = set()
        pending = set(self.named_in(text))
        while pending:
            name = pending.pop()
            if name not in names:
                names.add(name)
                pending |= self.named_in(self.lets[name]) if name in self.lets else set()
        return frozenset(name for name in names if self.may_be(name, "chance", "move", "state"))

    def resolve_lets(self) -> None:
        """Resolve every let, used or not, after the lets that it names; a cycle of lets is a fault."""
        needs = {name: self.named_in(text) & self.lets.keys() for name, text in self.lets.items()}
        while True:
            try:
                order = list(TopologicalSorter(needs).static_order())
                break
            except CycleError as error:
                cycle = error.args[1][::-1]
                shown = " -> ".join(cycle if len(cycle) < 10 else [*cycle[:8], "..."])
                self.fault(self.lets[cycle[0]].place, f"a let cannot refer to itself: {shown}")
                for name in cycle:
                    needs[name] = frozenset()
                    self.resolved_lets[name] = Resolved(Number(0), (), 1, broken=True)
        for name in order:
            if name not in self.resolved_lets:
                self.resolved_lets[name] = self._resolve(self.lets[name])

    def _resolve(self, text: Scalar, falling: bool = False, otherwise: str = "0") -> Resolved:
        """The resolved text; with `falling`, a bare difference such as `9 - 4` is refused too, as a likely range."""
        try:
            node = parse(text, otherwise=otherwise)
            check_no_range(node, falling=falling)
        except ExpressionError as error:
            self.fault(text.at(error.offset), error.message)
            return Resolved(Number(0), (), 1, broken=True)
        resolver = Resolver(self, text)
        root = resolver.resolve(node)
        self.size += resolver.size
        if self.size > MAX_EXPANDED_TOTAL:
            self.fault(
                text.place, f"with lets expanded, more than {MAX_EXPANDED_TOTAL:,} names and numbers in one file"
            )
            raise StopReadingError
        if resolver.size > MAX_EXPANDED:
            self.fault(text.place, f"with lets expanded, more than {MAX_EXPANDED:,} names and numbers")
            return Resolved(Number(0), (), 1, broken=True)
        if height(root) > MAX_HEIGHT:
            self.fault(text.place, f"with lets expanded, operations nested more than {MAX_HEIGHT} deep")
            return Resolved(Number(0), (), 1, broken=True)
        return Resolved(root, tuple(dict.fromkeys(resolver.uses)), resolver.size, resolver.broken)

    def _misuse(self, use: Use, scope: Scope) -> str | None:
        """Why `use` is not allowed in `scope`, or None if it is."""
        name = f"'{use.via}' names '{use.name}', which" if use.via else f"'{use.name}'"
        if use.name == "round":
            return None if scope.round else f"{name} is known only inside and after `rounds`, not in {scope.what}"
        symbol = self.symbols[use.name]
        if symbol.kind in ("input", "sum"):
            if scope.inputs:
                return None
            reason = "the shape of the game is the same in every draw"
            return f"{name} is {KIND_WORDS[symbol.kind]}; {scope.what} may name steps and states only ({reason})"
        if scope.known is None:
            return f"{name} is {KIND_WORDS[symbol.kind]}; {scope.what} may name inputs only"
        if use.name in scope.known:
            return None
        if use.name == scope.own:
            return f"{name} cannot depend on itself"
        if use.name in scope.siblings:
            return f"{name} is made at the same time; steps inside `together` cannot name each other"
        return f"{name} {scope.unknown.format(line=symbol.place.line)}"
