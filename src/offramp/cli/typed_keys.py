"""What a person types at a terminal, and what is said there."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from textwrap import wrap
from typing import TYPE_CHECKING

import click

from offramp.common.texts import tr, translated
from offramp.common.words import listed

if TYPE_CHECKING:
    from rich.console import Console

NO_BREAK = "\u00a0"


@dataclass
class TypedKeys:
    """What is typed and said at a screen; `typed`: keys that came at once and wait."""

    screen: Console
    typed: list[str] = field(default_factory=list)

    def say(self, text: str, style: str = "") -> None:
        """Print a text as it is, without markup."""
        from rich.text import Text

        from offramp.common.printable import printable

        self.screen.print(Text(printable(text), style))

    def key(self) -> str:
        """The next key; keys that were typed at once come one by one. Enter is none: people press it out of habit.

        Raises
        ------
        KeyboardInterrupt, EOFError
            For Ctrl-C, Ctrl-D, or a terminal that was closed.
        """
        while not self.typed:
            self.screen.file.flush()
            try:
                read = click.getchar()
            except OSError:  # the terminal was closed
                raise EOFError from None
            self.typed = [read] if read.startswith("\x1b") else [key for key in read if key not in "\r\n"]
        key = self.typed.pop(0)
        if key == "\x03":
            raise KeyboardInterrupt
        if key == "\x04":
            raise EOFError
        return key.lower()

    def choice(self, offered: Mapping[str, str], help_text: str, others: str = "") -> str:
        """The next key that is offered or one of `others`; ? prints the help, any other key what may be pressed.

        The help, and the words of the keys, are texts of the catalogue.
        """
        while (key := self.key()) == "?" or key not in {*offered, *others}:
            keys = listed(offered, len(offered), last="or")
            self.say(translated(help_text) if key == "?" else tr("Press one of {keys}", keys=keys))
            show_keys(self.screen, offered)
        return key

    def yes(self, question: str) -> bool:
        """Ask a question that has two answers."""
        from rich.markup import escape

        self.screen.print(f"{escape(question)} [bold]y[/bold]/[bold]n[/bold] ", end="")
        while (key := self.key()) not in ("y", "n"):
            pass
        self.screen.print(key)
        return key == "y"

    def line(self) -> str:
        """Read a line; EOFError if there is none."""
        self.screen.file.flush()
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        return line.strip()


def show_keys(screen: Console, keys: Mapping[str, str]) -> None:
    """Print what each key does, in texts of the catalogue; a key and its words stay on one line."""
    from rich.text import Text

    joined = "  ".join(f"{key} {translated(words)}".replace(" ", NO_BREAK) for key, words in keys.items())
    screen.print()
    for line in wrap(joined, screen.width, drop_whitespace=True):
        text = Text(line.replace(NO_BREAK, " "), "dim")
        for found in re.finditer(r"(?:^|  )(\S) ", text.plain):
            text.stylize("not dim bold", *found.span(1))
        screen.print(text)
