"""Routes of the studies: what a run says, two runs beside each other, their files, and the report."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from offramp.app.http_errors import Refused
from offramp.app.schemas import Name, RequestBody
from offramp.app.schemas import Path as Place
from offramp.app.study_options import options_of
from offramp.app.tasks import study_tasks
from offramp.app.workbench import Bench, Workbench, answered

router = APIRouter()


class StudyAsked(RequestBody):
    """A study of a run."""

    run: Place
    study: Name
    options: dict[Name, Any] = Field(default_factory=dict, max_length=20)


class ComparisonAsked(RequestBody):
    """Two runs to be compared."""

    run: Place
    other: Place
    options: dict[Name, Any] = Field(default_factory=dict, max_length=20)


class ExportAsked(StudyAsked):
    """A study whose files are wanted; `other` is the second run of a comparison."""

    other: Place | None = None


class ReportAsked(RequestBody):
    """A run whose report is wanted."""

    run: Place


@router.post("/api/study")
async def study(asked: StudyAsked, bench: Bench, request: Request) -> Response:
    options = options_of(asked.study, asked.options)
    since = await _since(bench, options)
    folder = folder_of(bench, asked.run)
    return answered(await bench.slow_call(request, study_tasks.study_of, folder, asked.study, options, since))


@router.post("/api/compare")
async def compare(asked: ComparisonAsked, bench: Bench, request: Request) -> Response:
    options = options_of("compare", asked.options)
    first, second = folder_of(bench, asked.run), folder_of(bench, asked.other)
    names = (asked.run, asked.other)
    return answered(await bench.slow_call(request, study_tasks.comparison_of, first, second, options, names))


@router.post("/api/export")
async def export(asked: ExportAsked, bench: Bench, request: Request) -> Response:
    options = options_of(asked.study, asked.options)
    if (asked.study == "compare") != (asked.other is not None):
        raise Refused(422, "'compare', and nothing else, needs 'other': the second run")
    since = await _since(bench, options)
    folder = folder_of(bench, asked.run)
    other = None if asked.other is None else (folder_of(bench, asked.other), (asked.run, asked.other))
    packed = await bench.slow_call(request, study_tasks.export_of, folder, asked.study, options, since, other)
    name = f"{folder.name}-{asked.study}.zip".encode("ascii", "replace").decode().replace('"', "_")
    return Response(
        packed, media_type="application/zip", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@router.post("/api/report")
async def report(asked: ReportAsked, bench: Bench, request: Request) -> Response:
    page = await bench.slow_call(request, study_tasks.report_of, folder_of(bench, asked.run))
    return Response(page, media_type="text/html; charset=utf-8")


def folder_of(bench: Workbench, run: str) -> Path:
    """The folder of a run inside the opened folder; Refused (404) where there is none."""
    folder = bench.folder.within(run, kind="run folder")
    if not (folder / "manifest.json").is_file():
        raise Refused(404, f"there is no run {run}; see the list of runs")
    return folder


async def _since(bench: Workbench, options: dict[str, Any]) -> tuple[str, str] | None:
    """Path and text of the crisis file that `from` names."""
    named = options.pop("from", None)
    if named is None:
        return None
    held = await asyncio.to_thread(bench.folder.read, named)
    return str(bench.folder.crisis(named)), held.text
