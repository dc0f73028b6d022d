"""The states of a run, and what each of them permits: one table that every operation asks.

A part of a run, a run that was stopped, one that is being extended, and one merged from too few parts are `unfinished`
until all their draws are done. A run at a URL has the same states as one in a folder. `docs/runs.md` shows the table.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from offramp.common.errors import UsageError
from offramp.common.nearby_paths import nearest_path

Operation = Literal["begin", "resume", "extend", "merge", "read", "verify", "clean"]
"""`begin`: `offramp run FILE --out RUN`, which resumes what is there. `read`: also studies, the report and exports."""
StateName = Literal["absent", "other", "later", "unreadable", "running", "unfinished", "damaged", "finished"]


@dataclass(frozen=True)
class LifeState:
    """A state: how it is recognised, which operations it permits, and what the others are told.

    `refusal`: the message for all other operations, with the next step, and `refusals` those that have their own. In
    both, `{place}` is the run, `{name}` the same for a command, and `{why}` what was found.
    """

    name: StateName
    known_by: str
    permits: tuple[Operation, ...]
    refusal: str
    refusals: Mapping[Operation, str] = field(default_factory=dict)

    def check(self, operation: Operation, place: Path | str, why: str = "") -> None:
        """Raise UsageError, with the next step, if the state does not permit an operation on the run at `place`."""
        if operation not in self.permits:
            sentence = self.refusals.get(operation, self.refusal)
            if self.name == "absent" and isinstance(place, Path):
                why = nearest_path(place)
            raise UsageError(sentence.format(place=place, name=shlex.quote(str(place)), why=why))


OPERATIONS: tuple[Operation, ...] = get_args(Operation)
_NO_RUN = "{place} is no run: it has no manifest.json; "
_GONE: Mapping[Operation, str] = {"clean": "it is no run any more"}
WRITES: tuple[Operation, ...] = ("begin", "resume", "extend")

STATES: Mapping[StateName, LifeState] = {
    state.name: state
    for state in (
        LifeState(
            "absent",
            "there is no folder, or nothing in it",
            ("begin",),
            _NO_RUN + "`offramp run FILE --out {name}` begins one{why}",
            _GONE,
        ),
        LifeState(
            "other",
            "there are files, but no `manifest.json`",
            (),
            "{place} is no run: {why}",
            {"begin": "{place} exists already; nothing is overwritten: choose another --out, or remove it", **_GONE},
        ),
        LifeState("later", "`manifest.json` has a later format", (), "{why}", _GONE),
        LifeState("unreadable", "`manifest.json` is not that of a run", ("verify",), "{why}", _GONE),
        LifeState(
            "running",
            "another process holds the lock, and it is not finished",
            ("merge", "verify"),
            "{place} is in use: another process is writing this run; wait until it ends, or stop it",
            {"read": "{place} is not finished: {why}, and another process is writing it; wait until it ends",
             "clean": "another process is writing this run"},
        ),
        LifeState(
            "unfinished",
            "there is no `finished.json`",
            (*WRITES, "merge", "verify", "clean"),
            "{place} is not finished: {why}",
        ),
        LifeState(
            "damaged",
            "`finished.json` is damaged, does not fit the manifest and the crisis, or names a file that is missing",
            (*WRITES, "merge", "verify", "clean"),
            "{place}/{why}",
        ),
        LifeState("finished", "`finished.json` fits, and its files are there", OPERATIONS, ""),
    )
}  # fmt: skip
