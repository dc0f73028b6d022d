"""Which part of a study's change may be a change of equilibrium: solutions compared with their principal branch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from offramp.common.texts import tr
from offramp.equilibrium.branch.traced import STATUSES, Status

FOLLOWED = 4
"""In about how many draws of all that share a game a study compares a solution with its principal branch."""
Change = Literal["levers", "knowledge", "differences", "inputs", "axes"]
"""Whose effect a study shows: of levers, of knowing something first, of what differs, of inputs, of a map's axes."""


@dataclass(frozen=True)
class ComparedSolutions:
    """How many solutions were compared with their principal branch, and what was found.

    `elsewhere`: how many of them are another equilibrium than the one on it; `crossed`: of how many the branch is
    crossed by another one.
    """

    compared: int = 0
    elsewhere: int = 0
    crossed: int = 0

    def said(self, change: Change) -> list[str]:
        """What it leaves open of a change, in sentences; none if every solution is on its branch."""
        sentences = []
        if self.elsewhere:
            where = tr(
                "In {elsewhere} of {followed} solutions compared with their principal branch, play is at another "
                "equilibrium than the one on it.",
                elsewhere=f"{self.elsewhere:,}",
                followed=f"{self.compared:,}",
            )
            sentences.append(f"{where} {_part(change)}")
        if self.crossed:
            where = tr(
                "In {crossed} of {followed} solutions compared with their principal branch, another branch of "
                "equilibria crosses it, and the model does not determine which of them play follows.",
                crossed=f"{self.crossed:,}",
                followed=f"{self.compared:,}",
            )
            sentences.append(where if self.elsewhere else f"{where} {_part(change)}")
        return sentences


NOTHING_COMPARED = ComparedSolutions()


def _part(change: Change) -> str:
    match change:
        case "levers":
            return tr(
                "Part of a change may then be a change of equilibrium, and not what the levers do; offramp solve --all "
                "finds the equilibria."
            )
        case "knowledge":
            return tr(
                "Part of what is found may then be a change of equilibrium, and not what the levers do or what "
                "knowing first is worth; offramp solve --all finds the equilibria."
            )
        case "differences":
            return tr(
                "Part of a change may then be a change of equilibrium, and not what the differences do; offramp solve "
                "--all finds the equilibria."
            )
        case "inputs":
            return tr(
                "Part of what an assumption moves may then be a change of equilibrium, and not what the assumption "
                "does; offramp solve --all finds the equilibria."
            )
        case "axes":
            return tr(
                "Part of what changes over the map may then be a change of equilibrium, and not what the two inputs "
                "do; offramp solve --all finds the equilibria."
            )


def compared_solutions(statuses: Iterable[NDArray[np.int8] | None]) -> ComparedSolutions:
    """What comparing showed of draws with these statuses, indices of `STATUSES`."""
    found = [status for status in statuses if status is not None]

    def count(*names: Status) -> int:
        wanted = [STATUSES.index(name) for name in names]
        return sum(int(np.isin(status, wanted).sum()) for status in found)

    return ComparedSolutions(
        count("principal", "other branch", "bifurcation"), count("other branch"), count("bifurcation")
    )
