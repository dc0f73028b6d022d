"""Runs of a workbench under test: start one, and wait until it is so far."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tests.app.served import Served


def until(served: Served, run: str, holds: Callable[[dict[str, Any]], bool], seconds: float = 90.0) -> dict[str, Any]:
    """What the list says of a run, as soon as that holds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        rows = [row for row in served.client.get("/api/runs").json()["runs"] if row["run"] == run]
        if rows and holds(rows[0]):
            return dict(rows[0])
        time.sleep(0.1)
    raise AssertionError(f"{run} did not come so far: {rows}")


def finished(row: dict[str, Any]) -> bool:
    assert row["state"] != "failed", row["message"]
    return bool(row["state"] == "finished" and not row["ours"])


def started(served: Served, **asked: Any) -> str:
    answer = served.client.post("/api/runs", json={"path": "small.yaml", "draws": 256, "seed": 3} | asked)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["run"])
