"""The names that a file declares, in order, for an outline and for navigation."""

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
    "measures": "measure",
    "endings": "ending",
    "levers": "lever",
}
_DETAIL = {"sources": "title", "actors": "name", "inputs": "is"}


@dataclass(frozen=True)
class SymbolAt:
    """A name, its kind, and the place of its declaration (UTF-16 units; the line counts from 1)."""

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
    r"""All names that a text declares, in file order, even if the text is broken.

    Examples
    --------
    >>> [(symbol.kind, symbol.name, symbol.line) for symbol in symbols("actors:\n  north: {name: N}\ninputs: {a: {is")]
    [('actor', 'north', 2), ('input', 'a', 3)]
    """
    offsets = Offsets(text)
    tree = tree_of(text, offsets) if len(text) <= MAX_BYTES else None
    declarations: list[tuple[Word, str, str]] = []
    if not isinstance(tree, Mapping):
        return ()
    for section in SECTIONS:
        part = tree.get(section)
        if section in _KIND and isinstance(part, Mapping):
            for entry in part.entries:
                if not entry.bare:
                    detail = text_of(entry.value, "name") or text_of(entry.value, _DETAIL.get(section))
                    declarations.append((entry.key, _KIND[section], detail))
    _steps(tree.get("timeline"), declarations)
    declarations.sort(key=lambda declaration: declaration[0].start)
    return tuple(
        SymbolAt(
            word.text, kind, detail, offsets.units(word.start), offsets.units(word.end), offsets.line(word.start) + 1
        )
        for word, kind, detail in declarations
    )


def _steps(node: Node | None, declarations: list[tuple[Word, str, str]]) -> None:
    for part in node.items if isinstance(node, Listing) else ():
        kind = kind_of(part) if isinstance(part, Mapping) else None
        if kind is None or not isinstance(part, Mapping):
            continue
        word = part.get(kind)
        if kind == "together":
            key = next(entry.key for entry in part.entries if entry.key.text == kind)
            declarations.append((key, kind, ""))
            _steps(word, declarations)
        elif isinstance(word, Word):
            declarations.append((word, kind, text_of(part, "name") or text_of(part, "by")))
        if kind == "rounds":
            _steps(part.get("steps"), declarations)
