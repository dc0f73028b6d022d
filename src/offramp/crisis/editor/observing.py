"""Writes an event into a crisis file: adds one entry to `observed` and changes no other byte."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import yaml

from offramp.common.errors import UsageError
from offramp.common.words import quoted
from offramp.crisis import scalars
from offramp.crisis.editor.file_change import read_to_change
from offramp.crisis.editor.offsets import LINE_END
from offramp.crisis.editor.rewriting import break_after, child_of, content_of, end_of, tree_of, uses_of
from offramp.crisis.faults import CrisisError
from offramp.crisis.model import Crisis
from offramp.crisis.observation import Observation, Position
from offramp.crisis.reading import read_text

MAX_NOTE = 200
"""Maximum number of characters of a note."""
SECTION = "observed"


@dataclass(frozen=True)
class Addition:
    """A text to insert at an offset; `place`: the position of the new entry in the list."""

    at: int
    text: str
    place: int


@dataclass(frozen=True)
class AddedEvent:
    """A crisis file with one more event: its text, the crisis as it is then, and the entry as it is written."""

    text: str
    crisis: Crisis
    line: str


def add_observed(text: str, path: str, position: str, value: str, date: str, note: str = "") -> str:
    r"""The text of a crisis file with one more entry in `observed`; every other character is unchanged.

    The entry comes after those of the same date or an earlier one. A note becomes a comment behind it.

    Parameters
    ----------
    text, path
        The file's text, and its path, beside which its sources are.
    position
        The step, or `STEP@ROUND` inside rounds.
    value
        An option of the step, or `skipped`.
    date
        The day on which it happened, such as 2031-03-02.
    note
        One line, or nothing.

    Raises
    ------
    UsageError
        If the file has mistakes, if it has an entry on this step already, if the date contradicts the order of the
        timeline, or if the entry cannot be added to the list as it is written.
    """
    crisis = read_to_change(text.encode("utf-8", "surrogatepass"), path)
    return added_event(crisis, text, position, value, date, note).text


def added_event(crisis: Crisis, text: str, position: str, value: str, date: str, note: str = "") -> AddedEvent:
    """What `add_observed` makes of the text of a crisis that was read already; raises as that does."""
    entry, comment = _entry(crisis, position, value, date), _comment(note)
    addition = _addition(text, entry, date, comment)
    after = text[: addition.at] + addition.text + text[addition.at :]
    try:
        changed = read_text(after.encode("utf-8", "surrogatepass"), crisis.path, allow_outside=crisis.allow_outside)
    except CrisisError as error:
        raise UsageError(f"this was not written: {error.faults[0].message}") from None
    if content_of(after) != _with_entry(content_of(text), entry, addition.place):
        raise _by_hand(entry)
    return AddedEvent(after, changed, _written(entry) + comment)


def known_event(crisis: Crisis, position: Position) -> Observation | None:
    """What a crisis has observed of a step in a round, 0 outside rounds; None if nothing."""
    step, number = position
    return next((known for known in crisis.observed if (known.round or 0) == number and step in known.values), None)


Entry = dict[str, str]


def _entry(crisis: Crisis, position: str, value: str, date: str) -> Entry:
    """The new entry, by key; UsageError if the step, value or date is wrong, or the step was observed already."""
    if not scalars.is_date(date):
        raise UsageError(f"expected {scalars.DATE_WORDS}, found {quoted(date)}")
    try:
        event = replace(crisis, observed=()).supposing({position: value}).supposed[-1]
    except UsageError as error:
        raise UsageError(f"this was not written: {error}") from None
    (step,) = event.values
    at = step, event.round or 0
    if known := known_event(crisis, at):
        verb = "says it already" if known.values[step] == (value,) else "says something else"
        said = crisis.by_name(at, known.values[step])
        raise UsageError(f"line {known.place.line} of the file {verb}: on {known.date}, {said}")
    return {"date": date} | ({"round": str(event.round)} if event.round else {}) | {step: value}


def _comment(note: str) -> str:
    """A note as a comment behind an entry; empty for no note."""
    words = note.strip()
    if len(words) > MAX_NOTE or not words.isprintable():
        raise UsageError(f"a note is one line of at most {MAX_NOTE} characters")
    return f"  # {words}" if words else ""


def _written(entry: Entry) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in entry.items()) + "}"


def _by_hand(entry: Entry) -> UsageError:
    return UsageError(f"`{SECTION}` is written in a way that cannot be added to; add `- {_written(entry)}` by hand")


def _addition(text: str, entry: Entry, date: str, comment: str) -> Addition:
    """What to insert, and where."""
    tree, shift = tree_of(text)
    events = child_of(tree, SECTION)
    if not isinstance(tree, yaml.MappingNode):
        raise _by_hand(entry)
    indent = " " * tree.start_mark.column
    if events is None:
        return _new_section(text, tree, shift, indent, _written(entry), comment)
    uses = uses_of(tree)
    if not isinstance(events, yaml.SequenceNode) or any(uses[node] > 1 for node in uses_of(events)):
        raise _by_hand(entry)
    items = events.value
    place = max((number for number, item in enumerate(items, 1) if _date(item) <= date), default=0)
    if events.flow_style:
        before = end_of(text, items[place - 1], shift) if place else None
        first = items[0].start_mark.index + shift if items else events.end_mark.index + shift - 1
        rest = f"{comment}{break_after(text, first)}{indent}  " if comment else ""
        if before is not None:
            return Addition(before, f", {_written(entry)}{rest}", place)
        separator = ("," + (rest or " ")) if items else rest
        return Addition(first, _written(entry) + separator, place)
    dash = events.start_mark.index + shift
    if not text.startswith("-", dash):
        raise _by_hand(entry)
    key = next(word for word, _ in tree.value if word.value == SECTION)
    last = items[place - 1] if place else key
    return _new_line(text, end_of(text, last, shift), " " * events.start_mark.column, _written(entry) + comment, place)


def _new_section(text: str, tree: yaml.MappingNode, shift: int, indent: str, written: str, comment: str) -> Addition:
    """The section with its first entry, at the end of the file."""
    if tree.flow_style:
        rest = f"{comment}{break_after(text, 0)}  " if comment else ""
        return Addition(end_of(text, tree.value[-1][1], shift), f", {SECTION}: [{written}{rest}]", 0)
    at = tree.end_mark.index + shift
    line = break_after(text, 0)
    begin = "" if text[:at].endswith(("\n", "\r")) else line
    apart = line if 2 * line in text[:at] and not text[:at].endswith(2 * line) else ""
    return Addition(at, f"{begin}{apart}{indent}{SECTION}:{line}{indent}  - {written}{comment}{line}", 0)


def _new_line(text: str, end: int, indent: str, written: str, place: int) -> Addition:
    """An entry on a line of its own, after the line with the offset `end`."""
    found = LINE_END.search(text, end)
    if found is None:
        return Addition(len(text), f"{break_after(text, 0)}{indent}- {written}", place)
    return Addition(found.end(), f"{indent}- {written}{found[0]}", place)


def _date(item: yaml.Node) -> str:
    date = child_of(item, "date")
    return str(date.value) if isinstance(date, yaml.ScalarNode) else ""


def _with_entry(content: dict[str, object], entry: Entry, place: int) -> dict[str, object]:
    """The content of the file with the entry at its place in the list."""
    events = content.get(SECTION, [])
    assert isinstance(events, Sequence)
    return content | {SECTION: [*events[:place], entry, *events[place:]]}
