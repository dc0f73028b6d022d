"""The workbench: a crisis in the browser, live.

A server on the analyst's own machine (`server`), one state (`workbench`), processes that do the work (`pools`, `live`),
and a page built from `web/`. Needs the extra `offramp[app]`.
"""

from __future__ import annotations

from importlib.util import find_spec

from offramp.common.errors import UsageError

NEEDED = ("fastapi", "uvicorn")


def check_installed() -> None:
    """Raise UsageError, which names the extra, where what the workbench needs is not installed."""
    if any(find_spec(name) is None for name in NEEDED):
        raise UsageError("the workbench needs more than the core does: pip install 'offramp[app]'")
