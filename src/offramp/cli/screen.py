"""Output to the terminal, on standard output and standard error, with control characters escaped.

Only control sequences made by Rich itself, for colours and progress bars, reach the terminal: a `Screen` tells them
from the text that it was given.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TextIO

from offramp.common.printable import printable
from offramp.common.texts import tr

if TYPE_CHECKING:
    from rich.console import Console


class Screened(io.TextIOBase):
    """A text stream that escapes control characters; it has no `buffer`, with which click would bypass it."""

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
    """Escape control characters on standard output and error; a character the terminal cannot show becomes `?`."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
        if stream is not None and not isinstance(stream, Screened):
            setattr(sys, name, Screened(stream))


def next_commands(*commands: str) -> str:
    """The commands to give next, one under the other."""
    label = tr("Next:") + " "
    return label + f"\n{' ' * len(label)}".join(commands)


def console(*, err: bool = False) -> Console:
    """Rich's console on standard output or standard error, with control characters in the text escaped."""
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.segment import Segment

    class Screen(Console):
        def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
            for segment in super().render(renderable, options):
                yield segment if segment.control else Segment(printable(segment.text), segment.style)

    stream: Any = sys.stderr if err else sys.stdout
    file = stream.stream if isinstance(stream, Screened) else stream
    width = None if err or stream.isatty() else 120  # wide enough for tables in a file
    return Screen(file=file, width=width, highlight=False, emoji=False)
