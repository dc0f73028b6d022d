"""The server: combines routes, middleware and page, and serves them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from offramp.app import login
from offramp.app.http_errors import Refused, refusal_of
from offramp.app.login import Door
from offramp.app.middleware import Guard
from offramp.app.page_files import page_router
from offramp.app.routes import (
    draft_routes,
    editor_routes,
    file_routes,
    gallery_routes,
    ledger_routes,
    match_routes,
    run_routes,
    scenario_routes,
    solve_routes,
    study_routes,
)
from offramp.app.workbench import Workbench, error_response
from offramp.common.errors import OfframpError
from offramp.common.value_mistakes import mistake_in_words

ROUTES: tuple[Any, ...] = (
    solve_routes,
    login,
    file_routes,
    gallery_routes,
    editor_routes,
    scenario_routes,
    run_routes,
    study_routes,
    match_routes,
    ledger_routes,
    draft_routes,
)
"""Modules of routes, those of slider steps first; a module's function `begin` is called before the first request."""


def app_of(bench: Workbench, hosts: frozenset[str], door: Door | None = None) -> Guard:
    """The workbench as an ASGI application."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        for module in ROUTES:
            if hasattr(module, "begin"):
                await module.begin(bench)
        starting = asyncio.ensure_future(_start_pools(bench))
        try:
            yield
        finally:
            starting.cancel()
            for close in bench.closing:
                await close()
            await asyncio.gather(*(pool.close() for pool in (bench.live, bench.side, bench.slow)))
            await bench.nursery.close()

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, lifespan=lifespan, redirect_slashes=False)
    app.state.workbench, app.state.door = bench, door
    for module in ROUTES:
        app.include_router(module.router)
    app.include_router(page_router())
    app.add_exception_handler(Refused, _on_refused)
    app.add_exception_handler(OfframpError, _on_user_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(Exception, _on_internal_error)
    return Guard(app, bench, hosts)


async def _start_pools(bench: Workbench) -> None:
    """Start the processes that are needed first; those for studies start with the first study."""
    await asyncio.gather(bench.live.start(), bench.side.start())


async def _on_refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return _response(request, error)


async def _on_user_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, OfframpError)
    return _response(request, refusal_of(error))


def _response(request: Request, refusal: Refused) -> Response:
    """The response for an error, without paths of this machine."""
    bench: Workbench = request.app.state.workbench
    return error_response(Refused(refusal.status, bench.folder.without_paths(refusal.message), **refusal.more))


async def _on_invalid_request(request: Request, error: Exception) -> Response:
    """The response for a body that does not match its schema: one sentence on the first mistake."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return error_response(Refused(422, "the request is not JSON"))
    key = ".".join(str(part) for part in first["loc"][1:]) or "the request"
    return error_response(Refused(422, f"{key[:120]}: {mistake_in_words(first)[:200]}"))


async def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 400:
        return error_response(Refused(422, "the request is not readable JSON"))
    messages = {404: "this address does not exist", 405: "this method is not allowed here"}
    return error_response(Refused(error.status_code, messages.get(error.status_code, error.detail)))


async def _on_internal_error(request: Request, error: Exception) -> Response:
    return error_response(Refused(500, "the workbench has an internal error; its terminal shows the details"))
