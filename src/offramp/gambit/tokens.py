"""Tokens of Gambit's files: quoted texts, numbers, braces and bare words; commas count as blanks.

Numbers are exact: `1/3` is a third and `0.1` a tenth, not the nearest floats.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import NoReturn, TypeVar

from offramp.common.words import quoted
from offramp.crisis.faults import CrisisError, Fault, Location

LONGEST_NUMBER = 300
"""Most characters of a number, and the largest size of its exponent."""
LARGEST = 10**100
"""The largest size of a number: a game takes no larger payoffs."""
_RANGE = f"numbers are 0, or from 1e-{LONGEST_NUMBER} to 1e100 in size"

_TOKEN = re.compile(
    r"""
      "(?P<text>[^"\\]*(?:\\.[^"\\]*)*)"
    | (?P<number>[+-]?(?:\d+/\d+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![^\s{},"]))
    | (?P<brace>[{}])
    | (?P<broken>")
    | (?P<word>[^\s{},"]+)
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_ESCAPED = re.compile(r'\\(["\\])')
T = TypeVar("T")


def decoded(data: bytes) -> str:
    """A file's text: UTF-8 with or without a byte order mark, UTF-16 with one, or else Latin-1."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


class Tokens:
    r"""The tokens of a file, and the position of the next one.

    The methods that read a token take a description of what they expect, for the error message.

    Examples
    --------
    >>> tokens = Tokens('EFG 2 "a \\"game\\"" { 1/2 }', "x.efg")
    >>> tokens.word("EFG"), tokens.count("a version"), tokens.text("a title")
    ('EFG', 2, 'a "game"')
    >>> tokens.braced("odds", lambda: tokens.fraction("odds"))
    [Fraction(1, 2)]
    """

    def __init__(self, text: str, path: str) -> None:
        self.source = text
        self.path = path
        self.kinds: list[str] = []
        self.values: list[str] = []
        self.offsets: list[int] = []
        self.position = 0
        self._numbers: dict[str, Fraction] = {}
        for match in _TOKEN.finditer(text):
            kind = match.lastgroup or "text"
            self.kinds.append(kind)
            self.values.append(match[kind])
            self.offsets.append(match.start())
            if kind == "broken":  # what follows could be inside or outside the quotes
                break
        self.kinds.append("end")
        self.values.append("")
        self.offsets.append(len(text.rstrip()))

    @property
    def kind(self) -> str:
        """The kind of the next token: text, number, brace, word, broken or end."""
        return self.kinds[self.position]

    def next_is(self, kind: str, value: str) -> bool:
        """Whether the next token is of this kind and value."""
        return self.kinds[self.position] == kind and self.values[self.position] == value

    def place(self, position: int) -> Location:
        """Line and column of a token."""
        offset = self.offsets[position]
        return Location(self.source.count("\n", 0, offset) + 1, offset - self.source.rfind("\n", 0, offset))

    def fail(self, message: str, position: int | None = None) -> NoReturn:
        """Refuse the file because of a token, by default the next one."""
        place = self.place(self.position if position is None else position)
        raise CrisisError(self.path, [Fault(place, message)])

    def expected(self, what: str) -> NoReturn:
        """Refuse the next token because another one was expected."""
        kind, value = self.kinds[self.position], self.values[self.position]
        if kind == "broken":
            self.fail('this " is never closed')
        found = (
            "the end of the file" if kind == "end" else quoted(value) if kind != "text" else f"the text {quoted(value)}"
        )
        self.fail(f"expected {what}, found {found}")

    def _take(self, kind: str, what: str) -> str:
        if self.kinds[self.position] != kind:
            self.expected(what)
        self.position += 1
        return self.values[self.position - 1]

    def text(self, what: str) -> str:
        """Read a quoted text; line breaks and runs of blanks in it are kept."""
        text = self._take("text", what)
        return _ESCAPED.sub(r"\1", text) if "\\" in text else text

    def word(self, *allowed: str) -> str:
        """Read one of the allowed bare words."""
        if self.kind != "word" or self.values[self.position] not in allowed:
            self.expected(" or ".join(allowed))
        self.position += 1
        return self.values[self.position - 1]

    def count(self, what: str) -> int:
        """Read a whole number from 0 up."""
        text = self._take("number", what)
        if not text.isdecimal() or len(text) > 9:
            self.position -= 1
            self.expected(f"{what}, a whole number")
        return int(text)

    def fraction(self, what: str) -> Fraction:
        """Read a number: whole, a fraction or a decimal, with or without an exponent."""
        text = self._take("number", what)
        if text not in self._numbers:
            self._numbers[text] = self._exact(text)
        return self._numbers[text]

    def _exact(self, text: str) -> Fraction:
        """The exact value of the number read last."""
        at = self.position - 1
        mantissa, _, exponent = text.lower().partition("e")
        if len(mantissa) > LONGEST_NUMBER or len(exponent) > LONGEST_NUMBER:
            self.fail(f"{quoted(text)} has {len(text):,} characters; a number has up to {LONGEST_NUMBER}", at)
        power = int(exponent or "0")
        if abs(power) > LONGEST_NUMBER and re.search("[1-9]", mantissa):
            self.fail(f"{quoted(text)} is too {'large' if power > 0 else 'near to 0'}; {_RANGE}", at)
        try:
            number = Fraction(mantissa if abs(power) > LONGEST_NUMBER else text)
        except ZeroDivisionError:
            self.fail(f"{quoted(text)} divides by zero", at)
        if abs(number) > LARGEST:
            self.fail(f"{quoted(text)} is too large; {_RANGE}", at)
        return number

    def opens(self, what: str) -> None:
        """Read an opening brace; `what` follows it."""
        if not self.next_is("brace", "{"):
            self.expected(f"'{{' and {what}")
        self.position += 1

    def closes(self, what: str) -> bool:
        """Read a closing brace if it comes next, and say so; otherwise more of `what` must follow."""
        if self.next_is("brace", "}"):
            self.position += 1
            return True
        if self.kind == "end":
            self.expected(f"{what} or '}}'")
        return False

    def braced(self, what: str, take: Callable[[], T]) -> list[T]:
        """Read a list in braces, each item with `take`."""
        self.opens(what)
        items: list[T] = []
        while not self.closes(what):
            items.append(take())
        return items
