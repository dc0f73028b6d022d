"""The rows of endings in a map of keys, as a person confirms them: each ending with its words and its quote.

A decision is written before it counts. The rows stand in the map; which of them a person has judged stands in
`rivals.json`, with a hash of each, so a row that changes, or of which a condition changes, is asked for again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from offramp.common.errors import UsageError
from offramp.common.words import expected, quoted
from offramp.crisis.editor.new_keys import fits_as_key
from offramp.draft.brief_records import EndingRecord
from offramp.draft.draft_lock import alone
from offramp.draft.review.record_names import BriefNames
from offramp.draft.review.record_words import words_of
from offramp.draft.rivals.alignment_checks import keys_in
from offramp.draft.rivals.rival_drafts import RivalDraft, RivalsState, read_rivals, rival_drafts, write_rivals
from offramp.draft.sidecar import CRISIS
from offramp.study.key_map import MAP_FILE, KeyMap, Row, write_map
from offramp.study.key_map_reading import read_map


@dataclass(frozen=True)
class EndingShown:
    """An ending of a draft: its name, when it comes about, what it claims, and the words of the document for that.

    `paragraph`: None if the claim rests on no words of the document.
    """

    key: str
    name: str
    words: str
    claim: str
    quote: str
    paragraph: int | None


@dataclass(frozen=True)
class EndingsRows:
    """The endings' rows of a folder of rival drafts, and what is judged of them; `conditions`: `KeyMap.conditions`."""

    folder: Path
    key_map: KeyMap
    state: RivalsState
    drafts: tuple[RivalDraft, ...]
    conditions: Mapping[str, list[list[str]]]

    @property
    def rows(self) -> Mapping[str, Row]:
        return self.key_map.rows("endings")

    @property
    def waiting(self) -> tuple[str, ...]:
        """The shared keys of the rows that nobody has judged as they stand, or that name what a draft lacks."""
        judged = self.state.judged
        return tuple(
            shared
            for shared, row in self.rows.items()
            if judged.get(shared) != self.hash_of(row) or self.faults(shared)
        )

    @property
    def only_in(self) -> dict[str, tuple[str, ...]]:
        """The endings in no row, by the label of their draft."""
        shared = {one.label: set(self.key_map.shared("endings", one.label)) for one in self.drafts}
        known = {one.label: keys_in(one.draft.brief, "endings") for one in self.drafts}
        return {
            label: keys for label in known if (keys := tuple(key for key in known[label] if key not in shared[label]))
        }

    def hash_of(self, row: Row) -> str:
        """The SHA-256 of a row and of the conditions of its drafts' endings, in hexadecimal."""
        of = {label: [list(keys), self.conditions.get(label)] for label, keys in row.items()}
        return hashlib.sha256(json.dumps(of, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()

    def faults(self, shared: str) -> list[str]:
        """What is wrong with the keys of a row, such as an ending that a review has taken out."""
        return _faults(self, self.rows[shared], shared)

    def why(self, shared: str) -> str:
        """Why the model has a row as the same; "" if it did not say, or the row is another one."""
        rows = (self.state.rows or {}).get("endings", ())
        found = next((row for row in rows if row.key == shared), None)
        return found.why if found is not None and dict(found.keys) == dict(self.rows.get(shared, {})) else ""

    def shown(self, label: str, key: str) -> EndingShown:
        """An ending as a person reads it."""
        draft = next(one.draft for one in self.drafts if one.label == label)
        found = next((ending for ending in draft.brief.endings if ending.key == key), None)
        if not isinstance(found, EndingRecord):
            return EndingShown(key, key, "", "", "", None)
        check = draft.checks[f"endings.{key}"]
        words = words_of(draft.brief, found, BriefNames.of(draft.brief))
        return EndingShown(key, found.name, words, found.says, check.text, check.paragraph)


def endings_rows(folder: Path) -> EndingsRows:
    """The endings' rows of a folder.

    Raises
    ------
    UsageError
        If the folder holds no rival drafts or no map, or the map names other files than its drafts.
    CrisisError, OfframpError
        If a file has mistakes or cannot be read.
    """
    state = read_rivals(folder)
    if not (folder / MAP_FILE).exists():
        raise UsageError(f"{folder} has no {MAP_FILE} yet; `offramp draft {folder}` says what is missing")
    key_map = read_map(folder / MAP_FILE)
    drafts = {one.label: one for one in rival_drafts(folder, state)}
    if strange := [label for label in key_map.files if label not in drafts]:
        raise UsageError(
            f"{folder / MAP_FILE}: {quoted(strange[0])} is none of the drafts{expected(strange[0], drafts)}"
        )
    for label in key_map.files:  # what a person reads here must be what is solved
        if key_map.file_inside(label).resolve() != (drafts[label].folder / CRISIS).resolve():
            raise UsageError(
                f"{folder / MAP_FILE}: the file of {quoted(label)} is not that of the draft; write {label}/{CRISIS}"
            )
    in_order = tuple(drafts[label] for label in key_map.files)
    return EndingsRows(folder, key_map, state, in_order, key_map.conditions())


def judged_same(found: EndingsRows, shared: str) -> EndingsRows:
    """The rows after a person has said that one is right.

    Raises
    ------
    UsageError
        If it names an ending that a draft lacks; or as `written`.
    """
    if faults := found.faults(shared):
        raise UsageError("; ".join(faults))
    judged = {**found.state.judged, shared: found.hash_of(found.rows[shared])}
    return written(found, dict(found.rows), judged)


def taken_apart(found: EndingsRows, shared: str) -> EndingsRows:
    """The rows without one: its endings are each only in their draft; raises as `written`."""
    rows = {key: row for key, row in found.rows.items() if key != shared}
    return written(found, rows, {key: value for key, value in found.state.judged.items() if key != shared})


def with_row(found: EndingsRows, shared: str, row: Mapping[str, Sequence[str]]) -> EndingsRows:
    """The rows with one that a person has typed, new or in the place of another.

    Raises
    ------
    UsageError
        If a draft has no such ending, or it is in another row, or fewer than two drafts have one, or the shared key is
        none; or as `written`.
    """
    if not fits_as_key(shared):
        raise UsageError(f"a key has letters, digits and _, no digit first, and is no word of the language: {shared!r}")
    new = {label: tuple(keys) for label, keys in row.items() if keys}
    faults = _faults(found, new, shared)
    if len(new) < 2:
        faults.append("a row has endings of two drafts or more")
    if faults:
        raise UsageError("; ".join(faults))
    rows = {**found.rows, shared: new}
    return written(found, rows, {**found.state.judged, shared: found.hash_of(new)})


def confirmed_rows(found: EndingsRows, by: str) -> EndingsRows:
    """The rows confirmed in the map, with the person's name and the day; UsageError while one waits."""
    if found.waiting:
        raise UsageError(f"the row '{found.waiting[0]}' is not judged yet")
    with _unchanged(found):
        key_map = found.key_map.confirmed(by)
        write_map(key_map)
    return replace(found, key_map=key_map)


def written(found: EndingsRows, rows: Mapping[str, Row], judged: Mapping[str, str]) -> EndingsRows:
    """The rows with these, and these as judged, on the disk.

    Raises
    ------
    UsageError
        If somebody else has changed the map meanwhile. Nothing is changed then.
    OfframpError
        If a file cannot be written.
    """
    with _unchanged(found):
        key_map, state = found.key_map, found.state
        if dict(rows) != dict(found.rows):
            key_map = replace(key_map, sections={**key_map.sections, "endings": rows}, confirmation=None)
            write_map(key_map)
        if dict(judged) != dict(state.judged):
            state = state.model_copy(update={"judged": dict(judged)})
            write_rivals(found.folder, state)
    return replace(found, key_map=key_map, state=state)


@contextmanager
def _unchanged(found: EndingsRows) -> Iterator[None]:
    """Hold the lock of the folder while its map and its judgements are those that the person has seen."""
    with alone(found.folder):
        now = read_map(found.folder / MAP_FILE)
        if now.conditions() != found.conditions:
            raise UsageError("an ending's condition was changed meanwhile, so nothing was written; look again")
        if now != found.key_map or read_rivals(found.folder).judged != found.state.judged:
            raise UsageError(f"{found.folder / MAP_FILE} was changed meanwhile, so nothing was written; look again")
        yield


def _faults(found: EndingsRows, row: Mapping[str, Sequence[str]], shared: str) -> list[str]:
    """What is wrong with the keys of a row."""
    faults = []
    for one in found.drafts:
        known = keys_in(one.draft.brief, "endings")
        elsewhere = {
            key: other for other, keys in found.rows.items() if other != shared for key in keys.get(one.label, ())
        }
        for key in row.get(one.label, ()):
            if key not in known:
                faults.append(f"{one.label} has no ending {quoted(key)}{expected(key, known)}")
            elif key in elsewhere:
                faults.append(f"{quoted(key)} of {one.label} is in the row '{elsewhere[key]}' already")
        if len(set(row.get(one.label, ()))) < len(row.get(one.label, ())):
            faults.append(f"an ending of {one.label} stands there twice")
    return faults
