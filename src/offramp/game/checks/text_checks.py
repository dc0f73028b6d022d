"""All faults of a text as `offramp check` finds them, with the words to underline."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from offramp.crisis.editor.offsets import Offsets
from offramp.crisis.editor.text_tree import Word, words
from offramp.crisis.editor.tolerant import tree_of
from offramp.crisis.expressions.grammar import DOTTED
from offramp.crisis.faults import CrisisError, Fault, Location
from offramp.crisis.model import Crisis
from offramp.crisis.reading import read_text
from offramp.crisis.text.document import MAX_BYTES
from offramp.game.checks.game_warnings import warnings_of
from offramp.game.checks.revealed_facts import Reveal, reveals
from offramp.game.compiler import MAX_NODES, compile_crisis
from offramp.game.game import Game

_NUMBER = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?%?"
_TOKEN = re.compile(
    rf"""(?P<quoted>"(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?)|(?P<number>{_NUMBER}(?![\w]))|(?P<word>{DOTTED}|\w+)|[=!<>*&|]+|\S"""
)
_PLAIN_KEYS = ("cite", "date", "as_of", "because", "title", "name", "round", "rounds", "format")
"""Keys whose values are not expressions: a fault there underlines the whole value."""


@dataclass(frozen=True)
class Underlined:
    """A fault and the text that it underlines.

    Lines and columns count from 1, `start` and `end` from 0 at the beginning of the text; columns and offsets count
    UTF-16 units, as a browser does.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    start: int
    end: int
    severity: Literal["error", "warning"]
    message: str

    def to_dict(self) -> dict[str, str | int]:
        first: dict[str, str | int] = {"line": self.line, "column": self.column}
        last = {"end_line": self.end_line, "end_column": self.end_column, "from": self.start, "to": self.end}
        return {**first, **last, "severity": self.severity, "message": self.message}


@dataclass(frozen=True)
class Checked:
    """The result of a check; `crisis` and `game` are set if there are no errors, so callers need not compile again."""

    faults: tuple[Underlined, ...]
    crisis: Crisis | None = field(default=None, repr=False)
    game: Game | None = field(default=None, repr=False)
    reveals: tuple[Reveal, ...] = ()

    @property
    def ok(self) -> bool:
        """True if there are no errors; there may be warnings."""
        return self.game is not None and all(fault.severity == "warning" for fault in self.faults)

    def to_dict(self) -> dict[str, object]:
        cites = [] if self.crisis is None else self.crisis.cites
        return {
            "ok": self.ok,
            "faults": [fault.to_dict() for fault in self.faults],
            "size": None if self.game is None else self.game.size.to_dict(),
            "reveals": [
                {"step": reveal.step, "to": list(reveal.to), "facts": list(reveal.facts)} for reveal in self.reveals
            ],
            "cites": [{"line": cite.place.line, "cite": cite.text, "found": cite.first_words} for cite in cites],
        }


def check_text(text: str, path: Path, *, max_nodes: int | None = None) -> Checked:
    """Check a text as if it were the content of the file `path`."""
    crisis: Crisis | None = None
    game: Game | None = None
    revealed: tuple[Reveal, ...] = ()
    faults: list[tuple[Fault, Literal["error", "warning"]]]
    try:
        crisis = read_text(text.encode("utf-8", "surrogatepass"), str(path))
        compiled = compile_crisis(crisis, max_nodes=max_nodes or MAX_NODES)
        faults = [(warning, "warning") for warning in warnings_of(compiled, max_nodes or MAX_NODES)]
        game, revealed = compiled, reveals(crisis, max_nodes)
    except CrisisError as error:
        faults = [(fault, "error") for fault in error.faults]
    return Checked(underlined(text, faults), crisis, game, revealed)


def underlined(text: str, faults: list[tuple[Fault, Literal["error", "warning"]]]) -> tuple[Underlined, ...]:
    """The faults of a text with the words to underline."""
    if not faults:
        return ()
    offsets = Offsets(text)
    scalars = _scalars(text, offsets)
    found = []
    for fault, severity in faults:
        start, end = _span(fault.place, fault.message, offsets, scalars)
        line, column = offsets.position(start)
        _, end_column = offsets.position(end)
        span = offsets.units(start), offsets.units(end)
        found.append(Underlined(line, column, line, end_column, *span, severity, fault.message))
    return tuple(found)


def _scalars(text: str, offsets: Offsets) -> dict[int, Word]:
    """The scalars of a text, by the offset of their first character."""
    tree = tree_of(text, offsets) if len(text) <= MAX_BYTES else None
    return {word.start: word for word in words(tree)}


def _span(place: Location, message: str, offsets: Offsets, scalars: dict[int, Word]) -> tuple[int, int]:
    """The start and end of the word at a location, or of the whole value if all of it is wrong; within the line."""
    text = offsets.text
    start = offsets.at(place.line, place.column)
    stop = offsets.line_end(start)
    scalar = scalars.get(start) or scalars.get(start - 1)
    token = _TOKEN.match(text, start, stop)
    if token is None:
        first = offsets.starts[offsets.line(start)]
        before = text[first:start]
        return (first + len(before.rstrip()) - 1, start) if before.strip() else (start, min(start + 1, stop))
    whole = scalar is not None and scalar.end > token.end() and f"'{token[0]}'" not in message
    if scalar is not None and (whole or _key_of(text, scalar, offsets) in _PLAIN_KEYS):
        closing = start > scalar.start and text[scalar.end - 1] == scalar.style
        line_stop = min(scalar.end - closing, stop)
        return start, max(min(token.end(), line_stop), start + len(text[start:line_stop].rstrip()))
    return start, token.end()


def _key_of(text: str, scalar: Word, offsets: Offsets) -> str:
    """The key before a value on the same line."""
    before = text[max(offsets.starts[offsets.line(scalar.start)], scalar.start - 80) : scalar.start]
    match = re.search(r"(\w+):\s+\Z", before)
    return match[1] if match else ""
