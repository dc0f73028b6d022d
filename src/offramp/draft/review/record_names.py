"""What the expressions of a brief name, and how they read with names in place of keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, reduce

from offramp.common.texts import tr
from offramp.common.words import listed
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
    Unary,
    is_condition,
    walk,
)
from offramp.crisis.expressions.grammar import ExpressionError, parse
from offramp.crisis.parts import name_of
from offramp.draft.brief_records import (
    BriefPart,
    DraftBrief,
    EndingRecord,
    InputRecord,
    LeverAct,
    LeverRecord,
    NamedExpression,
    OddsRecord,
    OptionRecord,
    RepeatedSteps,
    RestrictionRecord,
    StakeRecord,
    StepRecord,
)

_SIGNS = {"<=": "≤", ">=": "≥", "*": "×", "**": "^", "-": "−"}
_TIGHT = {"+": 1, "-": 1, "*": 2, "/": 2, "**": 3}


def _related(operator: str, left: str, right: str) -> str:
    """A comparison in words."""
    if operator == "==":
        return tr("{left} is {right}", left=left, right=right)
    if operator == "!=":
        return tr("{left} is not {right}", left=left, right=right)
    return f"{left} {_SIGNS.get(operator, operator)} {right}"


@dataclass(frozen=True)
class BriefNames:
    """How the parts of a brief are called, by their keys; `options` by move or unknown, and key."""

    actors: Mapping[str, str]
    steps: Mapping[str, str]
    options: Mapping[tuple[str, str], str]
    inputs: Mapping[str, str]
    levers: Mapping[str, str]

    @classmethod
    def of(cls, brief: DraftBrief) -> BriefNames:
        """The names of a brief."""
        steps = {move.key: move.name for move in brief.moves} | {fact.key: fact.name for fact in brief.unknowns}
        states = {step.key: step.name for step in brief.steps if step.kind == "state" and step.name}
        return cls(
            actors={actor.key: actor.name for actor in brief.actors},
            steps=states | steps,
            options={(option.of, option.key): option.name for option in brief.options},
            inputs={entry.key: entry.name for entry in brief.inputs},
            levers={lever.key: lever.name for lever in brief.levers},
        )

    def step(self, key: str) -> str:
        """A move, an unknown or a state by name."""
        return name_of(key, self.steps.get(key))

    def option(self, step: str, key: str) -> str:
        """An option by name."""
        return name_of(key, self.options.get((step, key)))

    def actor(self, key: str) -> str:
        """An actor by name."""
        return self.actors.get(key) or key

    def in_words(self, text: str) -> str:
        """An expression with names in place of keys; as it is written if it is no expression.

        Examples
        --------
        >>> names = BriefNames({}, {"reply": "the reply"}, {("reply", "war"): "war"}, {"cost": "what war costs"}, {})
        >>> names.in_words("-cost * (reply == war)"), names.in_words("reply in [war, all_out] or cost > 2")
        ('−what war costs if the reply is war', 'the reply is war or all out, or what war costs > 2')
        """
        node = _parsed(text)
        if node is None:
            return text
        if isinstance(node, Binary) and node.operator == "*" and is_condition(node.right):
            return tr("{value} if {condition}", value=self._of(node.left), condition=self._of(node.right))
        return self._of(node)

    def _of(self, node: Node) -> str:
        match node:
            case Number():
                return f"{float(Fraction(node.value)):g}"
            case Name() | Linear():
                return name_of(node.name, self.steps.get(node.name) or self.inputs.get(node.name))
            case Compare():
                said = self._compared(node.operands[0])
                for operator, before, operand in zip(node.operators, node.operands, node.operands[1:], strict=False):
                    said = _related(operator, said, self._value(before, operand))
                return said
            case Member():
                values = listed((self._value(node.item, member) for member in node.members), last="or")
                return _related("!=" if node.negated else "==", self._compared(node.item), values)
            case Logic():
                inner = [f"({self._of(part)})" if isinstance(part, Logic) else self._of(part) for part in node.operands]
                if node.operator == "or":
                    return reduce(lambda left, right: tr("{left}, or {right}", left=left, right=right), inner)
                return reduce(lambda left, right: tr("{left} and {right}", left=left, right=right), inner)
            case Unary():
                inner_text = self._of(node.operand)
                simple = isinstance(node.operand, Name | Number | Call)
                inner_text = inner_text if simple else f"({inner_text})"
                return f"−{inner_text}" if node.operator == "-" else tr("not {condition}", condition=inner_text)
            case Binary():
                sign = _SIGNS.get(node.operator, node.operator)
                return f"{self._side(node, node.left)} {sign} {self._side(node, node.right)}"
            case IfElse():
                return tr(
                    "{value} if {condition}, otherwise {other}",
                    value=self._of(node.then),
                    condition=self._of(node.condition),
                    other=self._of(node.otherwise),
                )
            case Call():
                named = [f"{key} {self._of(value)}" for key, value in node.keywords]
                return f"{node.function}({', '.join([*map(self._of, node.arguments), *named])})"
            case Is():
                options = listed((self.option(node.step, key) for key in node.options), last="or")
                return _related("!=" if node.negated else "==", self.step(node.step), options)

    def _compared(self, node: Node) -> str:
        text = self._of(node)
        return f"({text})" if is_condition(node) else text

    def _value(self, step: Node, node: Node) -> str:
        """What a step is compared with: one of its options by name."""
        if isinstance(step, Name) and isinstance(node, Name) and node.name not in self.inputs:
            return self.option(step.name, node.name)
        return self._compared(node)

    def _side(self, parent: Binary, node: Node) -> str:
        """An operand, in brackets if it binds less tightly than its operator."""
        text = self._of(node)
        looser = isinstance(node, Binary) and (
            _TIGHT[node.operator] < _TIGHT[parent.operator]
            or (node is parent.right and _TIGHT[node.operator] == _TIGHT[parent.operator])
        )
        return f"({text})" if looser or is_condition(node) or isinstance(node, IfElse) else text


def expressions_of(entry: BriefPart) -> tuple[str, ...]:
    """The expressions that an entry of a brief holds."""
    found: tuple[str, ...] = ()
    match entry:
        case StepRecord():
            found = (entry.happens_if, entry.start, entry.becomes)
        case RestrictionRecord():
            found = (entry.only_if,)
        case OddsRecord():
            found = ("" if entry.odds == "rest" else entry.odds, entry.when)
        case StakeRecord():
            found = (entry.pays,)
        case EndingRecord():
            found = ("" if entry.condition == "otherwise" else entry.condition,)
        case InputRecord() | NamedExpression() | OptionRecord():
            found = (entry.value,)
        case LeverAct():
            found = (entry.value if entry.act == "set" else "",)
        case LeverRecord():
            found = (entry.cost,)
        case RepeatedSteps():
            found = (entry.until,)
    return tuple(filter(None, found))


@dataclass(frozen=True)
class NamedParts:
    """What an expression names: bare words, and options as they are compared with a step."""

    words: frozenset[str]
    options: frozenset[tuple[str, str]]


def named_in(entry: BriefPart) -> NamedParts:
    """What the expressions of an entry name; nothing of an expression that cannot be read."""
    found = [_named_in_text(text) for text in expressions_of(entry)]
    return NamedParts(
        frozenset[str]().union(*(parts.words for parts in found)),
        frozenset[tuple[str, str]]().union(*(parts.options for parts in found)),
    )


@lru_cache(maxsize=4_000)
def _parsed(text: str) -> Node | None:
    """The tree of an expression; None if it is none."""
    try:
        return parse(text)
    except ExpressionError:
        return None


@lru_cache(maxsize=4_000)
def _named_in_text(text: str) -> NamedParts:
    node = _parsed(text)
    nodes = [] if node is None else list(walk(node))
    words = frozenset(node.name for node in nodes if isinstance(node, Name))
    return NamedParts(words, frozenset(pair for node in nodes for pair in _options_in(node)))


def _options_in(node: Node) -> Iterator[tuple[str, str]]:
    if isinstance(node, Compare):
        for left, right in zip(node.operands, node.operands[1:], strict=False):
            if isinstance(left, Name) and isinstance(right, Name):
                yield left.name, right.name
    elif isinstance(node, Member) and isinstance(node.item, Name):
        yield from ((node.item.name, member.name) for member in node.members if isinstance(member, Name))
