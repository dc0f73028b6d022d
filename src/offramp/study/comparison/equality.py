"""Whether two crises give the same numbers: texts, sources and positions in the file may differ, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from offramp.common.errors import UsageError
from offramp.common.words import listed
from offramp.crisis.expressions.expression import Name
from offramp.crisis.model import Crisis


def check_numerically_equal(crisis: Crisis, since: Crisis) -> None:
    """Raise UsageError if two crises differ in more than what was observed, texts and sources."""
    for part, ours in _parts(crisis, crisis.pulled).items():
        theirs = _parts(since, crisis.pulled)[part]
        if ours != theirs:
            where = ""
            if isinstance(ours, dict) and isinstance(theirs, dict):
                names = [name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name)]
                where = f" ({listed(names)})" if names else ""
            raise UsageError(
                f"{since.path} differs from the crisis of the run in its {part}{where}; only `observed` may: "
                "solve it anew with `offramp run`, then update that run"
            )


def _parts(crisis: Crisis, pulled: tuple[str, ...]) -> dict[str, Any]:
    """Everything that the numbers of a run depend on, part by part."""
    return {
        "actors": {key: _bare((actor.memory, actor.rationality, actor.choice)) for key, actor in crisis.actors.items()},
        "inputs": {name: _bare(entry.distribution) for name, entry in crisis.inputs.items()},
        "correlations": _bare(crisis.correlations),
        "timeline": _bare(crisis.timeline),
        "measures": {measure.key: _bare(measure) for measure in crisis.measures},
        "payoffs": {f"{term.actor}.{term.key}": _bare(term) for term in crisis.terms},
        "endings": _bare(crisis.endings),
        "levers": {name: _bare(crisis.levers.get(name)) for name in pulled},
    }


def _bare(value: Any) -> Any:
    """A part of a crisis without positions in the file, names, reasons, and the text of expressions."""
    if isinstance(value, Name):  # what an expression names is no name for readers
        return value.name
    if is_dataclass(value):
        dropped = {"place", "places", "reason", "text", "at", "cost", "name", "says", "unit", "avoid"}
        return type(value).__name__, {
            field.name: _bare(getattr(value, field.name)) for field in fields(value) if field.name not in dropped
        }
    if isinstance(value, Mapping):
        return {key: _bare(entry) for key, entry in value.items()}
    return tuple(map(_bare, value)) if isinstance(value, tuple) else value
