"""Whether a process runs, for tests of processes that must end."""

from __future__ import annotations

import subprocess


def is_running(process: int) -> bool:
    """Whether a process runs; one that has ended is listed until its parent has been told."""
    listed = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False)
    return listed.stdout.strip()[:1] not in ("", "Z")
