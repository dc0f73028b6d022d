"""Asking the peers, each job in a process of their own environment."""

from __future__ import annotations

import functools
import json
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PYTHON = ROOT / ".venv-peers" / "bin" / "python"
LIMIT = 75.0
"""Seconds after which a job is given up; a peer is then said to need more than that."""


@functools.cache
def _ask(job: str, limit: float) -> str | None:
    command = [str(PYTHON), "-I", str(Path(__file__).with_name("peer.py"))]
    try:
        asked = subprocess.run(command, input=job, capture_output=True, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return None
    if asked.returncode:
        raise RuntimeError(f"the peer failed on {job}:\n{asked.stderr.strip()}")
    return asked.stdout


def ask(job: str, *, limit: float = LIMIT, **order: Any) -> dict[str, Any] | None:
    """The peer's answer to a job, or None when it took longer than `limit` seconds; the same job runs once."""
    if not PYTHON.exists():
        raise RuntimeError("the peers are not installed: run `make .venv-peers/installed`")
    found = _ask(json.dumps({"job": job, **order}), limit)
    return None if found is None else dict(json.loads(found))
