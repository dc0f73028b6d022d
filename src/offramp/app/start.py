"""Create a workbench with its pools of processes, one process per core."""

from __future__ import annotations

import os

from offramp.app.folder import Folder
from offramp.app.tasks import live_tasks
from offramp.app.workbench import Workbench
from offramp.app.workers.nursery import Nursery
from offramp.app.workers.pools import Pool

LIVE_SECONDS, SIDE_SECONDS, SLOW_SECONDS = 10.0, 30.0, 600.0
"""Time limits of a slider step, of the full solve when the slider rests, and of a study."""


def workbench(folder: Folder, opened: str | None = None) -> Workbench:
    """A workbench on a folder; the server starts its processes."""
    cores = max(2, os.cpu_count() or 1)
    nursery = Nursery()
    return Workbench(
        folder,
        nursery,
        live=Pool(nursery, cores, seconds=LIVE_SECONDS, warming=live_tasks.warm),
        side=Pool(nursery, cores, seconds=SIDE_SECONDS, niceness=2, warming=live_tasks.warm_side),
        slow=Pool(nursery, 1, seconds=SLOW_SECONDS, niceness=5),
        opened=opened,
    )
