"""`offramp rivals DIR --confirm`: a person says, row by row, which endings of rival drafts are the same."""

from __future__ import annotations

import shlex
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from offramp.cli.review_session import user_name
from offramp.cli.screen import console, next_commands
from offramp.cli.typed_keys import TypedKeys, show_keys
from offramp.common.errors import OfframpError, UsageError
from offramp.common.texts import shown_later, tr, trn

if TYPE_CHECKING:
    from rich.console import Console

    from offramp.draft.rivals.endings_rows import EndingsRows
    from offramp.study.key_map import KeyMap, Row

KEYS = {
    "y": shown_later("the same"),
    "n": shown_later("not the same"),
    "e": shown_later("edit"),
    "a": shown_later("add a row"),
    "s": shown_later("skip"),
    "u": shown_later("undo"),
    "q": shown_later("quit"),
    "?": shown_later("help"),
}
AT_THE_END = {"y": shown_later("confirm"), **{key: KEYS[key] for key in "auq?"}}
HELP = shown_later("""\
y  They are the same ending: their numbers are compared.
n  They are not: the row goes, and each ending counts only in its own draft.
e  Edit the row: type the keys of each draft's endings. Several count as one.
a  Add a row, of endings that are the same and stand in no row.
s  Skip it.     u  Take back the last decision of this session.
q  Quit; the same command goes on from here.

Endings are the same if a reader of the document would say so. That two rest on the same words, or have the same \
name, is not enough: read when each comes about.""")


@dataclass
class EndingsSession:
    """A walk through the rows of endings; `at`: the shared key of the one that is shown."""

    found: EndingsRows
    by: str
    screen: Console
    before: list[EndingsRows] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.typed = TypedKeys(self.screen)
        self.at = next(iter(self.found.waiting), "")

    def go(self) -> bool:
        """Ask until the person quits or has confirmed the rows; whether they are confirmed."""
        while not self.found.key_map.are_endings_confirmed:
            self.onwards()
            self.show()
            if not self.answered():
                return False
        return True

    def show(self) -> None:
        """Show the row that waits, or all that is left to confirm, and the keys."""
        from offramp.report.endings_side_by_side import show_only_in, show_row

        self.screen.print()
        if self.at:
            show_row(self.screen, self.found, self.at)
        else:
            self.typed.say(
                trn(
                    "Every row is judged: {count} ending is the same in several drafts.",
                    "Every row is judged: {count} endings are the same in several drafts.",
                    len(self.found.rows),
                )
            )
            show_only_in(self.screen, self.found)
        show_keys(self.screen, self.offered)

    @property
    def offered(self) -> dict[str, str]:
        """The keys that do something."""
        return KEYS if self.at else AT_THE_END

    def answered(self) -> bool:
        """Do what the next key says, again until it is one that moves on; False to quit."""
        while True:
            key = self.typed.choice(self.offered, HELP)
            if key == "q":
                return False
            if key == "s":
                self.onwards(past=True)
                return True
            if self.decided(key):
                return True
            show_keys(self.screen, self.offered)

    def decided(self, key: str) -> bool:
        """Take a decision, or the last one back; False if nothing has changed."""
        from offramp.draft.rivals.endings_rows import confirmed_rows, endings_rows, judged_same, taken_apart, written

        before = self.found
        try:
            if key == "u":
                if not self.before:
                    self.typed.say(tr("there is nothing to take back in this session"))
                    return False
                earlier = self.before.pop()
                self.found = written(before, dict(earlier.rows), dict(earlier.state.judged))
                self.at = ""
                return True
            if key == "y":
                self.found = judged_same(before, self.at) if self.at else confirmed_rows(before, self.by)
            elif key == "n":
                self.found = taken_apart(before, self.at)
            elif not self.typed_row(self.at if key == "e" else ""):
                return False
        except OfframpError as error:
            self.typed.say(str(error), style="bold red")
            self.found = endings_rows(self.found.folder)
            return self.found != before
        self.before.append(before)
        return True

    def typed_row(self, shared: str) -> bool:
        """Ask for the keys of a row, again after a mistake; False if the person gives up."""
        from offramp.draft.rivals.endings_rows import with_row

        while True:
            self.typed.say(tr("Keys are separated by spaces. Enter keeps what is there, - empties it."))
            name = shared or self.asked(tr("shared key of the new row"), "")
            row: dict[str, tuple[str, ...]] = {}
            there: Row = self.found.rows.get(name, {})
            for one in self.found.drafts:
                keys = self.asked(one.label, " ".join(there.get(one.label, ())))
                row[one.label] = tuple(keys.replace(",", " ").split())
            try:
                self.found = with_row(self.found, name, row)
                return True
            except UsageError as error:
                self.typed.say(str(error), style="bold red")
            if not self.typed.yes(tr("Type it again?")):
                return False

    def asked(self, what: str, there: str) -> str:
        """A line that a person types; Enter keeps what is there."""
        from rich.markup import escape

        self.screen.print(f"[bold]{escape(what)}[/bold] {escape(f'[{there}]')}: ", end="")
        line = self.typed.line()
        return "" if line == "-" else line or there

    def onwards(self, *, past: bool = False) -> None:
        """Go to the next row that waits; after the last one to the first; to the end if none does."""
        waiting = self.found.waiting
        if self.at in waiting and not past:
            return
        order = list(self.found.rows)
        place = order.index(self.at) if self.at in order else -1
        later = [shared for shared in waiting if order.index(shared) > place]
        self.at = (later or [*waiting, ""])[0]


def _is_asked(key_map: KeyMap) -> bool:
    """Whether a person is asked about the endings' rows of a map; False if they are confirmed, which is then said.

    Raises
    ------
    UsageError
        If there is no terminal to ask at.
    """
    if (known := key_map.confirmation) is not None and key_map.are_endings_confirmed:
        text = tr(
            "{person} confirmed the endings on {date}. To change one, change its row in {file}, and give this command "
            "again.",
            person=known.by,
            date=known.on,
            file=key_map.path,
        )
        click.echo(click.wrap_text(text, 80))
        return False
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("--confirm asks a person at a terminal, and this is no terminal")
    return True


def confirm_endings(folder: Path, by: str | None) -> int:
    """Let a person confirm the endings' rows of a folder of rival drafts; every decision is kept at once."""
    from offramp.draft.rivals.endings_rows import endings_rows

    found = endings_rows(folder)
    place = shlex.quote(str(folder))
    if not _is_asked(found.key_map):
        return 0
    session = EndingsSession(found, by or user_name(), console())
    session.typed.say(tr("Which endings of these drafts are the same? ? explains the keys."))
    command = f"`offramp rivals {place} --confirm`"
    try:
        if not session.go():
            left = trn(
                "{count} row to judge; every decision is kept; {command} goes on.",
                "{count} rows to judge; every decision is kept; {command} goes on.",
                len(session.found.waiting),
                command=command,
            )
            session.typed.say(left)
            return 0
    except (KeyboardInterrupt, EOFError):
        with suppress(OSError):  # the terminal may be closed
            session.typed.say("\n" + tr("stopped; every decision is kept; {command} goes on", command=command))
        return 130
    session.typed.say(_confirmed(session.by, f"offramp rivals {place}"), style="bold")
    return 0


def confirm_map(key_map: KeyMap, by: str | None) -> int:
    """Let a person confirm the endings' rows of a map that no alignment has made, all at once."""
    from offramp.common.printable import printable
    from offramp.study.key_map import check_keys, write_map
    from offramp.study.rivals.rival_spread import crises_of

    if not key_map.rows("endings"):
        raise UsageError(f"{key_map.path} has no rows under `endings`, so there is nothing to confirm")
    crises = crises_of(key_map)
    check_keys(key_map, crises)
    if not _is_asked(key_map):
        return 0
    for shared, row in key_map.rows("endings").items():
        click.echo(f"\n{shared}")
        for label, keys in row.items():
            several = trn(
                "{draft}, {count} ending that counts as one:",
                "{draft}, {count} endings that count as one:",
                len(keys),
                draft=label,
            )
            click.echo(f"  {several}" if len(keys) > 1 else f"  {label}:")
            for ending in crises[label].endings:
                if ending.key in keys:
                    known = f"{ending.name} ({ending.key})"
                    text = printable(
                        tr("{ending}, otherwise", ending=known)
                        if ending.condition is None
                        else tr("{ending}, if {condition}", ending=known, condition=ending.condition.text)
                    )
                    click.echo(click.wrap_text(text, 80, "    ", "      "))
    click.echo("\n" + tr("Endings are the same if a reader of the account would say so."))
    if not click.confirm(tr("Are the endings of each row the same?")):
        file = key_map.path
        click.echo(tr("nothing is confirmed: change the rows in {file}, and give this command again", file=file))
        return 0
    by = by or user_name()
    write_map(key_map.confirmed(by))
    click.echo(_confirmed(by, shlex.join(("offramp", "rivals", str(key_map.path)))))
    return 0


def _confirmed(by: str, command: str) -> str:
    """Who confirmed the endings, and the next command."""
    return f"{tr('The endings are confirmed by {person}.', person=by)} {next_commands(command)}"
