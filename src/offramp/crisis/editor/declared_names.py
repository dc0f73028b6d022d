"""Collects the names that a text declares from its tree, even if other parts are broken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

from offramp.crisis.distribution import is_distribution
from offramp.crisis.editor.text_tree import Listing, Mapping, Node, Word, words
from offramp.crisis.scalars import is_point_count
from offramp.crisis.schema import STEP_KINDS

MAX_MADE = 10_000
"""Maximum number of inputs with dots that the editor knows."""


@dataclass(frozen=True)
class Named:
    """A named step and its mapping; `inside` are the `rounds` and `together` that contain it, outermost first."""

    name: str
    kind: str
    word: Word
    part: Mapping
    options: tuple[str, ...] = ()
    inside: tuple[Mapping, ...] = ()

    @property
    def repeats(self) -> bool:
        """Whether it is inside rounds."""
        return any(kind_of(block) == "rounds" for block in self.inside)


@dataclass
class DeclaredNames:
    """The declared names: mappings from each name to the tree of its entry."""

    sources: dict[str, Node | None] = field(default_factory=dict)
    actors: dict[str, Node | None] = field(default_factory=dict)
    inputs: dict[str, Node | None] = field(default_factory=dict)
    let: dict[str, Node | None] = field(default_factory=dict)
    payoffs: dict[str, Node | None] = field(default_factory=dict)
    measures: dict[str, Node | None] = field(default_factory=dict)
    endings: dict[str, Node | None] = field(default_factory=dict)
    levers: dict[str, Node | None] = field(default_factory=dict)
    steps: dict[str, Named] = field(default_factory=dict)
    """Chance steps, moves and states."""
    blocks: list[Mapping] = field(default_factory=list)
    """The rounds."""

    @cached_property
    def made(self) -> dict[str, str]:
        """The inputs with dots that entries make, each with the input or actor that makes it; `MAX_MADE` at most."""
        made = dict(islice(((name, key) for key in self.inputs for name in self.made_by(key)), MAX_MADE))
        rationalities = {key: part.get("rationality") for key, part in self.actors.items() if isinstance(part, Mapping)}
        drawn = (key for key, text in rationalities.items() if isinstance(text, Word) and is_distribution(text.text))
        return made | {f"{key}.rationality": key for key in drawn}

    def made_by(self, key: str) -> list[str]:
        """The inputs with dots that an input makes: levels of a column of text, coefficients of a sum."""
        part = self.inputs.get(key)
        if not isinstance(part, Mapping):
            return []
        entries = dict.fromkeys(word.text for word in words(part.get("linear")))
        columns = [name for entry in entries for name in self.levels_of(entry) or [entry]]
        return [*self.levels_of(key), *(f"{key}.{column}" for column in columns)]

    def levels_of(self, key: str) -> list[str]:
        """The levels of a column of text, as inputs."""
        part = self.inputs.get(key)
        return [f"{key}.{word.text}" for word in words(part.get("levels"))] if isinstance(part, Mapping) else []

    @property
    def numbers(self) -> list[str]:
        """The inputs and sums that an expression can name."""
        return [*(key for key in self.inputs if not self.levels_of(key)), *self.made]

    @property
    def drawn(self) -> list[str]:
        """The inputs that can be set and correlated: sums are computed."""
        return [name for name in self.numbers if not has_key(self.inputs.get(name), "linear")]

    @property
    def columns(self) -> list[str]:
        """What a sum can add up besides 1: columns, columns of text, and their levels."""
        found = [key for key, part in self.inputs.items() if has_key(part, "column")]
        return [*found, *(level for key in found for level in self.levels_of(key))]

    def of_kind(self, *kinds: str) -> list[Named]:
        return [step for step in self.steps.values() if step.kind in kinds]

    def options_of(self, step: str) -> tuple[str, ...]:
        return self.steps[step].options if step in self.steps else ()

    def closed_of(self, step: str) -> tuple[str, ...]:
        """The closed options of a move."""
        closed = self.steps[step].part.get("closed") if step in self.steps else None
        return tuple(word.text for word in words(closed) if word.text in self.options_of(step))


def has_key(part: Node | None, key: str) -> bool:
    """Whether a part is a mapping with a key."""
    return isinstance(part, Mapping) and part.get(key) is not None


SECTIONS = ("sources", "actors", "inputs", "let", "payoffs", "measures", "endings", "levers")


def names_of(tree: Node | None) -> DeclaredNames:
    """All names that a tree declares."""
    names = DeclaredNames()
    if not isinstance(tree, Mapping):
        return names
    for section in SECTIONS:
        part = tree.get(section)
        if isinstance(part, Mapping):
            getattr(names, section).update({entry.key.text: entry.value for entry in part.entries if not entry.bare})
    for step in _steps(tree.get("timeline"), (), names):
        names.steps.setdefault(step.name, step)
    return names


def _steps(node: Node | None, inside: tuple[Mapping, ...], names: DeclaredNames) -> Iterator[Named]:
    if not isinstance(node, Listing):
        return
    for part in node.items:
        if not isinstance(part, Mapping):
            continue
        kind = kind_of(part)
        word = part.get(kind) if kind else None
        if kind in ("chance", "move", "state") and isinstance(word, Word):
            yield Named(word.text, kind, word, part, _options(kind, part), inside)
        elif kind == "rounds":
            names.blocks.append(part)
            yield from _steps(part.get("steps"), (*inside, part), names)
        elif kind == "together":
            yield from _steps(part.get("together"), (*inside, part), names)


def kind_of(part: Mapping) -> str | None:
    """The kind of step of a mapping, by its key, or None."""
    return next((entry.key.text for entry in part.entries if entry.key.text in STEP_KINDS and not entry.bare), None)


def _options(kind: str, part: Mapping) -> tuple[str, ...]:
    if kind == "move":
        options = part.get("options")
        if isinstance(options, Mapping):
            return tuple(entry.key.text for entry in options.entries if not entry.bare)
        return tuple(word.text for word in words(options))
    odds = part.get("odds") or part.get("weights")
    rows = odds.items if isinstance(odds, Listing) else [odds]
    entries = [entry for row in rows if isinstance(row, Mapping) for entry in row.entries]
    values = dict.fromkeys(entry.key.text for entry in entries if entry.key.text != "if" and not entry.bare)
    return (tuple(values) or _points(part)) if kind == "chance" else ()


def _points(part: Mapping) -> tuple[str, ...]:
    """The keys of the points of a grid."""
    points = part.get("points")
    if part.get("grid") is None or not isinstance(points, Word) or not is_point_count(points.text):
        return ()
    return tuple(f"p{point}" for point in range(1, int(points.text) + 1))
