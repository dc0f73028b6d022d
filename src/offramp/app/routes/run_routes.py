"""Routes of runs: start, list, show, stop, resume."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field

from offramp.app.http_errors import Refused
from offramp.app.jobs import Job, JobQueue, row_before_start
from offramp.app.routes.solve_routes import scenario_of
from offramp.app.schemas import MomentRequest, Name, RequestBody
from offramp.app.schemas import Path as RequestPath
from offramp.app.tasks.compiled_scenarios import Scenario, compiled
from offramp.app.tasks.known_runs import run_of_scenario, runs_of, shown_names
from offramp.app.workbench import DRAWS, Bench, Workbench, json_response

router = APIRouter()


class RunRequest(RequestBody):
    """A new run of a saved crisis file, or of a crisis that comes with Offramp."""

    path: RequestPath
    draws: Annotated[int, Field(ge=1, le=DRAWS)] = 2048
    seed: Annotated[int, Field(ge=0, lt=2**53)] = 1
    levers: tuple[Name, ...] = Field(default=(), max_length=100, strict=False)


class ExistingRun(RequestBody):
    """An existing run."""

    run: RequestPath


async def begin(bench: Workbench) -> None:
    """Resume the runs that were running when the workbench ended."""
    queue = bench.parts["runs"] = JobQueue(bench.folder)
    bench.closing.append(queue.close)
    queue.resume()


@router.post("/api/runs")
async def start(body: RunRequest, bench: Bench) -> Response:
    from offramp.runs.store.whole_files import run_name

    file = bench.folder.crisis(body.path)
    text = (await asyncio.to_thread(bench.folder.read, body.path)).text
    scenario = Scenario(text, str(file), levers=body.levers)
    await bench.side.call(check_scenario, scenario, key=scenario.key)
    name = run_name(str(file))
    bench.folder.within(f"runs/{name}-1", kind="run folder")
    job = _queue(bench).start(body.path, name, draws=body.draws, seed=body.seed, levers=body.levers)
    return json_response({"run": job.run})


@router.get("/api/runs")
async def listing(bench: Bench) -> Response:
    return json_response({"runs": await bench.side.call(runs_in, bench.folder.root, dict(_queue(bench).jobs))})


@router.post("/api/runs/of")
async def alike(body: MomentRequest, bench: Bench) -> Response:
    """The newest finished run of a scenario, if there is one."""
    scenario = scenario_of(body, bench)
    return json_response(await bench.side.call(run_of_scenario, bench.folder.root, scenario, key=scenario.key))


@router.get("/api/run")
async def look(run: str, bench: Bench) -> Response:
    folder = bench.folder.run(run)
    job = _queue(bench).jobs.get(run)
    return json_response(await bench.side.call(run_in_full, bench.folder.root, run, folder, job))


@router.post("/api/runs/stop")
async def stop(body: ExistingRun, bench: Bench) -> Response:
    _queue(bench).stop(body.run)
    return json_response({})


@router.post("/api/runs/go-on")
async def resume_run(body: ExistingRun, bench: Bench) -> Response:
    from offramp.runs.listing import state_of

    queue, folder = _queue(bench), bench.folder.run(body.run)
    state = await bench.side.call(state_of, folder)
    if state.state == "running" and body.run not in queue.tasks:
        raise Refused(409, f"{body.run} is running, started elsewhere")
    if state.state == "finished":
        raise Refused(422, f"{body.run} is finished: there is nothing to resume")
    if not (folder / "manifest.json").is_file() and body.run not in queue.jobs:
        raise Refused(404, f"there is no run {body.run}")
    queue.resume_run(body.run, draws=state.draws, seed=state.seed, levers=state.levers)
    return json_response({})


def check_scenario(scenario: Scenario) -> None:
    """Raise if a crisis has mistakes, lacks a lever, or makes too large a game."""
    compiled(scenario)


def runs_in(root: Path, jobs: dict[str, Job]) -> list[dict[str, Any]]:
    """The runs in the opened folder: first those without files yet, then the others, the newest first."""
    on_disk = {f"runs/{state.folder.name}": state for state in runs_of(root)}
    rows = [_row(run, state, jobs.get(run)) for run, state in on_disk.items()]
    pending = (job for run, job in jobs.items() if run not in on_disk)
    return [row_before_start(job) for job in pending if job.state in ("waiting", "going", "failed")][::-1] + rows


def _row(run: str, state: Any, job: Job | None) -> dict[str, Any]:
    ours = job is not None and job.state in ("waiting", "going")
    shown = state.state
    if job is not None and ours and shown == "unfinished":  # its process is starting or waiting
        shown = "running" if job.state == "going" else "waiting"
    return {
        "run": run,
        "title": state.title,
        "state": shown,
        "done": state.done,
        "draws": state.draws,
        "seed": state.seed,
        "levers": list(state.levers),
        "names": shown_names(state.folder),
        "written": state.written,
        "bytes": state.bytes,
        "endings": None if state.endings is None else {name: dict(shares) for name, shares in state.endings.items()},
        "ours": ours,
        "message": (job.message if job is not None else None) or state.why or None,
    }


def run_in_full(root: Path, run: str, folder: Path, job: Job | None) -> dict[str, Any]:
    """A run's row with its manifest and the path of its crisis file."""
    from offramp.runs.listing import state_of
    from offramp.runs.store.manifest import read_manifest

    if not (folder / "manifest.json").is_file():
        if job is None:
            raise Refused(404, f"there is no run {run}")
        return row_before_start(job) | {"manifest": None, "crisis_path": job.path or None}
    manifest = read_manifest(folder)
    row = _row(run, state_of(folder), job)
    return row | {"manifest": manifest, "crisis_path": _crisis_of(root, manifest, job)}


def _crisis_of(root: Path, manifest: dict[str, Any], job: Job | None) -> str | None:
    """The path of a run's crisis file in the opened folder, if known."""
    if job is not None and job.path:
        return job.path
    name = Path(manifest["crisis"]).name
    return name if (root / name).is_file() else None


def _queue(bench: Workbench) -> JobQueue:
    queue: JobQueue = bench.parts["runs"]
    return queue
