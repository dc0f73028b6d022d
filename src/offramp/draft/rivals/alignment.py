"""The alignment of rival drafts, an inquiry: a model, or a person who pastes, says which of their records are the same.

What it says is checked, and written as a map of keys; a person confirms the endings' rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from offramp.common.errors import UsageError
from offramp.common.texts import tr, trn
from offramp.draft.brief_records import BriefPart, DraftBrief, Record, StepRecord, entries_of
from offramp.draft.draft_lock import alone, overtaken
from offramp.draft.inquiry import credited
from offramp.draft.prompts import Prompt, prompt_of, records_section
from offramp.draft.provider import ServerReply
from offramp.draft.rivals.alignment_checks import checked, keys_in
from offramp.draft.rivals.alignment_form import alignment_model, alignment_of
from offramp.draft.rivals.rival_drafts import (
    SECTIONS,
    RivalDraft,
    RivalsState,
    Rows,
    Section,
    read_rivals,
    rival_drafts,
    write_rivals,
)
from offramp.draft.sidecar import CRISIS, Draft
from offramp.study.key_map import MAP_FILE, KeyMap, write_map

STAGE = "align"
_SHOWN = ("actors", "moves", "unknowns", "steps", "options", "inputs", "lets", "endings")
"""The kinds of records that are shown."""
_SAID: tuple[Section, ...] = ("actors", "steps", "endings")
"""Of these, what only one draft has is said at once."""
_COUNTED: Mapping[Section, Callable[[int], str]] = {
    "actors": lambda count: trn("{count} actor", "{count} actors", count),
    "steps": lambda count: trn("{count} step", "{count} steps", count),
    "options": lambda count: trn("{count} option", "{count} options", count),
    "inputs": lambda count: trn("{count} input", "{count} inputs", count),
    "endings": lambda count: trn("{count} ending", "{count} endings", count),
}
FEWEST = 2
"""Fewer drafts have nothing to align."""


@dataclass(frozen=True)
class Alignment:
    """The alignment of the drafts in a folder; see `Inquiry`.

    `drafts`: those that can be aligned.
    """

    folder: Path
    state: RivalsState
    drafts: tuple[RivalDraft, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(one.label for one in self.drafts)

    @property
    def briefs(self) -> dict[str, DraftBrief]:
        return {one.label: one.draft.brief for one in self.drafts}

    @property
    def sends(self) -> str:
        return tr("what is drafted in {number} drafts, with its quotes from the document", number=len(self.drafts))

    @property
    def command(self) -> tuple[str, ...]:
        return "offramp", "draft", str(self.folder)

    @property
    def step(self) -> str:
        return tr("the alignment: what is the same in several drafts")

    @property
    def stuck(self) -> str | None:
        return None if self.state.rows is not None else self.state.stuck_at(STAGE)

    def prompt(self) -> Prompt | None:
        if self.state.rows is not None:
            return None
        sections = [records_section(_shown(one.draft), one.label) for one in self.drafts]
        model = alignment_model(self.labels)
        return prompt_of(STAGE, self.state.answers + 1, sections, model, self.state.complaints)

    def take(self, text: str, reply: ServerReply | None = None) -> Alignment:
        with alone(self.folder):
            if read_rivals(self.folder).answers != self.state.answers:
                raise overtaken(self.folder)
            after = replace(self, state=_after(credited(self.state, reply), text, self.briefs))
            write_rivals(self.folder, after.state)
            owed_map(after)
            return after

    def found(self) -> Iterator[str]:
        """How many rows there are, and what only some drafts have."""
        rows = self.state.rows or {}
        counts = (_COUNTED[section](len(rows.get(section, ()))) for section in SECTIONS)
        yield tr("the same in several drafts: {counts}", counts=", ".join(counts))
        for one in self.drafts:
            lacking = {section: only_in(one, section, rows) for section in _SAID}
            said = "; ".join(_named(section, keys) for section, keys in lacking.items() if keys)
            if said:
                yield tr("only in {draft}: {records}", draft=one.label, records=said)

    def earlier(self, text: str) -> int | None:
        return None


def alignment_in(folder: Path) -> Alignment:
    """The alignment of a folder's drafts, whose map is written if that was interrupted.

    Raises
    ------
    UsageError
        If the drafts are not all done, or fewer than two can be aligned.
    OfframpError
        If a file cannot be read or written.
    """
    state = read_rivals(folder)
    drafts = rival_drafts(folder, state)
    if waiting := [one.label for one in drafts if not one.is_done]:
        raise UsageError(f"{waiting[0]} is not done: the drafts are aligned when all are")
    usable = tuple(one for one in drafts if not one.why_not)
    if len(usable) < FEWEST:
        reasons = "; ".join(f"{one.label}: {one.why_not}" for one in drafts if one.why_not)
        raise UsageError(f"there are fewer than two drafts to align: {reasons}")
    found = Alignment(folder, state, usable)
    with alone(folder):
        owed_map(found)
    return found


def owed_map(alignment: Alignment) -> None:
    """Write the map of keys if an answer was taken and there is none; one that a person has changed stays."""
    rows, path = alignment.state.rows, alignment.folder / MAP_FILE
    if rows is not None and not path.exists() and not path.is_symlink():
        write_map(map_of(alignment.folder, alignment.labels, rows))


def map_of(folder: Path, labels: tuple[str, ...], rows: Rows) -> KeyMap:
    """The rows as a map of keys."""
    files = {label: f"{label}/{CRISIS}" for label in labels}
    return KeyMap(
        folder / MAP_FILE,
        files,
        {section: {row.key: dict(row.keys) for row in rows.get(section, ())} for section in SECTIONS},
    )


def _named(section: Section, keys: list[str]) -> str:
    """Records that only one draft has, with their keys."""
    listed = ", ".join(keys)
    if section == "actors":
        return trn("actor {keys}", "actors {keys}", len(keys), keys=listed)
    if section == "steps":
        return trn("step {keys}", "steps {keys}", len(keys), keys=listed)
    return trn("ending {keys}", "endings {keys}", len(keys), keys=listed)


def only_in(one: RivalDraft, section: Section, rows: Rows) -> list[str]:
    """The keys of a draft that are in no row."""
    shared = {key for row in rows.get(section, ()) for key in row.keys.get(one.label, ())}
    return [key for key in keys_in(one.draft.brief, section) if key not in shared]


def _after(state: RivalsState, text: str, briefs: Mapping[str, DraftBrief]) -> RivalsState:
    answer = alignment_of(text, tuple(briefs))
    if isinstance(answer, tuple):
        return state.with_bad_answer(answer)
    result = checked(answer, briefs)
    if result.complaints:
        return state.with_bad_answer(result.complaints)
    return state.with_good_answer(result.remarks, rows=result.rows)


def _shown(draft: Draft) -> dict[str, BriefPart]:
    """The records of a draft that are aligned, in the form of its answers; a quote that was not found is left out."""
    checks = draft.checks
    shown: dict[str, BriefPart] = {}
    for id_, entry in entries_of(draft.brief, _SHOWN):
        if isinstance(entry, StepRecord) and entry.kind == "tell":
            continue
        if isinstance(entry, Record) and not checks[id_].found:
            entry = entry.model_copy(update={"quote": "", "para": None, "ours": True})
        shown[id_] = entry
    return shown
