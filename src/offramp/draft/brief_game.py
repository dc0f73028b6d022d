"""A brief as a game: its crisis file, and what is wrong with it, each fault with the record that it names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from offramp.common.errors import OfframpError
from offramp.crisis.faults import CrisisError, Fault
from offramp.crisis.reading import read_text
from offramp.draft.brief_checks import RecordFault, brief_faults
from offramp.draft.brief_records import PLAYED, DraftBrief, entries_of, kind_of
from offramp.draft.brief_text import WrittenBrief, written_brief
from offramp.draft.sidecar import CRISIS, Draft
from offramp.game.checks.game_warnings import warnings_of
from offramp.game.compiler import compile_crisis
from offramp.game.game import Game

MAX_NODES = 300_000
"""Maximum number of nodes of a draft's game, so that thousands of draws of it are solved within minutes."""
_LINE = re.compile(r"\(line (\d+)\)")
_LARGER = re.compile(r"(?:; raise --max-nodes| \(`memory: state`).*", re.DOTALL)
"""Advice on what a brief has no place for."""
_SMALLER = ": fewer rounds, fewer options or fewer hidden facts make it smaller"


@dataclass(frozen=True, eq=False)
class BriefGame:
    """The crisis file of a brief, its faults, and its game if it has none; no text if the brief cannot be written."""

    text: str
    faults: tuple[RecordFault, ...]
    game: Game | None


def brief_game(draft: Draft, folder: Path) -> BriefGame:
    """The game of the brief of a draft in this folder.

    Nothing is written. The language's messages about a line become faults of the record that the line comes from.
    """
    faults = brief_faults(draft.brief)
    if faults:
        return BriefGame("", faults, None)
    written = written_brief(draft.brief, draft.checks, draft.document.title, draft.as_of)
    try:
        crisis = read_text(written.text.encode(), str(folder / CRISIS))
        game = compile_crisis(crisis, max_nodes=MAX_NODES)
        warnings_of(game, MAX_NODES)
    except CrisisError as error:
        return BriefGame(written.text, _by_record(error.faults, written), None)
    except OfframpError as error:
        return BriefGame(written.text, (RecordFault("", str(error)),), None)
    return BriefGame(written.text, (), game)


def _by_record(faults: Iterable[Fault], written: WrittenBrief) -> tuple[RecordFault, ...]:
    def record(line: int) -> str:
        return next(filter(None, written.record_at[line - 1 :]), "")

    def message(fault: Fault) -> str:
        named = _LINE.sub(lambda match: f"(record {record(int(match[1]))})", fault.message)
        return _LARGER.sub(_SMALLER, named)

    return tuple(dict.fromkeys(RecordFault(record(fault.place.line), message(fault)) for fault in faults))


def records_of_fault(fault: RecordFault, brief: DraftBrief) -> Iterator[str]:
    """The ids of the records that a fault names: its own, others in its message, and those written in one place.

    A move or an unknown is written together with its step, its options, its restrictions and its odds, and a lever
    together with its acts. A game that is too large is a matter of everything that is played.
    """
    if "too large" in fault.message:
        yield from ("rounds", *(id_ for id_, _ in entries_of(brief) if kind_of(id_) in PLAYED))
    for id_ in dict.fromkeys([fault.id, *re.findall(r"\(record ([^)]+)\)", fault.message)]):
        yield id_
        kind, _, rest = id_.partition(".")
        key = rest.partition(".")[0]
        if kind == "odds":
            key = next((row.step for row in brief.odds if row.id == rest), key)
        if kind in PLAYED:
            yield from (f"{kind}.{key}" for kind in ("moves", "unknowns"))
            yield from (f"steps.{step.id}" for step in brief.steps if step.key == key)
            yield from (f"options.{option.id}" for option in brief.options if option.of == key)
            yield from (f"restrictions.{limit.id}" for limit in brief.restrictions if limit.of == key)
            yield from (f"odds.{row.id}" for row in brief.odds if row.step == key)
        elif kind == "rounds":
            yield from (f"steps.{step.id}" for step in brief.steps if step.in_rounds)
        elif kind in ("levers", "lever_acts"):
            yield f"levers.{key}"
            yield from (f"lever_acts.{act.id}" for act in brief.lever_acts if act.lever == key)
