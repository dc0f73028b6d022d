"""The workbench: a crisis in the browser, solved live.

A server on the analyst's own machine (`server`), its state (`workbench`), worker processes (`processes`, `tasks`), and
a page built from `web/`. It needs the extra `offramp[app]`.
"""

from __future__ import annotations

from importlib.util import find_spec

from offramp.common.errors import UsageError

NEEDED = ("fastapi", "uvicorn")


def check_installed() -> None:
    """Raise UsageError, which names the extra, if a package that the workbench needs is missing."""
    if any(find_spec(name) is None for name in NEEDED):
        raise UsageError("the workbench needs more packages: pip install 'offramp[app]'")
