"""Routes of the editor: check, complete, explain and rewrite a text, show a cited passage, write a new crisis."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import Field

from offramp.app.routes.solve_routes import at_outset
from offramp.app.schemas import FILE_BYTES, CrisisText, Name
from offramp.app.tasks import live_tasks
from offramp.app.workbench import Bench, CurrentCaller, json_response
from offramp.crisis.editor.new_crisis import NewCrisis

router = APIRouter()
TYPING = 1
"""Urgency of the editor's calls: lower than that of slider steps."""


class AtOffset(CrisisText):
    """A position in a text, in UTF-16 units from its beginning."""

    offset: int = Field(ge=0, le=FILE_BYTES)


class Rewriting(CrisisText):
    """A new value for an input."""

    name: Name
    value: float


class Happened(CrisisText):
    """An event: the step, or STEP@ROUND inside rounds, took a value on a date; `note`: one line."""

    position: Name
    value: Name
    date: str = Field(max_length=20)
    note: str = Field(default="", max_length=1000)


class Cited(CrisisText):
    """A cite, as written in the file."""

    cite: str = Field(min_length=1, max_length=1000)


@router.post("/api/check")
async def check(body: CrisisText, bench: Bench, caller: CurrentCaller, request: Request) -> Response:
    """Every mistake in a text; if there is none, the crisis."""
    of = at_outset(body, bench)
    return json_response(await bench.side_call(request, live_tasks.check, of.text, of.path, key=of.key))


@router.post("/api/complete")
async def complete(body: AtOffset, bench: Bench, caller: CurrentCaller) -> Response:
    """Completions at a position; of several waiting requests only the last is answered."""
    line = ("complete", caller.token, body.path)
    return json_response(await bench.live.call(live_tasks.complete, body.text, body.offset, urgency=TYPING, line=line))


@router.post("/api/hover")
async def hover(body: AtOffset, bench: Bench) -> Response:
    """The description of the word at a position."""
    path = str(bench.folder.crisis(body.path))
    return json_response(await bench.live.call(live_tasks.hover, body.text, body.offset, path, urgency=TYPING))


@router.post("/api/rewrite")
async def rewrite(body: Rewriting, bench: Bench) -> Response:
    """The text with a new value for an input."""
    return json_response(await bench.live.call(live_tasks.rewrite, body.text, body.name, body.value, urgency=TYPING))


@router.post("/api/happened")
async def happened(body: Happened, bench: Bench, request: Request) -> Response:
    """The text with one more event in `observed`."""
    of = at_outset(body, bench)
    event = body.position, body.value, body.date, body.note
    return json_response(await bench.side_call(request, live_tasks.happened, of.text, of.path, *event, key=of.key))


@router.post("/api/passage")
async def passage(body: Cited, bench: Bench, request: Request) -> Response:
    """The passage of a source that a cite refers to."""
    of = at_outset(body, bench)
    return json_response(await bench.side_call(request, live_tasks.cited, of.text, of.path, body.cite, key=of.key))


@router.post("/api/new")
async def new(form: NewCrisis, bench: Bench) -> Response:
    """The text of a new crisis from the answers to its form, or what is wrong with them; nothing is written."""
    return json_response(await bench.live.call(live_tasks.new_crisis, form, urgency=TYPING))
