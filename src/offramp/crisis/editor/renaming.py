"""Renames keys of a crisis everywhere they stand: where they are declared, named and observed, and in expressions.

Keys are found by the grammar: a word in an expression is the option of a step only where it is compared with that step.
Texts for readers stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import yaml

from offramp.crisis.expressions.expression import Compare, Member, Name, Node, walk
from offramp.crisis.expressions.grammar import ExpressionError, parse
from offramp.crisis.faults import Faults
from offramp.crisis.model import Crisis
from offramp.crisis.observation import Observation
from offramp.crisis.reading import read_text
from offramp.crisis.schema import STEP_KINDS
from offramp.crisis.steps import Chance, Move
from offramp.crisis.text.document import Items, Scalar, Value, YamlMapping
from offramp.crisis.text.loading import load

Keys = Mapping[str, str]
_STRING = "tag:yaml.org,2002:str"


@dataclass(frozen=True)
class Renaming:
    """New keys by old ones; what is not here keeps its key.

    `names`: of actors, inputs, lets, steps and states, which share one set of names. `options` by step and `terms` by
    actor, both by old keys.
    """

    names: Keys = field(default_factory=dict)
    options: Mapping[str, Keys] = field(default_factory=dict)
    terms: Mapping[str, Keys] = field(default_factory=dict)
    endings: Keys = field(default_factory=dict)
    measures: Keys = field(default_factory=dict)
    levers: Keys = field(default_factory=dict)

    def name(self, key: str) -> str:
        """The new key of an actor, input, let, step or state; of an input with dots, by the first of its words."""
        base, dot, rest = key.partition(".")
        return self.names.get(key) or f"{self.names.get(base, base)}{dot}{rest}"

    def option(self, step: str, key: str) -> str:
        """The new key of an option of a step; `step` by its old key."""
        return self.options.get(step, {}).get(key, key)

    def facts(self, written: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
        """What steps took, by `STEP` or `STEP@ROUND` as `Crisis.supposing` takes it, with the new keys."""
        parted = ((*at.partition("@"), options) for at, options in written.items())
        return {
            self.name(step) + at + number: [self.option(step, key) for key in options]
            for step, at, number, options in parted
        }

    @property
    def inverse(self) -> Renaming:
        """The renaming that gives the old keys back."""
        return Renaming(
            _inverse(self.names),
            {self.name(step): _inverse(keys) for step, keys in self.options.items()},
            {self.name(actor): _inverse(keys) for actor, keys in self.terms.items()},
            _inverse(self.endings),
            _inverse(self.measures),
            _inverse(self.levers),
        )

    def term(self, actor: str, key: str) -> str:
        """The new key of a payoff term of an actor; `actor` by its old key."""
        return self.terms.get(actor, {}).get(key, key)


def _inverse(keys: Keys) -> Keys:
    return {new: old for old, new in keys.items()}


def renamed(crisis: Crisis, renaming: Renaming) -> Crisis:
    """A crisis with other keys, its levers pulled and its suppositions made; layout and comments of the file are lost.

    The points of a grid keep their keys, which the language gives them.

    Raises
    ------
    CrisisError
        If the new keys make no valid crisis, such as two steps of one name.
    """
    document = load(crisis.text.encode(), Faults())
    steps = frozenset(key for key, step in crisis.named.items() if isinstance(step, Chance | Move))
    new = _Renamer(renaming, steps, frozenset(crisis.sums)).crisis(document)
    text = yaml.serialize(_node(new), Dumper=yaml.CBaseDumper, allow_unicode=True, width=1_000_000)
    read = read_text(text.encode(), crisis.path, allow_outside=crisis.allow_outside)
    outset = None if crisis.outset is None else _levers(crisis.outset, renaming)
    supposed = tuple(_observation(entry, renaming) for entry in crisis.supposed)
    return replace(read, pulled=_levers(crisis.pulled, renaming), outset=outset, supposed=supposed, draft=crisis.draft)


def _levers(keys: tuple[str, ...], renaming: Renaming) -> tuple[str, ...]:
    return tuple(renaming.levers.get(key, key) for key in keys)


def _observation(entry: Observation, renaming: Renaming) -> Observation:
    values = {
        renaming.name(step): tuple(renaming.option(step, value) for value in values)
        for step, values in entry.values.items()
    }
    return replace(entry, values=values)


def _node(value: Value) -> yaml.Node:
    """A value of a file as a node: every scalar a string, in quotes if the file or YAML has them there."""
    if isinstance(value, YamlMapping):
        return yaml.MappingNode("tag:yaml.org,2002:map", [(_node(key), _node(child)) for key, child in value.items()])
    if isinstance(value, Items):
        return yaml.SequenceNode("tag:yaml.org,2002:seq", [_node(child) for child in value])
    return yaml.ScalarNode(_STRING, str(value), style="'" if value.quoted else None)


def _scalar(old: Scalar, text: str) -> Scalar:
    new = Scalar(text)
    new.place, new.quoted, new.raw = old.place, old.quoted, None
    return new


Change = Callable[[Any], Value]


def _mapping(value: Value, key: Callable[[Scalar], str], child: Callable[[Scalar, Value], Value]) -> Value:
    """A mapping with keys and values changed; anything else stays."""
    if not isinstance(value, YamlMapping):
        return value
    new = YamlMapping((_scalar(old, key(old)), child(old, entry)) for old, entry in value.items())
    new.place = value.place
    return new


def _list(value: Value, change: Change) -> Value:
    """A list with its entries changed, or a single value changed."""
    if not isinstance(value, Items):
        return change(value)
    new = Items(change(entry) for entry in value)
    new.place = value.place
    return new


def _same(key: Scalar) -> str:
    return str(key)


@dataclass(frozen=True)
class _Renamer:
    """Renames the keys in the parts of a file; `steps`: the old keys of its chance steps and moves, `sums` of sums."""

    keys: Renaming
    steps: frozenset[str]
    sums: frozenset[str]

    def new_name(self, key: str) -> str:
        """The new key of an actor, input, let, step or state; a coefficient has the names of its sum and its column."""
        total, dot, column = key.partition(".")
        return self.keys.name(total) + dot + self.keys.name(column) if total in self.sums else self.keys.name(key)

    def name(self, value: Value) -> Value:
        """A word, or a list of words, each of which is an actor, input, let, step or state."""
        return _list(value, lambda word: _scalar(word, self.new_name(word)))

    def option(self, step: str, value: Value) -> Value:
        """A word, or a list of words, each of which is an option of a step."""
        return _list(value, lambda word: _scalar(word, self.keys.option(step, word)))

    def expression(self, text: Value) -> Value:
        """An expression with its names renamed and every other character as it was."""
        if not isinstance(text, Scalar):
            return text
        try:
            root = parse(text)
        except ExpressionError:  # `rest` and `otherwise` parse; a crisis that has been read has no others
            return text
        edits = dict(self.edits(root))
        new = str(text)
        for at in sorted(edits, reverse=True):
            old, word = edits[at]
            new = new[:at] + word + new[at + len(old) :]
        return _scalar(text, new)

    def edits(self, root: Node) -> Iterator[tuple[int, tuple[str, str]]]:
        """The words to replace: where each stands, the word and the new one; those of options come last."""
        yield from ((node.at, (node.name, self.new_name(node.name))) for node in walk(root) if isinstance(node, Name))
        for node in walk(root):
            if isinstance(node, Compare | Member):
                sides = (node.item, *node.members) if isinstance(node, Member) else node.operands
                words = [side for side in sides if isinstance(side, Name)]
                step = next((word.name for word in words if word.name in self.steps), None)
                for word in words if step is not None else ():
                    if word.name != step:
                        yield word.at, (word.name, self.keys.option(str(step), word.name))

    def crisis(self, document: Value) -> Value:
        return _mapping(document, _same, self.part)

    def part(self, section: Scalar, value: Value) -> Value:
        names = self.keys.name
        match str(section):
            case "actors":
                return _mapping(value, names, partial(self.fields, ("rationality",)))
            case "inputs":
                return _mapping(value, names, lambda _, entry: _mapping(entry, _same, self.input))
            case "correlations":
                return _list(value, lambda pair: _mapping(pair, _same, self.pair))
            case "let":
                return _mapping(value, names, lambda _, text: self.expression(text))
            case "timeline":
                return _list(value, self.step)
            case "payoffs":
                return _mapping(value, names, self.terms)
            case "measures":
                return _mapping(value, partial(_renamed_by, self.keys.measures), partial(self.fields, ("is",)))
            case "endings":
                return _mapping(value, partial(_renamed_by, self.keys.endings), partial(self.fields, ("if",)))
            case "levers":
                new = partial(_renamed_by, self.keys.levers)
                return _mapping(value, new, lambda _, entry: _mapping(entry, _same, self.lever))
            case "observed":
                return _list(value, lambda entry: _mapping(entry, names, self.option))
            case "cases":
                return _mapping(value, _same, self.cases)
        return value

    def input(self, key: Scalar, value: Value) -> Value:
        """The value of a key of an input: the names of columns in a sum."""
        if key == "is":
            return _mapping(value, self.new_name, lambda _, prior: prior)
        return self.name(value) if key == "linear" else value

    def cases(self, key: Scalar, value: Value) -> Value:
        """The value of a key of `cases`: its records."""
        match str(key):
            case "observed":
                return _mapping(value, _same, lambda _, cells: _mapping(cells, _same, lambda _, one: self.record(one)))
            case "counts":
                return _mapping(value, _same, lambda _, one: self.record(one))
        return value

    def record(self, value: Value) -> Value:
        """A record, by `STEP` or `STEP@ROUND`, and its endings."""

        def key(old: Scalar) -> str:
            step, at, number = old.partition("@")
            return str(old) if old == "ending" else self.keys.name(step) + at + number

        def taken(old: Scalar, values: Value) -> Value:
            if old == "ending":
                return _list(values, lambda word: _scalar(word, _renamed_by(self.keys.endings, word)))
            return self.option(old.partition("@")[0], values)

        return _mapping(value, key, taken)

    def fields(self, written: tuple[str, ...], _: Scalar, entry: Value) -> Value:
        """An entry: an expression, or a mapping of which some keys hold expressions."""
        if not isinstance(entry, YamlMapping):
            return self.expression(entry)
        return _mapping(entry, _same, lambda key, value: self.expression(value) if key in written else value)

    def pair(self, key: Scalar, value: Value) -> Value:
        return self.name(value) if key == "of" else value

    def terms(self, actor: Scalar, terms: Value) -> Value:
        return _mapping(terms, partial(self.keys.term, actor), partial(self.fields, ("pays",)))

    def lever(self, key: Scalar, value: Value) -> Value:
        match str(key):
            case "set":
                return _mapping(value, self.new_name, lambda _, text: self.expression(text))
            case "forbid" | "allow" | "commit":
                return _mapping(value, self.keys.name, self.option)
        return value

    def step(self, step: Value) -> Value:
        kind = next((key for key in step if key in STEP_KINDS), "") if isinstance(step, YamlMapping) else ""
        own = str(step[kind]) if kind in ("chance", "move", "tell", "state") else ""
        return _mapping(step, _same, partial(self.step_part, own))

    def step_part(self, own: str, key: Scalar, value: Value) -> Value:
        """The value of a key of a step; `own`: the step's old key."""
        option = partial(self.keys.option, own)
        match str(key):
            case "chance" | "move" | "state" | "tell" | "by" | "to" | "seen_by":
                return self.name(value)
            case "together" | "steps":
                return _list(value, self.step)
            case "options" | "closed":
                if isinstance(value, Items):
                    return self.option(own, value)
                return _mapping(value, option, lambda _, entry: entry)
            case "only_if":
                return _mapping(value, option, lambda _, text: self.expression(text))
            case "odds" | "weights":
                return self.odds(own, value)
            case "believed_by":
                return _mapping(value, self.keys.name, lambda _, odds: self.odds(own, odds))
            case "if" | "until" | "start" | "becomes":
                return self.expression(value)
        return value

    def odds(self, own: str, rows: Value) -> Value:
        option = partial(self.keys.option, own)
        return _list(rows, lambda row: _mapping(row, option, lambda _, text: self.expression(text)))


def _renamed_by(keys: Keys, key: Scalar) -> str:
    return keys.get(key, str(key))


def grids_of(crisis: Crisis) -> frozenset[str]:
    """The keys of the chance steps that are grids, whose options have the keys that the language gives them."""
    found: set[str] = set()
    document: Any = load(crisis.text.encode(), Faults())
    pending: list[Any] = [document["timeline"]]
    while pending:
        value = pending.pop()
        if isinstance(value, list):
            pending += value
        elif "grid" in value:
            found.add(str(value["chance"]))
        else:
            pending += [value[key] for key in ("together", "steps") if key in value]
    return frozenset(found)
