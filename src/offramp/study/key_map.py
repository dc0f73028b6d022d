"""A map of keys: which keys of several crisis files stand for the same ending, actor, step, option or number.

    files: {first: draft-1/crisis.yaml, second: draft-2/crisis.yaml}
    endings:
      war: {first: war, second: [ally_crosses, others_cross]}
    options: {answer.staged: {first: answer.staged, second: reply.limited}}
    confirmed: {endings: {by: R. Vale, on: 2031-03-02, sha256: ...}}

A row has a shared key and, by the label of a file, the key in that file. Of endings, several keys of a file may count
as one. `confirmed` holds the hash of the endings' rows that a person has confirmed.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from offramp.common.atomic import write_whole
from offramp.common.bounded import read_bounded
from offramp.common.errors import OfframpError, UsageError
from offramp.common.printable import printable
from offramp.common.texts import tr
from offramp.common.words import expected, quoted
from offramp.crisis.faults import Faults, Location, StopReadingError, without_faults
from offramp.crisis.model import Crisis
from offramp.crisis.steps import Chance, Move
from offramp.crisis.text.document import MAX_BYTES
from offramp.crisis.text.loading import load

SECTIONS = ("endings", "actors", "steps", "options", "inputs", "payoffs", "measures", "let", "levers")
"""What a map has rows for; the keys of options and payoffs are `STEP.OPTION` and `ACTOR.TERM`."""
IN_TWO = {"options": "STEP.OPTION", "payoffs": "ACTOR.TERM"}
"""The sections whose keys have two parts."""
MAP_FILE = "map.yaml"
"""The file of a map in a folder of rival drafts."""

Row = Mapping[str, tuple[str, ...]]
"""The keys of one shared thing, by the label of the file; one key, or of an ending several."""


@dataclass(frozen=True)
class Confirmation:
    """Who has confirmed the endings' rows, on which day, and the hash of the rows."""

    by: str
    on: str
    sha256: str


@dataclass(frozen=True)
class KeyMap:
    """A map of keys.

    `path`: of the map's file; `files`: the path of each crisis file, relative to the folder of the map, by label.
    `sections`: rows by their shared keys, by the name of the section. `places`: where in the file each section, row and
    key stands, for messages.
    """

    path: Path
    files: Mapping[str, str]
    sections: Mapping[str, Mapping[str, Row]]
    confirmation: Confirmation | None = None
    places: Mapping[tuple[str, ...], Location] = field(default_factory=dict, compare=False)

    def rows(self, section: str) -> Mapping[str, Row]:
        """The rows of a section by their shared keys; none if the map leaves it out."""
        return self.sections.get(section, {})

    def shared(self, section: str, label: str) -> dict[str, str]:
        """The shared key of each key of a file that is in a row."""
        return {key: shared for shared, row in self.rows(section).items() for key in row.get(label, ())}

    def file(self, label: str) -> Path:
        """The path of a crisis file."""
        return self.path.parent / self.files[label]

    def file_inside(self, label: str) -> Path:
        """The path of a crisis file with links followed; UsageError if it is outside the folder of the map."""
        if not self._is_inside(label):
            raise UsageError(f"{self.path}: the file of {quoted(label)} is outside the folder of the map")
        return self.file(label)

    def _is_inside(self, label: str) -> bool:
        try:
            return self.file(label).resolve().is_relative_to(self.path.parent.resolve())
        except (OSError, ValueError, RuntimeError):  # a cycle of links, or an invalid path
            return False

    @property
    def endings_hash(self) -> str:
        """The SHA-256 of the endings' rows, and of the files and conditions that they are about, in hexadecimal."""
        rows = {
            shared: {label: list(keys) for label, keys in row.items()} for shared, row in self.rows("endings").items()
        }
        text = json.dumps([dict(self.files), rows, self.conditions()], sort_keys=True)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    def conditions(self) -> dict[str, list[list[str]]]:
        """By the label of a file, the key and condition of each ending as they stand there.

        Of a file that cannot be read, or is outside the folder of the map, there are none.
        """
        return {label: _conditions_in(self.file(label)) if self._is_inside(label) else [] for label in self.files}

    @property
    def are_endings_confirmed(self) -> bool:
        """Whether a person has confirmed the endings' rows as they stand, and the conditions are what they were."""
        return self.confirmation is not None and self.confirmation.sha256 == self.endings_hash

    @property
    def in_words(self) -> str:
        """The path, and who has confirmed the endings' rows: `map.yaml, whose endings nobody has confirmed`."""
        by = self.confirmation if self.are_endings_confirmed else None
        if not self.rows("endings"):
            return printable(str(self.path))
        if by is None:
            return printable(tr("{map}, whose endings nobody has confirmed", map=self.path))
        return printable(tr("{map}, whose endings {who} confirmed on {date}", map=self.path, who=by.by, date=by.on))

    def confirmed(self, by: str, on: str | None = None) -> KeyMap:
        """The map with its endings' rows confirmed; `on`: the day, by default today."""
        day = on or datetime.date.today().isoformat()
        return replace(self, confirmation=Confirmation(by, day, self.endings_hash))

    def labels_of(self, one: Path, other: Path) -> tuple[str, str]:
        """The labels of two crisis files; UsageError if the map does not name one of them."""
        by_path: dict[Path, list[str]] = {}
        for label in self.files:
            by_path.setdefault(self.file(label).resolve(), []).append(label)
        found: list[str] = []
        for path in (one, other):
            places = path.resolve(), path.resolve().parent  # of a run, its crisis file or its folder
            labels = [label for place in places for label in by_path.get(place, ()) if label not in found]
            if not labels:
                raise UsageError(
                    f"{self.path} names no file {quoted(str(path))}{expected(str(path), self.files.values())}"
                )
            found.append(labels[0])
        return found[0], found[1]


def _conditions_in(path: Path) -> list[list[str]]:
    """The keys and conditions of a crisis file's endings in their order, without a check of either."""
    try:
        root: Any = load(read_bounded(path, MAX_BYTES), Faults())
    except (OSError, ValueError, StopReadingError):
        return []
    endings = root.get("endings") if isinstance(root, Mapping) else None
    return [
        [str(key), str(entry.get("if", "") if isinstance(entry, Mapping) else entry)]
        for key, entry in (endings.items() if isinstance(endings, Mapping) else ())
    ]


def keys_of(crisis: Crisis, section: str) -> tuple[str, ...]:
    """The keys of a crisis that a section of a map can have, in the order of its file.

    The rationality of an actor is none of the inputs: it goes with its actor.
    """
    steps = [step for step in crisis.named.values() if isinstance(step, Chance | Move)]
    match section:
        case "endings":
            return tuple(ending.key for ending in crisis.endings)
        case "steps":
            return tuple(crisis.named)
        case "options":
            return tuple(f"{step.key}.{option}" for step in steps for option in step.options)
        case "inputs":
            own = [entry for entry in crisis.inputs.values() if entry.of_actor is None]
            return tuple(dict.fromkeys(entry.key.partition(".")[0] for entry in own))
        case "payoffs":
            return tuple(f"{term.actor}.{term.key}" for term in crisis.terms)
        case "measures":
            return tuple(measure.key for measure in crisis.measures)
        case "let":
            document: Any = load(crisis.text.encode(), Faults())  # a crisis that has been read: a mapping
            return tuple(map(str, document.get("let", ())))
    return tuple(crisis.actors if section == "actors" else crisis.levers)


def check_keys(key_map: KeyMap, crises: Mapping[str, Crisis]) -> None:
    """Check that the keys of a map are keys of its crises, and that options and payoffs go with their steps and actors.

    `crises` by their labels; the rows of other files are not looked at.

    Raises
    ------
    CrisisError
        With all mistakes, at their places in the map.
    """

    def checked(faults: Faults) -> KeyMap:
        for section in filter(key_map.rows, SECTIONS):
            known = {label: keys_of(crisis, section) for label, crisis in crises.items()}
            for shared, label, key in _entries(key_map, section):
                place = key_map.places.get((section, shared, label, key), Location(1, 1))
                if label in crises and key not in known[label]:
                    what = f"{quoted(key)} is none of the {section} of {quoted(label)} ({key_map.files[label]})"
                    faults.add(place, f"{what}{expected(key, known[label])}")
                elif label in crises and section in IN_TWO:
                    _check_owner(key_map, faults, place, section, shared, label, key)
        return key_map

    without_faults(str(key_map.path), checked)


def _entries(key_map: KeyMap, section: str) -> Iterator[tuple[str, str, str]]:
    for shared, row in key_map.rows(section).items():
        for label, keys in row.items():
            for key in keys:
                yield shared, label, key


def _check_owner(
    key_map: KeyMap, faults: Faults, place: Location, section: str, shared: str, label: str, key: str
) -> None:
    """Report an option whose step, or a payoff whose actor, is not that of its shared key."""
    owners = {"options": "steps", "payoffs": "actors"}[section]
    owner, own = shared.partition(".")[0], key.partition(".")[0]
    found = key_map.shared(owners, label).get(own, own)
    if found != owner:
        row = f"write `{found}.…`, or the row `{owner}: {{{label}: {own}}}` under `{owners}`"
        faults.add(place, f"{quoted(key)} of {quoted(label)} belongs to '{found}', not to '{owner}'; {row}")


def text_of_map(key_map: KeyMap) -> str:
    """A map as the text of its file; `read_map` reads it back."""
    document: dict[str, Any] = {"files": dict(key_map.files)}
    for section in SECTIONS:
        if rows := key_map.rows(section):
            document[section] = {
                shared: {label: keys[0] if len(keys) == 1 else list(keys) for label, keys in row.items()}
                for shared, row in rows.items()
            }
    if key_map.confirmation is not None:
        document["confirmed"] = {"endings": dict(vars(key_map.confirmation))}
    options: Any = {"sort_keys": False, "allow_unicode": True, "default_flow_style": None, "width": 120}
    return str(yaml.dump(document, Dumper=yaml.CSafeDumper, **options))


def write_map(key_map: KeyMap) -> None:
    """Write a map to its file, whole; OfframpError if that fails."""
    try:
        write_whole(key_map.path, text_of_map(key_map).encode())
    except OSError as error:
        raise OfframpError(f"cannot write {printable(str(key_map.path))}: {error.strerror or error}") from None
