"""Routes of the editor: what is wrong with a text, what may stand there, what a word means."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import Field

from offramp.app.schemas import FILE_BYTES, CrisisText, Name
from offramp.app.tasks import live_tasks
from offramp.app.workbench import Asking, Bench, answered

router = APIRouter()
TYPING = 1
"""The editor's calls wait behind slider steps."""


class AtPlace(CrisisText):
    """A place in a text, in UTF-16 units from its beginning."""

    offset: int = Field(ge=0, le=FILE_BYTES)


class Rewriting(CrisisText):
    """A number for an input."""

    name: Name
    value: float


class Cited(CrisisText):
    """A cite as it is written."""

    cite: str = Field(min_length=1, max_length=1000)


@router.post("/api/check")
async def check(asked: CrisisText, bench: Bench, caller: Asking, request: Request) -> Response:
    """All that is wrong with a text; and the crisis, where nothing is."""
    place = str(bench.folder.crisis(asked.path))
    key = live_tasks.Scenario(asked.text, place).key
    return answered(await bench.side_call(request, live_tasks.check, asked.text, place, key=key))


@router.post("/api/complete")
async def complete(asked: AtPlace, bench: Bench, caller: Asking) -> Response:
    """What may stand at a place; of several that wait only the last is answered."""
    line = ("complete", caller.token, asked.path)
    return answered(await bench.live.call(live_tasks.complete, asked.text, asked.offset, urgency=TYPING, line=line))


@router.post("/api/hover")
async def hover(asked: AtPlace, bench: Bench) -> Response:
    """What is said of the word at a place."""
    place = str(bench.folder.crisis(asked.path))
    return answered(await bench.live.call(live_tasks.hover, asked.text, asked.offset, place, urgency=TYPING))


@router.post("/api/rewrite")
async def rewrite(asked: Rewriting, bench: Bench) -> Response:
    """The text with another number for an input."""
    return answered(await bench.live.call(live_tasks.rewrite, asked.text, asked.name, asked.value, urgency=TYPING))


@router.post("/api/passage")
async def passage(asked: Cited, bench: Bench, request: Request) -> Response:
    """The passage of a source that a cite names."""
    place = str(bench.folder.crisis(asked.path))
    key = live_tasks.Scenario(asked.text, place).key
    return answered(await bench.side_call(request, live_tasks.cited, asked.text, place, asked.cite, key=key))
