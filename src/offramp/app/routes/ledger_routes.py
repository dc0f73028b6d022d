"""Routes of the ledger of forecasts, the file `forecasts.sqlite` in the opened folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from offramp.app.routes.study_routes import folder_of
from offramp.app.schemas import Name, RequestBody
from offramp.app.schemas import Path as RequestPath
from offramp.app.tasks import ledger_tasks
from offramp.app.workbench import Bench, Workbench, json_response

FILE = "forecasts.sqlite"
SECONDS = 60.0
"""Time limit of a call: another process may be writing to the ledger."""

Words = Annotated[str, Field(max_length=4000)]
Number = Annotated[float, Field(strict=False)]
Id = Annotated[int, Field(ge=1, le=2**53)]

router = APIRouter()


class ForecastRequest(RequestBody):
    """A new forecast: of an ending or move of a run, or of a claim with a probability."""

    run: RequestPath | None = None
    ending: Name | None = None
    move: Name | None = None
    claim: Words | None = None
    probability: Number | None = None
    due: Name | None = None
    rule: Words | None = None
    base_rate: Number | None = None
    follows: Id | None = None


class Resolving(RequestBody):
    """The outcome of a forecast's question."""

    id: Id
    happened: bool
    known: Name | None = None
    because: Words | None = None
    correct: bool = False


class Voiding(RequestBody):
    """Why the question of a forecast cannot be resolved."""

    id: Id
    because: Words
    correct: bool = False


@router.get("/api/ledger")
async def whole(bench: Bench) -> Response:
    return json_response(await bench.side.call(ledger_tasks.ledger_at, _ledger(bench), seconds=SECONDS))


@router.post("/api/ledger/add")
async def add(body: ForecastRequest, bench: Bench) -> Response:
    folder = None if body.run is None else folder_of(bench, body.run)
    number = await bench.side.call(
        ledger_tasks.added, _ledger(bench), body.model_dump(), folder, seconds=SECONDS, once=True
    )
    return json_response({"id": number})


@router.post("/api/ledger/resolve")
async def resolve(body: Resolving, bench: Bench) -> Response:
    entry = body.id, body.happened, body.known, body.because, body.correct
    await bench.side.call(ledger_tasks.resolved, _ledger(bench), *entry, seconds=SECONDS, once=True)
    return json_response({})


@router.post("/api/ledger/void")
async def void(body: Voiding, bench: Bench) -> Response:
    entry = body.id, body.because, body.correct
    await bench.side.call(ledger_tasks.voided, _ledger(bench), *entry, seconds=SECONDS, once=True)
    return json_response({})


def _ledger(bench: Workbench) -> Path:
    return bench.folder.within(FILE, kind="ledger")
