"""A folder of a crisis that is scored: the crisis, its first version and its outcome."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from offramp.common.errors import OfframpError, UsageError
from offramp.common.words import nearest, quoted
from offramp.crisis.expressions.expression import SKIPPED
from offramp.crisis.gallery import CRISIS, OUTCOME
from offramp.crisis.model import Crisis
from offramp.crisis.observation import in_words
from offramp.crisis.reading import read
from offramp.crisis.steps import State
from offramp.study.known_outcomes.outcome_file import KnownOutcome, read_outcome

FIRST = "first.yaml"
MOST_CRISES = 200
"""Maximum number of crises that a folder may hold."""


@dataclass(frozen=True)
class CrisisFolder:
    """A crisis with its outcome; `first`: the version that was written before any was solved, if it is there."""

    name: str
    crisis: Crisis
    outcome: KnownOutcome
    first: Crisis | None


def crisis_folder(place: Path) -> CrisisFolder:
    """The crisis of a folder, or of a crisis file, with the outcome beside it.

    Raises
    ------
    CrisisError
        If one of the files has mistakes.
    UsageError
        If there is no outcome, or the first version has other endings or steps than the crisis.
    OfframpError
        If a file cannot be read, or `outcome.yaml` or `first.yaml` is a link.
    """
    file = place / CRISIS if os.path.isdir(place) else place
    folder = file.parent
    crisis = read(file)
    for beside in (folder / OUTCOME, folder / FIRST):
        if os.path.islink(beside):
            raise OfframpError(f"{beside} is a link; expected a file of the crisis's own folder")
    if not os.path.exists(folder / OUTCOME):
        raise UsageError(
            f"there is no {folder / OUTCOME}, which says what came about; to score forecasts of past cases, give their "
            "table with --data"
        )
    outcome = read_outcome(folder / OUTCOME, crisis)
    written = folder / FIRST
    first = _with_events(read(written), crisis) if file.name == CRISIS and os.path.exists(written) else None
    return CrisisFolder(Path(os.path.abspath(folder)).name, crisis, outcome, first)


def crisis_folders(place: Path) -> tuple[Path, ...]:
    """The folders in a folder that hold a crisis, by name; those that cannot be looked into too.

    Raises
    ------
    UsageError
        If there are none, or too many.
    OfframpError
        If the folder cannot be read.
    """
    try:
        found = sorted(filter(_may_hold_crisis, place.iterdir()))
    except OSError as error:
        raise OfframpError(f"cannot read {place}: {error.strerror}") from None
    if not found:
        raise UsageError(f"{place} has no {CRISIS}, and no folder in it has")
    if len(found) > MOST_CRISES:
        raise UsageError(f"{place} holds {len(found):,} crises; expected at most {MOST_CRISES}")
    return tuple(found)


def _may_hold_crisis(folder: Path) -> bool:
    """Whether there is a crisis in a folder, or it cannot be told, which reading it then says."""
    try:
        return folder.is_dir() and (folder / CRISIS).is_file()
    except OSError:
        return True


def _with_events(first: Crisis, crisis: Crisis) -> Crisis:
    """The first version with the events of the crisis, so that the same events score both."""
    ours, theirs = ({ending.key for ending in one.endings} for one in (first, crisis))
    if ours != theirs:
        differ = ", ".join(sorted(ours ^ theirs))
        raise UsageError(f"{first.path} and {crisis.path} are scored on the same endings, but differ in {differ}")
    for entry in crisis.observed:
        for step, values in entry.values.items():
            named = first.named.get(step)
            if named is None or isinstance(named, State):
                hint = nearest(step, first.named)
                raise UsageError(f"{first.path} has no step {quoted(step)}, which was observed on {entry.date}{hint}")
            for value in values:
                if value not in (*named.options, SKIPPED):
                    where = in_words((step, entry.round or 0))
                    raise UsageError(f"{first.path} has no option {quoted(value)} of {where}, which was observed")
    return replace(first, observed=crisis.observed)
