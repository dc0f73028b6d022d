"""What a file declares, in its order: for an outline, and to jump to."""

from __future__ import annotations

from dataclasses import dataclass

from offramp.crisis.editor.declared_names import SECTIONS, kind_of
from offramp.crisis.editor.descriptions import text_of
from offramp.crisis.editor.offsets import Offsets
from offramp.crisis.editor.text_tree import Listing, Mapping, Node, Word
from offramp.crisis.editor.tolerant import tree_of
from offramp.crisis.text.document import MAX_BYTES

_KIND = {
    "sources": "source",
    "actors": "actor",
    "inputs": "input",
    "let": "let",
    "endings": "ending",
    "levers": "lever",
}
_DETAIL = {"sources": "title", "actors": "name", "inputs": "is"}


@dataclass(frozen=True)
class SymbolAt:
    """A name, what it is, and where it is declared (UTF-16 units; the line counts from 1)."""

    name: str
    kind: str
    detail: str
    start: int
    end: int
    line: int

    def to_dict(self) -> dict[str, str | int]:
        place: dict[str, str | int] = {"from": self.start, "to": self.end, "line": self.line}
        return {"name": self.name, "kind": self.kind, "detail": self.detail, **place}


def symbols(text: str) -> tuple[SymbolAt, ...]:
    r"""All that a text declares, in file order, however broken it is.

    Examples
    --------
    >>> [(found.kind, found.name, found.line) for found in symbols("actors:\n  north: {name: N}\ninputs: {a: {is")]
    [('actor', 'north', 2), ('input', 'a', 3)]
    """
    offsets = Offsets(text)
    tree = tree_of(text, offsets) if len(text) <= MAX_BYTES else None
    found: list[tuple[Word, str, str]] = []
    if not isinstance(tree, Mapping):
        return ()
    for section in SECTIONS:
        part = tree.get(section)
        if section in _KIND and isinstance(part, Mapping):
            for entry in part.entries:
                if not entry.bare:
                    detail = text_of(entry.value, _DETAIL.get(section))
                    found.append((entry.key, _KIND[section], detail))
    _steps(tree.get("timeline"), found)
    found.sort(key=lambda each: each[0].start)
    return tuple(
        SymbolAt(
            word.text, kind, detail, offsets.units(word.start), offsets.units(word.end), offsets.line(word.start) + 1
        )
        for word, kind, detail in found
    )


def _steps(node: Node | None, found: list[tuple[Word, str, str]]) -> None:
    for part in node.items if isinstance(node, Listing) else ():
        kind = kind_of(part) if isinstance(part, Mapping) else None
        if kind is None or not isinstance(part, Mapping):
            continue
        word = part.get(kind)
        if kind == "together":
            key = next(entry.key for entry in part.entries if entry.key.text == kind)
            found.append((key, kind, ""))
            _steps(word, found)
        elif isinstance(word, Word):
            found.append((word, kind, text_of(part, "by")))
        if kind == "rounds":
            _steps(part.get("steps"), found)
