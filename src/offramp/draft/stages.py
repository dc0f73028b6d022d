"""The stages of a draft: what is asked next, and what an answer makes of the draft.

A draft goes through these stages: who acts (`extract`), the order of play (`timeline`), numbers and payoffs
(`numbers`), repairs of the crisis file (`repair`), a second look at what solving shows (`sense`). After each of the
first three, quotes that were not found go back once, in the stage `quotes`: the records of the stage before, and no
others. Quotes that still fail then count as ours. Nothing here writes a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from offramp.common.texts import tr
from offramp.draft.brief_checks import RecordFault
from offramp.draft.brief_edits import Edited, joined, nameable, reconsidered, repair_lists, repaired, requoted
from offramp.draft.brief_game import brief_game
from offramp.draft.brief_records import DraftBrief, entries_of, kind_of
from offramp.draft.inquiry_state import MOST_BAD, bounded_messages
from offramp.draft.prompts import (
    Prompt,
    account_section,
    cited,
    concerned,
    example_section,
    failed_section,
    language_section,
    list_section,
    names_section,
    prompt_of,
    records_section,
)
from offramp.draft.quotes import invented
from offramp.draft.sense import signs_of
from offramp.draft.sidecar import Draft, Stage, paragraphs_of_draft, record_messages, with_brief
from offramp.draft.stage_answers import LISTS, StageAnswer, answer_model, answer_of, complaints_of

MOST_REPAIRS = 4
OPTIONAL: frozenset[Stage] = frozenset({"quotes", "sense"})
"""A draft goes on without an answer to these."""
RECONSIDERED = ("inputs", "odds", "stakes", "steps", "restrictions", "endings", "notes")
"""The lists of a second look."""
_QUOTED: dict[Stage, tuple[str, ...]] = {
    "extract": ("actors", "moves", "unknowns", "options", "left_out"),
    "timeline": ("steps", "restrictions", "endings", "levers"),
    "numbers": ("inputs", "odds", "stakes"),
}
"""The kinds of records whose quotes go back after a stage."""


@dataclass(frozen=True)
class Taken:
    """A draft after an answer; `crisis`: the text of its crisis file if it is to be written now, or "" if not."""

    draft: Draft
    crisis: str = ""


def next_prompt(draft: Draft, folder: Path) -> Prompt | None:
    """What a draft asks next; None if it is done. Only the account is read; the same draft gives the same messages.

    Raises
    ------
    OfframpError
        If the account cannot be read.
    """
    stage = draft.stage
    if stage == "done":
        return None
    paragraphs = paragraphs_of_draft(folder)
    brief, checks = draft.brief, draft.checks
    starts_at = draft.variation.starts_at if draft.variation is not None else 1
    entries = dict(entries_of(brief))
    if stage == "extract":
        sections = [example_section(stage), account_section(paragraphs, draft.as_of, starts_at=starts_at)]
    elif stage == "quotes":
        ids = _asked(draft)
        only = concerned(brief, ids, paragraphs)
        sections = [failed_section(brief, ids), account_section(paragraphs, draft.as_of, only)]
    elif stage == "repair":
        faults = _faults(draft)
        named = nameable(faults, brief)
        shown = {id_: entries[id_] for id_ in named if id_ in entries}
        rounds = [f"rounds: {brief.rounds.model_dump_json()}"] if brief.rounds is not None and "rounds" in named else []
        sections = [
            list_section("Faults", "faults", [*(f"{fault.id}: {fault.message}" for fault in faults), *rounds]),
            records_section(shown, "The records that may change"),
            names_section(brief),
            language_section(),
        ]
        if resting_on := cited(shown, checks):
            sections.append(account_section(paragraphs, draft.as_of, resting_on))
    elif stage == "sense":
        shown = {id_: entry for id_, entry in entries.items() if kind_of(id_) not in ("left_out", "notes")}
        resting = [id_ for id_ in shown if kind_of(id_) in RECONSIDERED]
        sections = [
            list_section("Signs", "signs", (f"{sign.record}: {sign.message}" for sign in draft.signs)),
            records_section(shown, "The records"),
            language_section(),
            account_section(paragraphs, draft.as_of, cited(resting, checks)),
        ]
    else:
        shown = {id_: entry for id_, entry in entries.items() if kind_of(id_) not in ("left_out", "notes")}
        sections = [
            language_section(),
            example_section(stage),
            account_section(paragraphs, draft.as_of, starts_at=starts_at),
            records_section(shown),
        ]
    return prompt_of(stage, draft.answers + 1, sections, answer_model(stage, _lists(draft)), draft.complaints)


def taken(draft: Draft, text: str, folder: Path) -> Taken:
    """The draft after an answer; an answer that cannot be used is counted and complained of.

    Raises
    ------
    OfframpError
        If the account cannot be read.
    """
    if draft.stage == "done":
        return Taken(draft)
    paragraphs = paragraphs_of_draft(folder)
    draft = draft.model_copy(update={"answers": draft.answers + 1})
    answer = answer_of(draft.stage, text, _lists(draft))
    if isinstance(answer, StageAnswer):
        try:
            return _TAKE[draft.stage](draft, answer, paragraphs, folder)
        except ValidationError as error:  # a list that is too long together with what is there
            answer = complaints_of(error, {})
    bad = draft.bad_answers + 1
    if draft.stage in OPTIONAL and bad >= MOST_BAD:
        given_up = _remarked(
            draft, [tr("{stage}: no answer could be used, so the draft goes on without", stage=draft.stage)]
        )
        return _TAKE[draft.stage](given_up, StageAnswer(), paragraphs, folder)
    return Taken(draft.model_copy(update={"bad_answers": bad, "complaints": bounded_messages(answer)}))


def _take_extract(draft: Draft, answer: StageAnswer, paragraphs: Sequence[str], folder: Path) -> Taken:
    part = answer.part
    if not part.actors and not part.moves and part.notes:
        brief = DraftBrief(title=part.title, summary=part.summary, left_out=part.left_out, notes=part.notes)
        return Taken(_good(draft, paragraphs, brief).model_copy(update={"stage": "done"}))
    if not part.actors or not part.moves:
        lacking = "actors" if not part.actors else "moves"
        complaint = f"{lacking}: none is given; if this is no crisis, leave all lists empty and say so in a note"
        return Taken(draft.model_copy(update={"bad_answers": draft.bad_answers + 1, "complaints": (complaint,)}))
    edited = joined(DraftBrief(title=part.title, summary=part.summary), part, LISTS["extract"])
    return _onwards(_good(draft, paragraphs, edited.brief, edited.remarks), folder)


def _take_quotes(draft: Draft, answer: StageAnswer, paragraphs: Sequence[str], folder: Path) -> Taken:
    edited = requoted(draft.brief, _asked(draft), answer.quotes)
    good = _good(draft, paragraphs, edited.brief, edited.remarks)
    return _onwards(good.model_copy(update={"stage": _last_quoted(draft)}), folder)


def _take_part(draft: Draft, answer: StageAnswer, paragraphs: Sequence[str], folder: Path) -> Taken:
    edited = joined(draft.brief, answer.part, LISTS[draft.stage])
    brief = edited.brief
    if draft.stage == "timeline":
        brief = brief.model_copy(update={"rounds": answer.part.rounds})
    return _onwards(_good(draft, paragraphs, brief, edited.remarks), folder)


def _take_repair(draft: Draft, answer: StageAnswer, paragraphs: Sequence[str], folder: Path) -> Taken:
    edited = repaired(draft.brief, _faults(draft), answer)
    good = _good(draft, paragraphs, edited.brief, edited.remarks)
    return _settled(_counted(good, "repair"), folder)


def _take_sense(draft: Draft, answer: StageAnswer, paragraphs: Sequence[str], folder: Path) -> Taken:
    edited = reconsidered(draft.brief, answer)
    good = _good(draft, paragraphs, edited.brief, edited.remarks)
    game = brief_game(good, folder)
    if game.faults:
        kept = _good(draft, paragraphs, draft.brief, edited.remarks)
        first = f"{game.faults[0].id}: {game.faults[0].message}"
        remark = tr(
            "the second look's changes were not taken, because the crisis file would have faults; {first}", first=first
        )
        good = _remarked(kept, [remark])
        game = brief_game(good, folder)
        edited = Edited(good.brief)
    done = {"stage": "done", "changed_after_solve": edited.changed}
    return Taken(_counted(good, "sense").model_copy(update=done), game.text)


_TAKE: dict[Stage, Callable[[Draft, StageAnswer, Sequence[str], Path], Taken]] = {
    "extract": _take_extract,
    "quotes": _take_quotes,
    "timeline": _take_part,
    "numbers": _take_part,
    "repair": _take_repair,
    "sense": _take_sense,
}


def _onwards(draft: Draft, folder: Path) -> Taken:
    """From a stage whose answer was taken to the next: quotes that failed go back once."""
    stage = draft.stage
    if stage not in draft.returns:
        draft = draft.model_copy(update={"returns": draft.returns | {stage: 0}})
        if _asked(draft):
            return Taken(_counted(draft, stage).model_copy(update={"stage": "quotes"}))
    if stage == "numbers":
        return _settled(draft, folder)
    return Taken(draft.model_copy(update={"stage": "timeline" if stage == "extract" else "numbers"}))


def _settled(draft: Draft, folder: Path) -> Taken:
    """Write and solve the brief: on to repairs, to a second look, or to the end."""
    game = brief_game(draft, folder)
    faults = record_messages(game.faults)
    first = len(game.faults) if draft.faults_at_first is None else draft.faults_at_first
    draft = draft.model_copy(update={"faults": faults, "faults_at_first": first})
    if game.game is None:
        if draft.returns.get("repair", 0) < MOST_REPAIRS and len(repair_lists(game.faults, draft.brief)) > 1:
            return Taken(draft.model_copy(update={"stage": "repair"}))
        return Taken(draft.model_copy(update={"stage": "done"}), game.text)
    signs = record_messages(signs_of(draft.brief, game.game))
    stage = "sense" if signs else "done"
    return Taken(draft.model_copy(update={"signs": signs, "stage": stage}), game.text)


def _good(draft: Draft, paragraphs: Sequence[str], brief: DraftBrief, remarks: Iterable[str] = ()) -> Draft:
    """The draft with another brief, whose quotes are verified."""
    good = with_brief(draft, brief, paragraphs).model_copy(update={"bad_answers": 0, "complaints": ()})
    return _remarked(good, remarks)


def _remarked(draft: Draft, remarks: Iterable[str]) -> Draft:
    return draft.model_copy(update={"remarks": bounded_messages([*draft.remarks, *remarks])})


def _counted(draft: Draft, stage: Stage) -> Draft:
    return draft.model_copy(update={"returns": draft.returns | {stage: draft.returns.get(stage, 0) + 1}})


def _last_quoted(draft: Draft) -> Stage:
    """The last stage whose quotes were looked at."""
    stages: tuple[Stage, ...] = ("numbers", "timeline", "extract")
    return next((stage for stage in stages if stage in draft.returns), "extract")


def _asked(draft: Draft) -> tuple[str, ...]:
    """The records whose quotes failed in the stage before."""
    kinds = _QUOTED[_last_quoted(draft)]
    return tuple(id_ for id_ in invented(draft.checks) if kind_of(id_) in kinds)


def _faults(draft: Draft) -> tuple[RecordFault, ...]:
    return tuple(RecordFault(fault.record, fault.message) for fault in draft.faults)


def _lists(draft: Draft) -> tuple[str, ...]:
    """The lists of an answer that depend on the draft."""
    if draft.stage == "repair":
        return repair_lists(_faults(draft), draft.brief)
    return RECONSIDERED if draft.stage == "sense" else ()
