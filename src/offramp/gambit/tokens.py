"""The words of Gambit's files: texts in quotes, numbers, braces, bare words; commas are blanks.

Numbers are exact: `1/3` is a third and `0.1` a tenth, never their nearest floats.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import NoReturn, TypeVar

from offramp.common.words import quoted
from offramp.crisis.faults import CrisisError, Fault, Location

LONGEST_NUMBER = 300
"""Characters of a number, and the size of its exponent."""
LARGEST = 10**LONGEST_NUMBER
"""Larger numbers are no floats, or their differences are none."""

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
    """A file's text: UTF-8 with or without its mark, UTF-16 with its mark, or else Latin-1."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


class Tokens:
    r"""The tokens of a file, and how far they have been read.

    Every method that takes a token says what it expects there, for the message where something else stands.

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
            if kind == "broken":  # whatever follows is not known to be inside or outside of quotes
                break
        self.kinds.append("end")
        self.values.append("")
        self.offsets.append(len(text.rstrip()))

    @property
    def kind(self) -> str:
        """The kind of the next token: text, number, brace, word, broken or end."""
        return self.kinds[self.position]

    def stands(self, kind: str, value: str) -> bool:
        """Whether the next token is this one."""
        return self.kinds[self.position] == kind and self.values[self.position] == value

    def place(self, position: int) -> Location:
        """Line and column of a token."""
        offset = self.offsets[position]
        return Location(self.source.count("\n", 0, offset) + 1, offset - self.source.rfind("\n", 0, offset))

    def fail(self, message: str, position: int | None = None) -> NoReturn:
        """Refuse the file, for what stands at a token: the next one, if none is named."""
        place = self.place(self.position if position is None else position)
        raise CrisisError(self.path, [Fault(place, message)])

    def expected(self, what: str) -> NoReturn:
        """Refuse the next token."""
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
        """A text in quotes; line breaks and runs of blanks in it stay."""
        text = self._take("text", what)
        return _ESCAPED.sub(r"\1", text) if "\\" in text else text

    def word(self, *allowed: str) -> str:
        """One of some bare words."""
        if self.kind != "word" or self.values[self.position] not in allowed:
            self.expected(" or ".join(allowed))
        self.position += 1
        return self.values[self.position - 1]

    def count(self, what: str) -> int:
        """A whole number from 0 up."""
        text = self._take("number", what)
        if not text.isdecimal() or len(text) > 9:
            self.position -= 1
            self.expected(f"{what}, a whole number")
        return int(text)

    def fraction(self, what: str) -> Fraction:
        """A number: whole, a fraction, a decimal, with an exponent or without."""
        text = self._take("number", what)
        if text not in self._numbers:
            self._numbers[text] = self._exact(text)
        return self._numbers[text]

    def _exact(self, text: str) -> Fraction:
        """The number that was taken last."""
        exponent = re.split("[eE]", text)[1:]
        short = len(text) <= LONGEST_NUMBER and (not exponent or abs(int(exponent[0])) <= LONGEST_NUMBER)
        try:
            number = Fraction(text) if short else None
        except ZeroDivisionError:
            self.fail(f"{quoted(text)} divides by zero", self.position - 1)
        if number is None or abs(number) > LARGEST:
            self.fail(
                f"{quoted(text)} is beyond the numbers that are read, 1e{LONGEST_NUMBER} at most", self.position - 1
            )
        return number

    def opens(self, what: str) -> None:
        """An opening brace, of `what`."""
        if not self.stands("brace", "{"):
            self.expected(f"'{{' and {what}")
        self.position += 1

    def closes(self, what: str) -> bool:
        """Whether a closing brace stands here, which is then taken; else there must be more of `what`."""
        if self.stands("brace", "}"):
            self.position += 1
            return True
        if self.kind == "end":
            self.expected(f"{what} or '}}'")
        return False

    def braced(self, what: str, take: Callable[[], T]) -> list[T]:
        """What stands in braces."""
        self.opens(what)
        found: list[T] = []
        while not self.closes(what):
            found.append(take())
        return found
