"""Reports written as a user writes them: a run, opened again, and its page."""

from __future__ import annotations

from pathlib import Path

from offramp.report.page import page
from offramp.runs.result import Run
from offramp.runs.store.manifest import manifest_of
from offramp.study.brief import Brief, brief
from tests.report.harbour import harbour

HOSTILE = (
    "<script>alert(1)</script></title></style></svg><img src=https://evil.example/x onerror=alert(1)>\u202e\x1b[31m"
)


def hostile_report(folder: Path) -> Path:
    """The report of a crisis full of hostile text."""
    return written(harbour(HOSTILE, levers=("hotline",), draws=128), folder)


def written(ensemble: Run, folder: Path, found: Brief | None = None) -> Path:
    """The report of a run, in a folder; `found`: its brief, if it has been made."""
    path = folder / "report.html"
    manifest = manifest_of(ensemble.crisis, ensemble.game, draws=ensemble.draws, seed=ensemble.seed)
    path.write_text(page(ensemble, manifest, found or brief(ensemble)), encoding="utf-8")
    return path
