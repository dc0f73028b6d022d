"""Proposals against a crisis file as it is on the disk: what it says already, and what it cannot hold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from offramp.common.bounded import read_bounded
from offramp.common.errors import OfframpError, UsageError
from offramp.common.texts import tr
from offramp.crisis.draft_standing import unreadable
from offramp.crisis.editor.observing import MAX_NOTE, AddedEvent, added_event, known_event
from offramp.crisis.model import Crisis
from offramp.crisis.reading import read_text
from offramp.crisis.text.document import MAX_BYTES
from offramp.draft.news.proposals import Proposal
from offramp.game.checks.game_warnings import central_draws
from offramp.game.checks.observed_events import Flags, impossible_observations
from offramp.game.checks.text_checks import check_text
from offramp.game.compiler import compile_crisis
from offramp.game.game import Game
from offramp.game.tables import tabulate

_REFUSED = "this was not written: "


@dataclass(frozen=True)
class CrisisOnDisk:
    """A crisis file's text on the disk; `path` is no link, so that the file itself is written."""

    path: Path
    text: str

    @property
    def crisis(self) -> Crisis:
        """The crisis; CrisisError if the file has faults."""
        return _compiled(self.text, str(self.path))[0]


@dataclass(frozen=True)
class EventStanding:
    """What a proposal is to a crisis file.

    `line`: what the file would say. `known`: the line, date and words of an entry on the same step; `same`: whether
    that is the same value on the same day. `refused`: why the file cannot hold it; `cautions`: what `offramp check`
    would warn of.
    """

    line: str = ""
    known: str = ""
    same: bool = False
    refused: str = ""
    cautions: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {
            "would_say": self.line or None,
            "observed_already": self.known if self.same else None,
            "contradicts_the_file": self.known if self.known and not self.same else None,
            "cannot_be_written": self.refused or None,
            "cautions": list(self.cautions),
        }


def crisis_text(path: Path) -> CrisisOnDisk:
    """The text of a crisis file.

    Raises
    ------
    OfframpError
        If there is no such file, it is not a regular file, is too large or is no text.
    """
    try:
        real = path.resolve() if path.is_symlink() else path
        content = read_bounded(real, MAX_BYTES)
    except RuntimeError:
        raise OfframpError(f"cannot read {path}: its links lead in a circle") from None
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None
    try:
        return CrisisOnDisk(real, content.decode())
    except UnicodeDecodeError:
        raise OfframpError(f"cannot read {path}: it is not text in UTF-8") from None


@dataclass(frozen=True)
class KnownEntry:
    """What a crisis file says already on the step of a proposal: its line, date and words.

    `refused`: why the proposal cannot be written then; `same`: whether it is the same value on the same day.
    """

    words: str
    refused: str
    same: bool = False


def known_entry(file: CrisisOnDisk, proposal: Proposal) -> KnownEntry | None:
    """What the crisis file says on the step of a proposal, if anything; CrisisError if it has faults."""
    crisis = file.crisis
    step, _, number = proposal.position.partition("@")
    at = step, int(number or 0)
    entry = known_event(crisis, at)
    if entry is None:
        return None
    values = entry.values[step]
    words = tr(
        "line {line}: on {date}, {event}", line=entry.place.line, date=entry.date, event=crisis.by_name(at, values)
    )
    if proposal.value not in values:
        return KnownEntry(words, tr("the file says something else, {entry}", entry=words))
    if len(values) > 1:
        several = tr("the file says that it was one of several, so change its line by hand, {entry}", entry=words)
        return KnownEntry(words, several)
    if entry.date != proposal.date:
        return KnownEntry(words, tr("the file says it already, but of another day, {entry}", entry=words))
    return KnownEntry(words, tr("the file says it already, {entry}", entry=words), same=True)


@lru_cache(maxsize=512)
def standing_of(file: CrisisOnDisk, proposal: Proposal) -> EventStanding:
    """What a proposal is to a crisis file, which has no faults itself.

    Raises
    ------
    CrisisError
        If the file has faults.
    """
    crisis, game, possible = _compiled(file.text, str(file.path))
    if not proposal.position:
        return EventStanding(refused=tr("no step of the crisis is this event"))
    if proposal.faults:
        return EventStanding(refused="; ".join(proposal.faults))
    known = known_entry(file, proposal)
    if known is not None:
        return EventStanding("", known.words, known.same, known.refused)
    try:
        added = _added(file, proposal)
    except UsageError as error:
        return EventStanding(refused=str(error).removeprefix(_REFUSED))
    fault = next(impossible_observations(replace(game, crisis=added.crisis), possible), None)
    warned = {warning.message for warning in crisis.warnings}
    cautions = tuple(warning.message for warning in added.crisis.warnings if warning.message not in warned)
    return EventStanding(added.line, refused=fault.message if fault else "", cautions=cautions)


def with_event(file: CrisisOnDisk, proposal: Proposal) -> str:
    """The text of the crisis file with a proposal in `observed`; every other character is unchanged.

    Raises
    ------
    UsageError
        If the file cannot hold it: it has no such step, says something on it already, the date contradicts the order of
        the timeline, or no history agrees with it.
    """
    refused = standing_of(file, proposal).refused
    if refused:
        raise UsageError(f"{_REFUSED}{refused}")
    after = _added(file, proposal).text
    checked = check_text(after, file.path)
    if not checked.ok:
        message = next(fault.message for fault in checked.faults if fault.severity == "error")
        raise UsageError(f"{_REFUSED}{message}")
    return after


def _added(file: CrisisOnDisk, proposal: Proposal) -> AddedEvent:
    """The crisis file with a proposal in `observed`; raises as `added_event`."""
    return added_event(file.crisis, file.text, proposal.position, proposal.value, proposal.date, note_of(proposal))


def insertion(before: str, after: str) -> tuple[int, int]:
    """Where characters were inserted into a text, and how many."""
    pairs = enumerate(zip(before, after, strict=False))
    at = next((at for at, (old, new) in pairs if old != new), len(before))
    return at, len(after) - len(before)


def note_of(proposal: Proposal) -> str:
    """The comment behind an event: where it was read, and the first words that say so.

    Examples
    --------
    >>> from offramp.draft.news.proposals import Support
    >>> from offramp.draft.quotes import QuoteCheck
    >>> check = QuoteCheck("exact", 3, 0, 21, "Marland struck back at")
    >>> note_of(Proposal(1, "reply", "strike_back", "2031-05-14", (Support(1, "herald.txt", "", "", check),)))
    'herald.txt ¶3: “Marland struck back at”'
    """
    good = [support for support in proposal.supports if support.check.found and not support.fault]
    if not good:
        names = ", ".join(dict.fromkeys(support.name for support in proposal.supports))
        return _fitting(f"{names}, whose words were not found", MAX_NOTE)
    places = _fitting(", ".join(dict.fromkeys(support.place for support in good)), MAX_NOTE // 2)
    room = MAX_NOTE - len(places) - len(": “”")
    return f"{places}: “{_fitting(good[0].check.text, room)}”"


def _fitting(text: str, most: int) -> str:
    """A text on one line, of characters that are seen, cut to a length."""
    line = "".join(letter for letter in " ".join(text.split()) if letter.isprintable())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


@lru_cache(maxsize=2)
def _compiled(text: str, path: str) -> tuple[Crisis, Game, Flags]:
    """A crisis, its game, and whether each of its odds is positive at the medians."""
    crisis = read_text(text.encode(), path)
    game = compile_crisis(crisis)
    tables = tabulate(game, central_draws(crisis))
    return crisis, game, (tables.odds[0] > 0.0).any(axis=1)
