"""What `offramp check` finds in a crisis without mistakes: warnings, size, what its conditions reveal, cites."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from offramp.crisis.faults import CrisisError, Fault
from offramp.crisis.model import Crisis
from offramp.game.checks.game_warnings import warnings_of
from offramp.game.checks.revealed_facts import Reveal, reveals
from offramp.game.compiler import MAX_NODES, compile_crisis
from offramp.game.game import Game
from offramp.study.degenerate import degenerate, draws_for


@dataclass(frozen=True, eq=False)
class FileCheck:
    """A crisis that compiles; `draws`: how many were solved to see whether it is degenerate, 0 if it is too large."""

    game: Game
    warnings: tuple[Fault, ...]
    reveals: tuple[Reveal, ...]
    draws: int

    def to_dict(self, *, cites: bool = False) -> dict[str, Any]:
        """Everything as plain values, as `offramp check --json` prints it."""
        found: dict[str, Any] = {
            "ok": True,
            "warnings": faults_as_dicts(self.warnings),
            "size": self.game.size.to_dict(),
            "reveals": [{"step": one.step, "to": list(one.to), "facts": list(one.facts)} for one in self.reveals],
        }
        if cites:
            read = self.game.crisis.cites
            found["cites"] = [{"line": c.place.line, "cite": c.text, "found": c.first_words} for c in read]
        return found


def check_file(crisis: Crisis, max_nodes: int | None = None) -> FileCheck:
    """Compile a crisis, and solve as many draws of it as take about a second; CrisisError if it has mistakes."""
    game = compile_crisis(crisis, max_nodes=max_nodes or MAX_NODES)
    warnings = warnings_of(game, max_nodes or MAX_NODES)
    draws = draws_for(game)
    with ThreadPoolExecutor(1) as beside:  # the solver leaves Python to this thread for most of its time
        revealed = beside.submit(reveals, crisis, max_nodes)
        warnings = tuple(sorted({*warnings, *degenerate(game, draws)})) if draws else warnings
    return FileCheck(game, warnings, revealed.result(), draws)


def mistakes(error: CrisisError) -> dict[str, Any]:
    """The mistakes of a crisis file as plain values, as `offramp check --json` prints them."""
    return {"ok": False, "faults": faults_as_dicts(error.faults)}


def faults_as_dicts(faults: tuple[Fault, ...]) -> list[dict[str, Any]]:
    """Faults as plain values: line and column, from 1, and message."""
    return [{"line": f.place.line, "column": f.place.column, "message": f.message} for f in faults]
