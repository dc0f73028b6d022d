"""Routes of matches: start one, view it from a seat or as the facilitator, choose, hand a seat over, debrief."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from offramp.app.http_errors import Refused
from offramp.app.match_room import FACILITATOR
from offramp.app.match_rooms import MatchRooms, OpenRoom
from offramp.app.schemas import Name, RequestBody, ScenarioRequest
from offramp.app.tasks.compiled_scenarios import Scenario
from offramp.app.workbench import Bench, Caller, CurrentCaller, Workbench, json_response

WAIT = 20.0
"""Seconds for which a request waits for a change."""
POLLS = 64
"""Maximum number of waiting requests per token."""

router = APIRouter()


class MatchRequest(ScenarioRequest):
    """A new match; seats that are not named are played by Offramp. `seconds`: time for each choice."""

    seats: dict[Name, Literal["person", "offramp"]] = Field(max_length=100)
    seed: Annotated[int, Field(ge=0, lt=2**53)] | None = None
    seconds: Annotated[float, Field(ge=5, le=86_400, strict=False)] | None = None


class ChoiceRequest(RequestBody):
    """A choice; `version`: the version of the view for which it is meant, if it must not apply to a later one."""

    match: Name
    actor: Name
    option: Name
    version: int | None = None


class HandOver(RequestBody):
    """A seat that Offramp will play."""

    match: Name
    actor: Name


async def begin(bench: Workbench) -> None:
    """Load the matches saved in the opened folder."""
    match_rooms = bench.parts["matches"] = MatchRooms(bench)
    bench.parts["polls"] = Counter[str]()
    bench.closing.append(match_rooms.close)
    await match_rooms.resume()


@router.post("/api/matches")
async def start(body: MatchRequest, bench: Bench) -> Response:
    path = str(bench.folder.crisis(body.path))
    scenario = Scenario(body.text, path, dict(body.given), body.levers, body.rationality)
    room, tokens = await _match_rooms(bench).open(scenario, body.seats, body.seed, body.seconds)
    facilitator = tokens.pop(FACILITATOR)
    return json_response({"match": room.id, "seats": tokens, "facilitator": facilitator})


@router.get("/api/matches")
async def listing(bench: Bench) -> Response:
    rooms = sorted((open_room.room for open_room in _match_rooms(bench).rooms.values()), key=lambda room: room.started)
    rows = [
        {"match": room.id, "title": room.title, "started": room.started, "finished": room.finished}
        | {"seats": dict(room.seats), "handed_over": list(room.handed), "seconds": room.seconds}
        | {"seed": room.record["seed"] if room.finished else None}
        for room in reversed(rooms)
    ]
    return json_response({"matches": rows})


@router.get("/api/match")
async def look(
    bench: Bench,
    caller: CurrentCaller,
    request: Request,
    match: Annotated[str, Query(max_length=100)] = "",
    after: int | None = None,
) -> Response:
    open_room, viewer = _room_and_viewer(bench, caller, match)
    if after is not None and after == open_room.room.versions[viewer]:
        await _wait_for_change(bench, caller, request, open_room, viewer)
    return json_response(await _match_rooms(bench).view(open_room, viewer))


@router.get("/api/match/briefing")
async def brief(bench: Bench, caller: CurrentCaller, match: Annotated[str, Query(max_length=100)] = "") -> Response:
    open_room, viewer = _room_and_viewer(bench, caller, match)
    if viewer == FACILITATOR:
        raise Refused(422, "only a seat has a briefing: open the link of a seat")
    return json_response(await _match_rooms(bench).briefing(open_room, viewer))


@router.post("/api/match/choose")
async def choose(body: ChoiceRequest, bench: Bench, caller: CurrentCaller) -> Response:
    open_room, viewer = _room_and_viewer(bench, caller, body.match)
    if viewer not in (FACILITATOR, body.actor):
        raise Refused(403, "this link is for another seat: everybody chooses from their own link")
    await _match_rooms(bench).choose(open_room, viewer, body.actor, body.option, body.version)
    return json_response(await _match_rooms(bench).view(open_room, viewer))


@router.post("/api/match/hand-over")
async def hand_over(body: HandOver, bench: Bench, caller: CurrentCaller) -> Response:
    open_room, viewer = _room_and_viewer(bench, caller, body.match)
    if viewer != FACILITATOR:
        raise Refused(403, "only the facilitator can hand a seat over to Offramp")
    await _match_rooms(bench).hand_over(open_room, body.actor)
    return json_response(await _match_rooms(bench).view(open_room, viewer))


@router.get("/api/match/debrief")
async def debrief(bench: Bench, caller: CurrentCaller, match: Annotated[str, Query(max_length=100)] = "") -> Response:
    open_room, _ = _room_and_viewer(bench, caller, match)
    return json_response(await _match_rooms(bench).debrief(open_room))


def _room_and_viewer(bench: Workbench, caller: Caller, match: str) -> tuple[OpenRoom, str]:
    """The requested room, and the viewer that the caller is in it."""
    if caller.role != "analyst" and match not in ("", caller.match):
        raise Refused(403, "this link is for another match")
    open_room = _match_rooms(bench).open_room(match or caller.match or "")
    return open_room, caller.seat if caller.seat is not None else FACILITATOR


async def _wait_for_change(
    bench: Workbench, caller: Caller, request: Request, open_room: OpenRoom, viewer: str
) -> None:
    """Wait until the viewer's view changes, the client leaves, or `WAIT` seconds have passed."""
    polls: Counter[str] = bench.parts["polls"]
    if polls[caller.token] >= POLLS:
        raise Refused(429, f"{POLLS} requests wait already for this link; close a page that has it open")
    polls[caller.token] += 1
    changed, gone = open_room.change_of(viewer).wait(), bench.client_gone(request)
    tasks: list[asyncio.Future[Any]] = [asyncio.ensure_future(changed), asyncio.ensure_future(gone)]
    try:
        await asyncio.wait(tasks, timeout=WAIT, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        polls[caller.token] -= 1


def _match_rooms(bench: Workbench) -> MatchRooms:
    match_rooms: MatchRooms = bench.parts["matches"]
    return match_rooms
