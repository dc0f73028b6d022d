"""Where text leaves for the terminal: standard output and standard error, on which no control character gets out.

Only what Rich makes itself, colours and the moves of a bar, goes past: a `Screen` knows it from the text it was given.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TextIO

from offramp.common.printable import printable

if TYPE_CHECKING:
    from rich.console import Console


class Screened(io.TextIOBase):
    """A stream of text that writes out control characters; it has no `buffer`, by which click would go past it."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self.stream.encoding

    @property
    def errors(self) -> str | None:  # type: ignore[override]
        return self.stream.errors

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.stream.write(printable(text))
        return len(text)

    def flush(self) -> None:
        self.stream.flush()

    def fileno(self) -> int:
        return self.stream.fileno()

    def isatty(self) -> bool:
        return self.stream.isatty()


def screen_streams() -> None:
    """Screen standard output and standard error of this process; a terminal that lacks a letter shows `?`."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
        if stream is not None and not isinstance(stream, Screened):
            setattr(sys, name, Screened(stream))


def console(*, err: bool = False) -> Console:
    """Rich's console on standard output, or on standard error: what it is given to show is screened."""
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.segment import Segment

    class Screen(Console):
        def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
            for segment in super().render(renderable, options):
                yield segment if segment.control else Segment(printable(segment.text), segment.style)

    stream: Any = sys.stderr if err else sys.stdout
    file = stream.stream if isinstance(stream, Screened) else stream
    width = None if err or stream.isatty() else 120  # wide enough for tables where output goes to a file
    return Screen(file=file, width=width, highlight=False, emoji=False)
