"""A review at a terminal: one record after the other, each decided with one key. Every decision is kept at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from offramp.cli.typed_keys import TypedKeys, show_keys
from offramp.common.errors import OfframpError, UsageError
from offramp.common.texts import shown_later, tr, trn
from offramp.common.words import cut

if TYPE_CHECKING:
    from rich.console import Console

    from offramp.draft.brief_records import Record
    from offramp.draft.review.record_weights import InputWeights
    from offramp.draft.review.walk import Walk, WalkEntry
    from offramp.draft.sidecar import Draft, Verdict

KEYS = {
    "a": shown_later("accept"),
    "c": shown_later("change"),
    "r": shown_later("reject"),
    "n": shown_later("the quote does not say it"),
    "s": shown_later("skip"),
    "b": shown_later("back"),
    "u": shown_later("undo"),
    "q": shown_later("quit"),
    "?": shown_later("help"),
}
MOST_FALLEN = 12
"""Maximum number of records that are named when they fall with another."""
HELP = shown_later("""\
a  It is right: the document says so, or it is a fair assumption of ours.
c  Change it, field by field; you say whether the quote still says it.
r  Take it out, with all that hangs on it; you are told what first.
n  The quote does not say it: the quote goes, and the record is ours.
s  Skip it: it stays unread.       b  Back to the record before.
u  Take back the last decision.    q  Quit; `offramp review` goes on from here.

That words stand in the document does not mean that they say what the record claims: only you can judge that. \
Do not think of the endings: they are shown when everything is read.""")


@dataclass
class ReviewSession:
    """A walk through a draft at a screen; the order is that of the beginning.

    `ids`: all records that were there at the beginning, then those that an undone decision brought back; `at`: the id
    of the one that is shown.
    """

    folder: Path
    draft: Draft
    paragraphs: tuple[str, ...]
    weights: InputWeights
    by: str
    show_endings: bool
    screen: Console

    def __post_init__(self) -> None:
        self.typed = TypedKeys(self.screen)
        walk = self.walk
        self.ids = [entry.id for entry in walk.entries]
        unread = (entry.id for entry in walk.entries if not entry.is_read)
        self.at = next(unread, self.ids[0] if self.ids else "")

    @property
    def walk(self) -> Walk:
        """The records as they are now."""
        from offramp.draft.review.walk import walk_of

        return walk_of(self.draft, self.paragraphs, self.weights)

    def go(self) -> bool:
        """Ask until the person quits or everything is read; whether everything is."""
        self.typed.say(f"{self.draft.standing.sentence} {self.order_said}")
        self.typed.say(
            tr("That words stand in the document does not mean that they say it: read each. ? explains the keys.")
        )
        if self.show_endings:
            self.endings()
        while not self.draft.standing.is_read and self.ids:
            walk = self.walk
            self.ids += [entry.id for entry in walk.entries if entry.id not in self.ids]
            entry = next((entry for entry in walk.entries if entry.id == self.at), walk.entries[0])
            self.show(walk, entry)
            if not self.answered(entry):
                return False
        return True

    @property
    def order_said(self) -> str:
        """The order of the records, as a sentence."""
        from offramp.crisis.names import capital

        return f"{capital(self.walk.order)}."

    def show(self, walk: Walk, entry: WalkEntry) -> None:
        """Show a record and the keys."""
        from offramp.report.walk_in_terminal import show_entry

        self.screen.print()
        show_entry(self.screen, walk, entry)
        show_keys(self.screen, self.offered(entry))

    def offered(self, entry: WalkEntry) -> dict[str, str]:
        """The keys that do something for a record; without a quote nothing can be said of it."""
        return {key: words for key, words in KEYS.items() if key != "n" or entry.paragraph is not None}

    def answered(self, entry: WalkEntry) -> bool:
        """Do what the next key says, again until it is one that moves on; False to quit."""
        from offramp.draft.sidecar import read_draft

        while True:
            key = self.typed.choice(self.offered(entry), HELP)
            if key == "q":
                return False
            if key == "s":
                self.onwards(entry.id)
                return True
            if key == "b":
                self.at = self.before(entry.id)
                return True
            try:
                if self.decided(key, entry):
                    return True
            except OfframpError as error:
                self.typed.say(str(error), style="bold red")
                before, self.draft = self.draft.decisions, read_draft(self.folder)
                if self.draft.decisions != before:  # another person's
                    return True
            show_keys(self.screen, self.offered(entry))

    def decided(self, key: str, entry: WalkEntry) -> bool:
        """Take a decision, or the last one back; False if the person changed their mind."""
        from offramp.draft.brief_records import claims_of
        from offramp.draft.review.decisions import undo

        before = self.draft.brief
        if key == "u":
            record = self.draft.in_force[-1].record if self.draft.in_force else ""
            self.draft = undo(self.folder, self.by, today())
            self.typed.say(tr("taken back: {what}", what=record))
            self.at = record if record in claims_of(self.draft.brief) else self.at
        elif key == "c":
            if not self.change(entry, claims_of(before)[entry.id]):
                return False
        elif key == "r":
            if not self.reject(entry):
                return False
        else:
            self.decide(entry.id, "accepted" if key == "a" else "not said")
        if key != "u":
            self.onwards(entry.id)
        if self.draft.brief != before:
            self.after_change()
        return True

    def decide(self, id_: str, verdict: Verdict, change: dict[str, object] | None = None, **more: bool) -> None:
        from offramp.draft.review.decisions import decide

        self.draft = decide(self.folder, self.draft, id_, verdict, self.by, today(), change, **more)

    def change(self, entry: WalkEntry, record: Record) -> bool:
        """Ask for the fields one by one, and again after a mistake, unless the person gives up."""
        from rich.markup import escape

        from offramp.draft.review.record_fields import fields_of
        from offramp.draft.sidecar import read_draft

        self.typed.say(tr("Enter keeps a value, - empties it."))
        values: dict[str, str] = {}
        while True:
            for one in fields_of(record):
                says = f" [dim]({escape(one.says)})[/dim]" if one.says else ""
                typed = values.get(one.name, one.value)
                self.screen.print(f"[bold]{escape(one.name)}[/bold]{says} {escape(f'[{typed}]')}: ", end="")
                if line := self.typed.line():
                    values[one.name] = "" if line == "-" else line
            changed = {one.name for one in fields_of(record) if values.get(one.name, one.value) != one.value}
            if not changed:
                self.typed.say(tr("nothing was changed"))
                return False
            quoted = entry.paragraph is not None and self.typed.yes(tr("Do the marked words still say it?"))
            try:
                self.decide(entry.id, "changed", {name: values[name] for name in changed}, still_quoted=quoted)
                return True
            except UsageError as error:
                if read_draft(self.folder).decisions != self.draft.decisions:  # another person's
                    raise
                self.typed.say(str(error), style="bold red")
            if not self.typed.yes(tr("Mend it? What you typed is kept.")):
                return False

    def reject(self, entry: WalkEntry) -> bool:
        """Tell what falls with a record, and ask."""
        from offramp.draft.brief_records import entries_of
        from offramp.draft.review.hanging import idle_in_words, without
        from offramp.draft.review.record_words import words_of

        entries = dict(entries_of(self.draft.brief))
        found = without(self.draft.brief, entry.id)
        fallen = found.fallen
        if fallen:
            more = trn("With it falls {count} more:", "With it fall {count} more:", len(fallen))
            self.typed.say(more, style="yellow")
        for id_ in fallen[:MOST_FALLEN]:
            self.typed.say(f"  {cut(words_of(self.draft.brief, entries[id_]), 2 * self.screen.width - 10)}")
        if (left := len(fallen) - MOST_FALLEN) > 0:
            self.typed.say(f"  {trn('and {count} more', 'and {count} more', left)}")
        if idle := idle_in_words(found):
            self.typed.say(idle, style="yellow")
        if not self.typed.yes(tr("Take it out?") if not fallen else tr("Take all of it out?")):
            return False
        self.decide(entry.id, "rejected")
        return True

    def after_change(self) -> None:
        """Say what is wrong with the crisis file now; show the endings if asked."""
        if self.draft.faults:
            faults = trn(
                "crisis.yaml now has {count} fault; u takes the decision back:",
                "crisis.yaml now has {count} faults; u takes the decision back:",
                len(self.draft.faults),
            )
            self.typed.say(faults, style="yellow")
            for fault in self.draft.faults[:5]:
                self.typed.say(f"  {fault.record}: {fault.message}")
        elif self.show_endings:
            self.endings()

    def endings(self) -> None:
        """Solve some draws of the crisis file, and show its endings."""
        show_endings(self.screen, self.folder)

    def onwards(self, id_: str) -> None:
        """Go to the next record that is unread; after the last one to the first."""
        unread = {entry.id for entry in self.walk.entries if not entry.is_read}
        place = self.ids.index(id_) + 1
        self.at = next((other for other in (*self.ids[place:], *self.ids[:place]) if other in unread), self.at)

    def before(self, id_: str) -> str:
        """The record before one, or the first."""
        there = {entry.id for entry in self.walk.entries}
        earlier = [other for other in self.ids[: self.ids.index(id_)] if other in there]
        return earlier[-1] if earlier else id_


def show_endings(screen: Console, folder: Path) -> None:
    """Solve some draws of a draft's crisis file and show how likely each ending is, or why that cannot be."""
    from offramp.draft.review.record_weights import quick_run
    from offramp.report.findings_in_terminal import show_finding
    from offramp.study.basis import of_draws
    from offramp.study.outlook.endings import endings

    screen.print()
    try:
        run = quick_run(folder)
        found = endings(run)
        show_finding(screen, found, f"{found.moment}{of_draws(run.draws, run.seed)}")
    except OfframpError as error:
        from rich.text import Text

        screen.print(Text(tr("The endings cannot be shown: {reason}", reason=error), "yellow"))


def today() -> str:
    """The day of a decision."""
    return date.today().isoformat()


def user_name() -> str:
    """The name of the user of this machine.

    Raises
    ------
    UsageError
        If it has none.
    """
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        raise UsageError("say who decides: --by NAME") from None
