"""Routes of the named scenarios beside a crisis file."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Response

from offramp.app.routes.file_routes import PathAsked
from offramp.app.scenario_files import Kept, Scenarios, read_scenarios, save_scenarios
from offramp.app.schemas import Path, RequestBody
from offramp.app.workbench import Bench, json_response

router = APIRouter()


class Keeping(RequestBody):
    """All scenarios of a crisis, to save if their file's SHA-256 is still `was` (None: there is no file)."""

    path: Path
    scenarios: Scenarios
    was: str | None = None


@router.get("/api/scenarios")
async def scenarios(bench: Bench, path: str = PathAsked) -> Response:
    """The named scenarios of a crisis."""
    return json_response(_answer(await asyncio.to_thread(read_scenarios, bench.folder, path)))


@router.put("/api/scenarios")
async def keep(body: Keeping, bench: Bench) -> Response:
    """Save the named scenarios of a crisis, all or nothing."""
    kept = await asyncio.to_thread(save_scenarios, bench.folder, body.path, body.scenarios, body.was)
    return json_response(_answer(kept))


def _answer(kept: Kept) -> dict[str, Any]:
    listed = [scenario.model_dump(mode="json") for scenario in kept.scenarios]
    return {"path": kept.path, "scenarios": listed, "sha": kept.sha, "writable": kept.writable}
