"""Reads the file of a map of keys: all mistakes at once, each at its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from offramp.common.bounded import read_bounded
from offramp.common.words import expected, quoted
from offramp.crisis import scalars
from offramp.crisis.draft_standing import unreadable
from offramp.crisis.faults import Faults, Location, without_faults
from offramp.crisis.text.document import MAX_BYTES, Items, Scalar, Value, YamlMapping, shown_value
from offramp.crisis.text.loading import load
from offramp.study.key_map import IN_TWO, SECTIONS, Confirmation, KeyMap, Row

FORMS = {
    section: f"{{{IN_TWO.get(section, 'SHARED')}: {{FILE: {IN_TWO.get(section, 'KEY')}}}}}" for section in SECTIONS
}
MAX_FILES = 40
MAX_LABEL, MAX_PATH, MAX_BY = 40, 1_000, 200
EMPTY = "a map of keys (it begins with `files:`)"


def read_map(path: str | Path) -> KeyMap:
    """Read a map of keys.

    Raises
    ------
    CrisisError
        If the file has mistakes; it holds all of them with their places.
    OfframpError
        If there is no such file, it is not a regular file, or it is too large.
    """
    path = Path(path)
    try:
        data = read_bounded(path, MAX_BYTES)
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None

    def made(faults: Faults) -> KeyMap | None:
        root = load(data, faults, EMPTY)
        return None if root is None else _MapReader(path, faults).key_map(root)

    return without_faults(str(path), made)


@dataclass
class _MapReader:
    """Reads the parts of a map; mistakes are added to `faults`."""

    path: Path
    faults: Faults
    files: dict[str, str] = field(default_factory=dict)
    places: dict[tuple[str, ...], Location] = field(default_factory=dict)

    def key_map(self, root: Value) -> KeyMap:
        if not isinstance(root, YamlMapping):
            self.faults.add(root.place, f"expected {EMPTY}")
            return KeyMap(self.path, {}, {})
        parts = {str(key): value for key, value in root.items()}
        known = ("files", *SECTIONS, "confirmed")
        for key in root:
            if key not in known:
                self.faults.add(key.place, f"unknown key {quoted(key)}{expected(key, known, 20)}")
        if "files" in parts:
            self.read_files(parts["files"])
        else:
            self.faults.add(root.place, "missing `files`: {LABEL: PATH} of each crisis file")
        sections = {section: self.section(section, parts[section]) for section in SECTIONS if section in parts}
        confirmation = self.confirmation(parts["confirmed"]) if "confirmed" in parts else None
        return KeyMap(self.path, self.files, sections, confirmation, self.places)

    def mapping(self, value: Value, where: str, form: str) -> YamlMapping:
        if isinstance(value, YamlMapping):
            return value
        self.faults.add(value.place, f"expected a mapping in {where}, such as {form}; found {_shown(value)}")
        empty = YamlMapping()
        empty.place = value.place
        return empty

    def text(self, value: Value, where: str, most: int) -> str:
        """A text of one line with no more than so many characters; "" with a fault if it is none."""
        if not isinstance(value, Scalar) or not value.strip() or not value.isprintable() or len(value) > most:
            self.faults.add(
                value.place, f"expected a text of 1 to {most:,} characters in {where}, found {_shown(value)}"
            )
            return ""
        return str(value)

    def read_files(self, value: Value) -> None:
        written = self.mapping(value, "`files`", "{first: draft-1/crisis.yaml, second: draft-2/crisis.yaml}")
        if isinstance(value, YamlMapping) and not 2 <= len(written) <= MAX_FILES:
            self.faults.add(value.place, f"`files` names 2 to {MAX_FILES} crisis files, found {len(written)}")
        for label, path in written.items():
            if not 1 <= len(label.strip()) <= len(label) <= MAX_LABEL or not label.isprintable():
                self.faults.add(
                    label.place, f"the label of a file has 1 to {MAX_LABEL} characters, found {quoted(label)}"
                )
            self.files[str(label)] = self.text(path, f"the path of {quoted(label)}", MAX_PATH)

    def section(self, section: str, value: Value) -> dict[str, Row]:
        self.places[section,] = value.place
        first: dict[tuple[str, str], str] = {}
        rows: dict[str, Row] = {}
        for shared, row in self.mapping(value, f"`{section}`", FORMS[section]).items():
            self.places[section, str(shared)] = shared.place
            self.check_key(section, shared, f"a shared key of `{section}`")
            rows[str(shared)] = self.row(section, shared, row, first)
        return rows

    def row(self, section: str, shared: Scalar, value: Value, first: dict[tuple[str, str], str]) -> Row:
        row: dict[str, tuple[str, ...]] = {}
        entries = self.mapping(value, f"the row {quoted(shared)}", "{first: KEY, second: KEY}")
        if isinstance(value, YamlMapping) and not entries:
            self.faults.add(value.place, f"the row {quoted(shared)} names no key of any file")
        for label, written in entries.items():
            if label not in self.files and self.files:
                self.faults.add(label.place, f"{quoted(label)} is no label of `files`{expected(label, self.files)}")
            keys = self.keys(section, written, f"the row {quoted(shared)}")
            for key in keys:
                other = first.setdefault((str(label), str(key)), str(shared))
                if other != shared or str(key) in row.get(str(label), ()):
                    where = f"of {quoted(label)} is already in the row {quoted(other)}"
                    self.faults.add(key.place, f"{quoted(key)} {where}; a key stands in one row of `{section}`")
                self.places[section, str(shared), str(label), str(key)] = key.place
                row[str(label)] = (*row.get(str(label), ()), str(key))
        return row

    def keys(self, section: str, written: Value, where: str) -> list[Scalar]:
        """The valid keys of a file in a row."""
        if isinstance(written, Items):
            if section != "endings":
                self.faults.add(written.place, f"expected one key in {where}; only of endings may several count as one")
                return []
            if not written:
                self.faults.add(written.place, f"expected a key or several in {where}, found an empty list")
            return [key for key in written if self.check_key(section, key, where)]
        return [written] if self.check_key(section, written, where) else []

    def check_key(self, section: str, key: Value, where: str) -> bool:
        """Whether a value is a key of a section; a fault if it is not."""
        parts = key.split(".") if isinstance(key, Scalar) else []
        if len(parts) == (2 if section in IN_TWO else 1) and all(map(scalars.is_name, parts)):
            return True
        form = f"{IN_TWO[section]}, two names with a dot" if section in IN_TWO else scalars.NAME_WORDS
        hint = "; a rationality goes with its actor" if section == "inputs" and parts[1:] == ["rationality"] else ""
        self.faults.add(key.place, f"expected {form}, in {where}; found {_shown(key)}{hint}")
        return False

    def confirmation(self, value: Value) -> Confirmation | None:
        form = "{endings: {by: NAME, on: 2031-03-02, sha256: HASH}}"
        written = self.mapping(value, "`confirmed`", form)
        for key in written:
            if key != "endings":
                self.faults.add(key.place, f"unknown key {quoted(key)} in `confirmed`{expected(key, ['endings'])}")
        if "endings" not in written:
            return None
        names = ("by", "on", "sha256")
        entry = self.mapping(written[written.key("endings")], "`confirmed`", form)
        for key in entry:
            if key not in names:
                self.faults.add(key.place, f"unknown key {quoted(key)} in `confirmed`{expected(key, names)}")
        found = {str(key): part for key, part in entry.items()}
        if missing := [name for name in names if name not in found]:
            if isinstance(entry, YamlMapping) and len(entry):
                self.faults.add(entry.place, f"missing `{missing[0]}` in `confirmed`, which has the form {form}")
            return None
        by, on, sha256 = (self.text(found[name], f"`{name}`", MAX_BY) for name in names)
        if on and not scalars.is_date(on):
            self.faults.add(found["on"].place, f"expected {scalars.DATE_WORDS} in `on`, found {quoted(on)}")
        return Confirmation(by, on, sha256)


def _shown(value: Value) -> str:
    return "nothing" if value == "" else shown_value(value)
