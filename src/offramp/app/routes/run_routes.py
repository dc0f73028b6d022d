"""Routes of runs: start, list, look at, stop, go on."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field

from offramp.app.http_errors import Refused
from offramp.app.jobs import Going, Wanted, described
from offramp.app.schemas import Name, RequestBody
from offramp.app.schemas import Path as Place
from offramp.app.tasks.live_tasks import Scenario, compiled
from offramp.app.workbench import DRAWS, Bench, Workbench, answered

router = APIRouter()


class RunAsked(RequestBody):
    """A run of a crisis file as it is saved, or of one that comes with Offramp."""

    path: Place
    draws: Annotated[int, Field(ge=1, le=DRAWS)] = 2048
    seed: Annotated[int, Field(ge=0, lt=2**53)] = 1
    levers: tuple[Name, ...] = Field(default=(), max_length=100, strict=False)


class RunNamed(RequestBody):
    """A run that is there."""

    run: Place


async def begin(bench: Workbench) -> None:
    """Go on with the runs that were going when the workbench ended."""
    going = bench.parts["runs"] = Going(bench.folder)
    bench.closing.append(going.close)
    going.resume()


@router.post("/api/runs")
async def start(asked: RunAsked, bench: Bench) -> Response:
    from offramp.runs.store.whole_files import run_name

    file = bench.folder.crisis(asked.path)
    text = (await asyncio.to_thread(bench.folder.read, asked.path)).text
    setting = Scenario(text, str(file), levers=asked.levers)
    await bench.side.call(fits, setting, key=setting.key)
    name = run_name(str(file))
    bench.folder.within(f"runs/{name}-1", kind="run folder")
    begun = _going(bench).start(asked.path, name, draws=asked.draws, seed=asked.seed, levers=asked.levers)
    return answered({"run": begun.run})


@router.get("/api/runs")
async def listing(bench: Bench) -> Response:
    return answered({"runs": await bench.side.call(runs_in, bench.folder.root, dict(_going(bench).wanted))})


@router.get("/api/run")
async def look(run: str, bench: Bench) -> Response:
    folder = bench.folder.within(run, kind="run folder")
    wanted = _going(bench).wanted.get(run)
    return answered(await bench.side.call(looked_at, bench.folder.root, run, folder, wanted))


@router.post("/api/runs/stop")
async def stop(asked: RunNamed, bench: Bench) -> Response:
    _going(bench).stop(asked.run)
    return answered({})


@router.post("/api/runs/go-on")
async def go_on(asked: RunNamed, bench: Bench) -> Response:
    from offramp.runs.listing import state_of

    going, folder = _going(bench), bench.folder.within(asked.run, kind="run folder")
    state = await bench.side.call(state_of, folder)
    if state.state == "running" and asked.run not in going.tasks:
        raise Refused(409, f"{asked.run} is running, started elsewhere")
    if state.state == "finished":
        raise Refused(422, f"{asked.run} is finished: there is nothing to go on with")
    if not (folder / "manifest.json").is_file() and asked.run not in going.wanted:
        raise Refused(404, f"there is no run {asked.run}")
    going.go_on(asked.run, draws=state.draws, seed=state.seed, levers=state.levers)
    return answered({})


def fits(setting: Scenario) -> None:
    """Raise where a crisis has faults, lacks a lever, or makes too large a game."""
    compiled(setting)


def runs_in(root: Path, wanted: dict[str, Wanted]) -> list[dict[str, Any]]:
    """The runs of the opened folder: those that have not begun to write, then the one last written to first."""
    from offramp.runs.listing import list_runs

    runs = root / "runs"
    states = list_runs(runs) if runs.resolve().is_relative_to(root) else ()
    found = {f"runs/{state.folder.name}": state for state in states}
    rows = [_row(run, state, wanted.get(run)) for run, state in found.items()]
    pending = (one for run, one in wanted.items() if run not in found)
    return [described(one) for one in pending if one.state in ("waiting", "going", "failed")][::-1] + rows


def _row(run: str, state: Any, wanted: Wanted | None) -> dict[str, Any]:
    ours = wanted is not None and wanted.state in ("waiting", "going")
    shown = state.state
    if wanted is not None and ours and shown == "unfinished":  # its process begins, or waits for its turn
        shown = "running" if wanted.state == "going" else "waiting"
    return {
        "run": run,
        "title": state.title,
        "state": shown,
        "done": state.done,
        "draws": state.draws,
        "seed": state.seed,
        "levers": list(state.levers),
        "written": state.written,
        "bytes": state.bytes,
        "endings": None if state.endings is None else {name: dict(one) for name, one in state.endings.items()},
        "ours": ours,
        "message": (wanted.message if wanted is not None else None) or state.why or None,
    }


def looked_at(root: Path, run: str, folder: Path, wanted: Wanted | None) -> dict[str, Any]:
    from offramp.runs.listing import state_of
    from offramp.runs.store.manifest import read_manifest

    if not (folder / "manifest.json").is_file():
        if wanted is None:
            raise Refused(404, f"there is no run {run}")
        return described(wanted) | {"manifest": None, "crisis_path": wanted.path or None}
    manifest = read_manifest(folder)
    row = _row(run, state_of(folder), wanted)
    return row | {"manifest": manifest, "crisis_path": _crisis_of(root, manifest, wanted)}


def _crisis_of(root: Path, manifest: dict[str, Any], wanted: Wanted | None) -> str | None:
    """Where in the opened folder the crisis of a run is, as far as that is known."""
    if wanted is not None and wanted.path:
        return wanted.path
    name = Path(manifest["crisis"]).name
    return name if (root / name).is_file() else None


def _going(bench: Workbench) -> Going:
    found: Going = bench.parts["runs"]
    return found
