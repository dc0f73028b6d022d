"""Routes of matches: open one, look at it from a seat or as the facilitator, choose, hand a seat over, debrief."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from offramp.app.http_errors import Refused
from offramp.app.match_room import FACILITATOR
from offramp.app.match_rooms import OpenRoom, Playing
from offramp.app.schemas import Name, RequestBody
from offramp.app.schemas import ScenarioRequest as SettingAsked
from offramp.app.tasks.live_tasks import Scenario
from offramp.app.workbench import Asking, Bench, Caller, Workbench, answered

WAIT = 20.0
"""Seconds that a request waits for a change."""
POLLS = 64
"""So many requests of one token may wait."""

router = APIRouter()


class MatchAsked(SettingAsked):
    """A new match of a crisis; a seat that is not named is Offramp's. `seconds`: for each choice."""

    seats: dict[Name, Literal["person", "offramp"]] = Field(max_length=100)
    seed: Annotated[int, Field(ge=0, lt=2**53)] | None = None
    seconds: Annotated[float, Field(ge=5, le=86_400, strict=False)] | None = None


class ChoiceRequest(RequestBody):
    """A choice; `version`: of the view that it was made from, if it is to count only there."""

    match: Name
    actor: Name
    option: Name
    version: int | None = None


class HandOver(RequestBody):
    """A seat that Offramp is to play."""

    match: Name
    actor: Name


async def begin(bench: Workbench) -> None:
    """Take up the matches that are kept in the opened folder."""
    playing = bench.parts["matches"] = Playing(bench)
    bench.parts["polls"] = Counter[str]()
    bench.closing.append(playing.close)
    await playing.resume()


@router.post("/api/matches")
async def start(asked: MatchAsked, bench: Bench) -> Response:
    path = str(bench.folder.crisis(asked.path))
    setting = Scenario(asked.text, path, dict(asked.given), asked.levers, asked.rationality)
    table, tokens = await _playing(bench).open(setting, asked.seats, asked.seed, asked.seconds)
    facilitator = tokens.pop(FACILITATOR)
    return answered({"match": table.id, "seats": tokens, "facilitator": facilitator})


@router.get("/api/matches")
async def listing(bench: Bench) -> Response:
    tables = sorted((held.table for held in _playing(bench).tables.values()), key=lambda table: table.started)
    rows = [
        {"match": table.id, "title": table.title, "started": table.started, "finished": table.finished}
        | {"seats": dict(table.seats), "handed_over": list(table.handed), "seconds": table.seconds}
        | {"seed": table.record["seed"] if table.finished else None}
        for table in reversed(tables)
    ]
    return answered({"matches": rows})


@router.get("/api/match")
async def look(
    bench: Bench,
    caller: Asking,
    request: Request,
    match: Annotated[str, Query(max_length=100)] = "",
    after: int | None = None,
) -> Response:
    held, looker = _looked_at(bench, caller, match)
    if after is not None and after == held.table.versions[looker]:
        await _changed(bench, caller, request, held, looker)
    return answered(await _playing(bench).seen(held, looker))


@router.get("/api/match/briefing")
async def brief(bench: Bench, caller: Asking, match: Annotated[str, Query(max_length=100)] = "") -> Response:
    held, looker = _looked_at(bench, caller, match)
    if looker == FACILITATOR:
        raise Refused(422, "a briefing is for a seat: open the link of one")
    return answered(await _playing(bench).briefing(held, looker))


@router.post("/api/match/choose")
async def choose(asked: ChoiceRequest, bench: Bench, caller: Asking) -> Response:
    held, looker = _looked_at(bench, caller, asked.match)
    if looker not in (FACILITATOR, asked.actor):
        raise Refused(403, "this link is for another seat: everybody chooses from a link of their own")
    await _playing(bench).choose(held, looker, asked.actor, asked.option, asked.version)
    return answered(await _playing(bench).seen(held, looker))


@router.post("/api/match/hand-over")
async def hand_over(asked: HandOver, bench: Bench, caller: Asking) -> Response:
    held, looker = _looked_at(bench, caller, asked.match)
    if looker != FACILITATOR:
        raise Refused(403, "only who runs the match hands a seat over to Offramp")
    await _playing(bench).hand_over(held, asked.actor)
    return answered(await _playing(bench).seen(held, looker))


@router.get("/api/match/debrief")
async def debrief(bench: Bench, caller: Asking, match: Annotated[str, Query(max_length=100)] = "") -> Response:
    held, _ = _looked_at(bench, caller, match)
    return answered(await _playing(bench).debrief(held))


def _looked_at(bench: Workbench, caller: Caller, match: str) -> tuple[OpenRoom, str]:
    """The table that is asked for, and as whom the caller looks at it."""
    if caller.role != "analyst" and match not in ("", caller.match):
        raise Refused(403, "this link is for another match")
    held = _playing(bench).held(match or caller.match or "")
    return held, caller.seat if caller.seat is not None else FACILITATOR


async def _changed(bench: Workbench, caller: Caller, request: Request, held: OpenRoom, looker: str) -> None:
    """Wait until what a looker sees has changed, he has left, or the time is over."""
    polls: Counter[str] = bench.parts["polls"]
    if polls[caller.token] >= POLLS:
        raise Refused(429, f"{POLLS} requests wait already for this link; close a page that has it open")
    polls[caller.token] += 1
    tasks = [asyncio.ensure_future(held.change_of(looker).wait()), asyncio.ensure_future(bench.gone(request))]
    try:
        await asyncio.wait(tasks, timeout=WAIT, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        polls[caller.token] -= 1


def _playing(bench: Workbench) -> Playing:
    found: Playing = bench.parts["matches"]
    return found
