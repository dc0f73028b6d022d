"""The task of the tool `files`: what is in the folder, and what comes with Offramp."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from offramp.app.folder import Folder
from offramp.common.words import listed

MOST_ROWS = 200
"""Maximum number of crisis files, of runs, of drafts and of documents that are listed."""


def contents(root: Path) -> dict[str, Any]:
    """The crisis files, runs, drafts and documents of a folder, the newest runs first, and what comes with Offramp."""
    from offramp.app.tasks.known_runs import runs_of

    folder = Folder(root)
    files, drafts, documents, runs = folder.files(), folder.drafts(), folder.documents(), runs_of(root)
    shipped = len(folder.summaries)
    comes = f"{_counted(shipped, 'crisis', 'crises')} {'comes' if shipped == 1 else 'come'} with Offramp"
    counts = (
        _counted(len(files), "crisis file"),
        _counted(len(runs), "run"),
        _counted(len(drafts), "draft"),
        _counted(len(documents), "document"),
    )
    return {
        "sentence": f"The folder has {listed(counts)}; {comes}.",
        "files": [{"file": row["path"], "title": row["title"]} for row in files[:MOST_ROWS]],
        "runs": [
            {
                "run": f"runs/{run.folder.name}",
                "title": run.title,
                "state": run.state,
                "draws": run.draws,
                "seed": run.seed,
                "levers": list(run.levers),
                "as_of_now": run.now is not None,
                "endings": {key: ending["mean"] for key, ending in (run.endings or {}).items()},
            }
            for run in runs[:MOST_ROWS]
        ],
        "drafts": drafts[:MOST_ROWS],
        "documents": documents[:MOST_ROWS],
        "shipped": [
            {"file": row["path"], "title": row["title"], "summary": row["summary"]} for row in folder.summaries
        ],
        "templates": [{"template": row["name"], "says": row["says"]} for row in folder.templates],
    }


def _counted(number: int, what: str, several: str = "") -> str:
    return f"{number or 'no'} {what if number == 1 else several or f'{what}s'}"
