"""The files of the page, built by `make page`: kept in memory, sent compressed."""

from __future__ import annotations

import gzip
import json
import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

from fastapi import APIRouter, Request, Response

from offramp.app.http_errors import Refused
from offramp.common.texts import catalogue, filled, tr

PAGE = Path(__file__).parent / "page"
UNBUILT = b"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Offramp: the page is not built</title>
<h1>The page is not built</h1>
<p>In a checkout of Offramp run <code>make page</code> (it needs Node), then start <code>offramp app</code> again.</p>
</html>
"""
HELP = "<code>offramp --help</code>"
TYPES = {".js": "text/javascript", ".woff2": "font/woff2", ".svg": "image/svg+xml", ".map": "application/json"}


@dataclass(frozen=True)
class File:
    """A file of the page; `packed`: compressed, empty if that is not smaller."""

    content: bytes
    packed: bytes
    kind: str


def page_router() -> APIRouter:
    """Routes for the page's files; they are read at the start, and again when the page was rebuilt."""
    files = dict(_files(PAGE))
    built = _built(PAGE)
    router = APIRouter()

    @router.api_route("/", methods=["GET", "HEAD"])
    async def front(request: Request) -> Response:
        nonlocal built
        if built != (now := _built(PAGE)):
            built = now
            files.clear()
            files.update(_files(PAGE))
        index = files.get("index.html") or File(UNBUILT, b"", "text/html; charset=utf-8")
        return _response(request, index, "no-cache")

    @router.api_route("/page/{name}", methods=["GET", "HEAD"])
    async def asset(name: str, request: Request) -> Response:
        if name not in files or name == "index.html":
            raise Refused(404, "there is no such file of the page; load the page again")
        hashed = name.endswith((".js", ".css", ".woff2"))
        return _response(request, files[name], "public, max-age=31536000, immutable" if hashed else "no-cache")

    return router


def _response(request: Request, file: File, caching: str) -> Response:
    headers = {"Cache-Control": caching, "Vary": "Accept-Encoding"}
    if file.packed and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(file.packed, headers=headers | {"Content-Encoding": "gzip"}, media_type=file.kind)
    return Response(file.content, headers=headers, media_type=file.kind)


def _built(folder: Path) -> float | None:
    try:
        return (folder / "index.html").stat().st_mtime
    except OSError:
        return None


def _files(folder: Path) -> Iterator[tuple[str, File]]:
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.is_file():
            content = path.read_bytes()
            if path.name == "index.html" and catalogue().sha256:
                content = _translated(content)
            packed = gzip.compress(content, 9, mtime=0)
            kind = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            if kind.startswith("text/"):
                kind += "; charset=utf-8"
            yield path.name, File(content, packed if len(packed) < len(content) else b"", kind)


def _translated(index: bytes) -> bytes:
    """The page's document in the language of the translation, and with it, for its script (`web/src/texts.ts`)."""
    texts = json.dumps({"texts": dict(catalogue().texts), "forms": catalogue().forms}).replace("<", "\\u003c")
    needs = escape(tr("The workbench needs JavaScript; {command} does without."), quote=False)
    changes = {
        '<html lang="en">': f'<html lang="{escape(catalogue().language)}">',
        "Opening the workbench …": escape(tr("Opening the workbench …"), quote=False),
        f"The workbench needs JavaScript; {HELP} does without.": filled(needs, {"command": HELP}),
        "</head>": f'<script type="application/json" id="catalogue">{texts}</script>\n</head>',
    }
    page = index.decode()
    for english, said in changes.items():
        page = page.replace(english, said, 1)
    return page.encode()
