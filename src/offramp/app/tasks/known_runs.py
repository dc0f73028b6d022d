"""Tasks that find a run among those of the opened folder: of a scenario, or of a forecast; and its names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from offramp.app.tasks.compiled_scenarios import Scenario, compiled

if TYPE_CHECKING:
    from collections.abc import Iterable

    from offramp.runs.listing import RunState
    from offramp.study.forecasting.ledger_entries import Forecast

SAME = 1e-9
"""Means of the same run differ by no more."""


def runs_of(root: Path) -> tuple[RunState, ...]:
    """The runs of a folder, in its folder `runs`, the newest first, without those that may lead out of it."""
    from offramp.app.folder import has_links
    from offramp.runs.listing import list_runs

    runs = root / "runs"
    if not (runs.is_dir() and runs.resolve().is_relative_to(root)):
        return ()
    return tuple(run for run in list_runs(runs) if not (run.folder.is_symlink() or has_links(run.folder)))


def finished_runs(root: Path) -> list[RunState]:
    """The finished runs of a folder, the newest first."""
    return [state for state in runs_of(root) if state.state == "finished"]


def run_of_scenario(root: Path, scenario: Scenario) -> dict[str, Any]:
    """The newest finished run of a scenario's text, levers and suppositions; `run` is None if there is none.

    A run has no fixed inputs, and the actors' own rationality.
    """
    from offramp.runs.store.manifest import now_of, sha256_of_crisis

    if scenario.given or scenario.rationality is not None:
        return {"run": None}
    crisis = compiled(scenario).crisis
    wanted = sha256_of_crisis(crisis), crisis.pulled, now_of(crisis)
    found = (state for state in finished_runs(root) if (state.sha256, state.levers, state.now) == wanted)
    return {"run": next((_path(state) for state in found), None)}


def run_of_forecast(states: Iterable[RunState], forecast: Forecast) -> str | None:
    """The run that a forecast comes from, if it is still there."""
    origin = forecast.origin
    if origin is None:
        return None
    wanted = origin.sha256, origin.levers, origin.seed, origin.draws
    alike = [state for state in states if (state.sha256, state.levers, state.seed, state.draws) == wanted]
    if origin.ending is not None:  # a run from the outset and one as of now differ in what they say of it
        alike = [state for state in alike if _says(state, origin.ending, forecast.probability)]
    elif any(state.now != alike[0].now for state in alike):
        return None
    return _path(alike[0]) if alike else None


def _says(state: RunState, ending: str, probability: float) -> bool:
    mean = (state.endings or {}).get(ending, {}).get("mean")
    return mean is not None and abs(mean - probability) <= SAME


def _path(state: RunState) -> str:
    return f"runs/{state.folder.name}"


def shown_names(folder: Path) -> dict[str, dict[str, str]]:
    """What readers see in place of the keys of a run's endings and levers; empty if its crisis cannot be read."""
    from offramp.runs.listing import names_of_run

    names = names_of_run(folder)
    return {"endings": dict(names.endings), "levers": dict(names.levers)} if names else {"endings": {}, "levers": {}}
