"""Routes of studies: study a run, compare two runs, export a finding, make the report."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from offramp.app.http_errors import Refused
from offramp.app.schemas import Name, RequestBody
from offramp.app.schemas import Path as RequestPath
from offramp.app.study_requests import options_of
from offramp.app.tasks import study_tasks
from offramp.app.workbench import Bench, Workbench, json_response

router = APIRouter()


class StudyRequest(RequestBody):
    """A study of a run."""

    run: RequestPath
    study: Name
    options: dict[Name, Any] = Field(default_factory=dict, max_length=20)


class ComparisonRequest(RequestBody):
    """Two runs to compare."""

    run: RequestPath
    other: RequestPath
    options: dict[Name, Any] = Field(default_factory=dict, max_length=20)


class ExportRequest(StudyRequest):
    """A study to export; `other`: the second run of a comparison."""

    other: RequestPath | None = None


class ReportRequest(RequestBody):
    """A run whose report is to be made."""

    run: RequestPath


@router.post("/api/study")
async def study(body: StudyRequest, bench: Bench, request: Request) -> Response:
    options = options_of(body.study, body.options)
    since = await _since(bench, options)
    folder = folder_of(bench, body.run)
    return json_response(await bench.slow_call(request, study_tasks.study_of, folder, body.study, options, since))


@router.post("/api/compare")
async def compare(body: ComparisonRequest, bench: Bench, request: Request) -> Response:
    options = options_of("compare", body.options)
    first, second = folder_of(bench, body.run), folder_of(bench, body.other)
    names = (body.run, body.other)
    return json_response(await bench.slow_call(request, study_tasks.comparison_of, first, second, options, names))


@router.post("/api/export")
async def export(body: ExportRequest, bench: Bench, request: Request) -> Response:
    options = options_of(body.study, body.options)
    if (body.study == "compare") != (body.other is not None):
        raise Refused(422, "'other', the second run, goes with 'compare', and only with it")
    since = await _since(bench, options)
    folder = folder_of(bench, body.run)
    other = None if body.other is None else (folder_of(bench, body.other), (body.run, body.other))
    packed = await bench.slow_call(request, study_tasks.export_of, folder, body.study, options, since, other)
    name = f"{folder.name}-{body.study}.zip".encode("ascii", "replace").decode().replace('"', "_")
    return Response(
        packed, media_type="application/zip", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@router.post("/api/report")
async def report(body: ReportRequest, bench: Bench, request: Request) -> Response:
    page = await bench.slow_call(request, study_tasks.report_of, folder_of(bench, body.run))
    return Response(page, media_type="text/html; charset=utf-8")


def folder_of(bench: Workbench, run: str) -> Path:
    """The folder of a run inside the opened folder; Refused (404) if there is none."""
    folder = bench.folder.run(run)
    if not (folder / "manifest.json").is_file():
        raise Refused(404, f"there is no run {run}; see the list of runs")
    return folder


async def _since(bench: Workbench, options: dict[str, Any]) -> tuple[str, str] | None:
    """Path and text of the crisis file in the option `from`, if given."""
    path = options.pop("from", None)
    if path is None:
        return None
    file = await asyncio.to_thread(bench.folder.read, path)
    return str(bench.folder.crisis(path)), file.text
