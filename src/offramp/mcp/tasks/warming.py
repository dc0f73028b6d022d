"""Loads what the tools need, so that the first call of each is fast."""

from __future__ import annotations

from importlib import import_module

from offramp.app.tasks import live_tasks


def warm() -> None:
    """Load what the tools need, with a small crisis."""
    live_tasks.warm()
    import_module("offramp.study.wording")
