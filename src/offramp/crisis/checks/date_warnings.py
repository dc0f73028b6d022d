"""Warnings about dates that do not fit each other: of `as_of`, of sources, of what is observed and of rounds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from offramp.common.words import listed, quoted
from offramp.crisis.dates import span_in_words
from offramp.crisis.faults import Fault, Location
from offramp.crisis.model import Crisis
from offramp.crisis.observation import Observation


def date_warnings(crisis: Crisis) -> Iterator[Fault]:
    """The warnings about dates; each is given once, at the first place that it is about."""
    yield from _later_sources(crisis)
    yield from _observed_early(crisis)
    for entry in crisis.observed:
        if not _is_early(crisis, entry):
            yield from _observed_in_another_round(crisis, entry)


def _later_sources(crisis: Crisis) -> Iterator[Fault]:
    """Sources published after `as_of`, unless the file also observes what happened after it, and so looks back."""
    day = crisis.as_of
    if day is None or any(entry.date is not None and entry.date >= day for entry in crisis.observed):
        return
    later = [source for source in crisis.sources.values() if source.date is not None and source.date > day]
    if later:
        first, *others = later
        also = (
            f", as {'is' if len(others) == 1 else 'are'} {listed(quoted(one.key) for one in others)}" if others else ""
        )
        message = f"source {quoted(first.key)} is dated {first.date}, after `as_of` ({day}){also}"
        hint = "was what it says known that day? If not, leave it out, or move `as_of`"
        yield Fault(first.place, f"{message}; {hint}")


def _is_early(crisis: Crisis, entry: Observation) -> bool:
    return crisis.as_of is not None and entry.date is not None and entry.date < crisis.as_of


def _observed_early(crisis: Crisis) -> Iterator[Fault]:
    """Observations before `as_of`: the numbers of the file are likely to include them already."""
    first: dict[str, Location] = {}
    for entry in crisis.observed:
        if entry.date is not None and _is_early(crisis, entry):
            first.setdefault(entry.date, entry.place)
    for date, place in first.items():
        message = f"this is observed on {date}, before `as_of` ({crisis.as_of})"
        yield Fault(place, f"{message}; `observed` is for what happened after that day")


def _observed_in_another_round(crisis: Crisis, entry: Observation) -> Iterator[Fault]:
    """An observation dated before its round begins or, of what everybody sees, after it has ended."""
    misdated: dict[str, list[str]] = defaultdict(list)
    for key in entry.values:
        days = crisis.days_of(key, entry.round or 0)
        if days is None or entry.date is None:
            continue
        late = entry.date > str(days[1]) and crisis.named[key].seen_by == crisis.actors.keys()
        if late or entry.date < str(days[0]):
            when = "after" if late else "before"
            misdated[f"{when} the days of that round ({span_in_words(days)})"].append(quoted(key))
    for when, keys in misdated.items():
        verb = "is" if len(keys) == 1 else "are"
        message = f"{listed(keys)} in round {entry.round} {verb} observed on {entry.date}, {when}"
        yield Fault(entry.place, message)
