"""Routes of the session and of the files in the opened folder."""

from __future__ import annotations

import asyncio
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Query, Response

from offramp.app.folder import Folder
from offramp.app.schemas import FILE_BYTES, NODES, CrisisText
from offramp.app.workbench import DRAWS, Bench, CurrentCaller, json_response
from offramp.crisis.draft_standing import unread_beside

router = APIRouter()
PathAsked = Query(min_length=1, max_length=1000)


@router.get("/api/hello")
async def hello(bench: Bench, caller: CurrentCaller) -> Response:
    """The caller's role, and the opened folder and file."""
    analyst = caller.role == "analyst"
    return json_response(
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
    """The crisis files in the folder, the crises that come with Offramp, and the templates of a new one."""
    return json_response(await asyncio.to_thread(_files, bench.folder))


def _files(folder: Folder) -> dict[str, Any]:
    return {
        "folder": folder.root.name or str(folder.root),
        "files": folder.files(),
        "shipped": folder.summaries,
        "templates": folder.templates,
    }


@router.get("/api/file")
async def read(bench: Bench, path: str = PathAsked) -> Response:
    """A crisis file's text; `draft`, in words, if it is a draft that is not read whole."""
    file = await asyncio.to_thread(bench.folder.read, path)
    draft = await asyncio.to_thread(_draft, bench.folder, path)
    writable = bench.folder.writable(path)
    return json_response({"path": path, "text": file.text, "sha": file.sha, "writable": writable} | draft)


@router.get("/api/file/state")
async def state(bench: Bench, path: str = PathAsked) -> Response:
    """The SHA-256 of a crisis file, to see whether it has changed; `draft` as in `read`."""
    draft = await asyncio.to_thread(_draft, bench.folder, path)
    return json_response({"sha": await asyncio.to_thread(bench.folder.sha, path)} | draft)


def _draft(folder: Folder, path: str) -> dict[str, str]:
    """How much of a draft is read, in words, by the key `draft`; nothing of any other file."""
    standing = unread_beside(folder.crisis(path))
    return {} if standing is None else {"draft": str(standing)}


class Saving(CrisisText):
    """A text to save if the file's SHA-256 is still `was` (None: there is no file)."""

    was: str | None = None


@router.put("/api/file")
async def save(body: Saving, bench: Bench) -> Response:
    """Save a crisis file, whole or not at all."""
    sha = await asyncio.to_thread(bench.folder.save, body.path, body.text, body.was)
    return json_response({"path": body.path, "sha": sha})
