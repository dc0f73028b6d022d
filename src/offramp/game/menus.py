"""The options of a move at its information sets, as the levers in force leave them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from offramp.common.words import listed
from offramp.crisis.faults import CrisisError, Fault
from offramp.crisis.model import Crisis
from offramp.crisis.steps import Chance, Move, State


def under(levers: Sequence[str]) -> str:
    """The pulled levers in a message, after a space; empty without levers."""
    return f" under {listed(levers)}" if levers else ""


@dataclass(eq=False)
class Menus:
    """The menus of a crisis, and which commitments have had an information set at which they bind."""

    crisis: Crisis
    bound: dict[tuple[str, str], bool] = field(default_factory=dict)
    """By move and option to which it is committed."""

    def restrict(self, move: Move, number: int, available: NDArray[np.bool_]) -> None:
        """Take away the options that levers take away in a round: `available`, (information sets, options), in place.

        Raises
        ------
        CrisisError
            If levers contradict each other: two commit the move to different options, or one forbids what another
            commits to.
        """
        menu = self.crisis.menus[move.key, number]
        if len(menu.committed) > 1:
            several = listed(option for option in move.options if option in menu.committed)
            self.fail(move, f"'{move.key}' is committed to different options, {several}")
        for option in menu.committed & menu.forbidden:
            self.fail(move, f"'{move.key}' is committed to {option}, which is forbidden")
        available[:, [move.options.index(option) for option in menu.gone]] = False
        for option in menu.committed:
            place = move.options.index(option)
            binding = available[:, place].copy()
            available[binding] = False
            available[binding, place] = True
            self.bound[move.key, option] = self.bound.get((move.key, option), False) or bool(binding.any())

    def check_commitments(self) -> None:
        """Raise CrisisError if a move is committed to an option that is available nowhere."""
        for (move, option), bound in self.bound.items():
            if not bound:
                message = f"'{move}' is committed to {option}, which is available in no situation"
                self.fail(self.crisis.named[move], message)

    def fail(self, step: Chance | Move | State, message: str) -> None:
        raise CrisisError(self.crisis.path, [Fault(step.place, message + under(self.crisis.pulled))])
