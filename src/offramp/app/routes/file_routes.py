"""Routes for who is calling and for the files of the opened folder."""

from __future__ import annotations

import asyncio
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Query, Response

from offramp.app.folder import Folder
from offramp.app.schemas import FILE_BYTES, NODES, CrisisText
from offramp.app.workbench import DRAWS, Asking, Bench, answered

router = APIRouter()
PathAsked = Query(min_length=1, max_length=1000)


@router.get("/api/hello")
async def hello(bench: Bench, caller: Asking) -> Response:
    """Who is calling, and what is open."""
    analyst = caller.role == "analyst"
    return answered(
        {
            "version": version("offramp"),
            "role": caller.role,
            "match": caller.match,
            "seat": caller.seat,
            "folder": (bench.folder.root.name or str(bench.folder.root)) if analyst else "",
            "opened": bench.opened if analyst else None,
            "limits": {"file_bytes": FILE_BYTES, "nodes": NODES, "draws": DRAWS},
        }
    )


@router.get("/api/files")
async def files(bench: Bench) -> Response:
    """The crisis files of the folder, and those that come with Offramp."""
    return answered(await asyncio.to_thread(_files, bench.folder))


def _files(folder: Folder) -> dict[str, Any]:
    return {"folder": folder.root.name or str(folder.root), "files": folder.files(), "shipped": list(folder.summaries)}


@router.get("/api/file")
async def read(bench: Bench, path: str = PathAsked) -> Response:
    """A crisis file's text."""
    held = await asyncio.to_thread(bench.folder.read, path)
    return answered({"path": path, "text": held.text, "sha": held.sha, "writable": bench.folder.writable(path)})


@router.get("/api/file/state")
async def state(bench: Bench, path: str = PathAsked) -> Response:
    """Whether a crisis file is still what it was."""
    return answered({"sha": await asyncio.to_thread(bench.folder.sha, path)})


class Saving(CrisisText):
    """A text to save, where the file still is what it was (None: is not there)."""

    was: str | None = None


@router.put("/api/file")
async def save(asked: Saving, bench: Bench) -> Response:
    """Save a crisis file, whole or not at all."""
    sha = await asyncio.to_thread(bench.folder.save, asked.path, asked.text, asked.was)
    return answered({"path": asked.path, "sha": sha})
