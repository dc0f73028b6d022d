"""Routes of the gallery: its cards, and a copy of one of its crises."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Response

from offramp.app.gallery_copies import cards, copy_into
from offramp.app.schemas import Name, RequestBody
from offramp.app.workbench import Bench, json_response

router = APIRouter()


@router.get("/api/gallery")
async def listing() -> Response:
    """What the page shows of each crisis of the gallery."""
    return json_response({"crises": await asyncio.to_thread(cards)})


class Taking(RequestBody):
    """The crisis of the gallery to copy into the opened folder."""

    name: Name


@router.post("/api/gallery/copy")
async def take(body: Taking, bench: Bench) -> Response:
    """Copy a crisis of the gallery into a new folder in the opened one; `path`: of the copy's crisis file."""
    return json_response({"path": await asyncio.to_thread(copy_into, bench.folder, body.name)})
