"""Asking the peers, each job in a process of its own."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

LIMIT = 75.0
"""Seconds after which a job is given up; a peer is then said to need more than that."""


@functools.cache
def _ask(job: str, limit: float) -> str | None:
    command = [sys.executable, "-I", str(Path(__file__).with_name("peer.py"))]
    try:
        asked = subprocess.run(command, input=job, capture_output=True, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return None
    if asked.returncode:
        raise RuntimeError(f"the peer failed on {job}:\n{asked.stderr.strip()}")
    return asked.stdout


def ask(job: str, *, limit: float = LIMIT, **order: Any) -> dict[str, Any] | None:
    """The peer's answer to a job, or None when it took longer than `limit` seconds; the same job runs once."""
    package = "pyspiel" if job == "cfr" else "pygambit"
    if find_spec(package) is None:
        raise RuntimeError(f"{package} is not installed: run `make bench`")
    found = _ask(json.dumps({"job": job, **order}), limit)
    return None if found is None else dict(json.loads(found))
