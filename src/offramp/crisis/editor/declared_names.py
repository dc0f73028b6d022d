"""Collects the names that a text declares from its tree, even if other parts are broken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from offramp.crisis.editor.text_tree import Listing, Mapping, Node, Word, words
from offramp.crisis.scalars import is_point_count
from offramp.crisis.schema import STEP_KINDS


@dataclass(frozen=True)
class Named:
    """A named step and its mapping; `inside` are the `rounds` and `together` that contain it, outermost first."""

    name: str
    kind: str
    word: Word
    part: Mapping
    options: tuple[str, ...] = ()
    inside: tuple[Mapping, ...] = ()


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

    def of_kind(self, *kinds: str) -> list[Named]:
        return [step for step in self.steps.values() if step.kind in kinds]

    def options_of(self, step: str) -> tuple[str, ...]:
        return self.steps[step].options if step in self.steps else ()

    def closed_of(self, step: str) -> tuple[str, ...]:
        """The closed options of a move."""
        closed = self.steps[step].part.get("closed") if step in self.steps else None
        return tuple(word.text for word in words(closed) if word.text in self.options_of(step))


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
