"""The boards of many plays of one crisis: each play has its own draw of the inputs and its own seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from offramp.game.game import Game
from offramp.play.board import Board, board_of, set_up
from offramp.runs.sampling import CHUNK, sample_chunk
from offramp.study.histories.plays import solved

MOST_PLAYS = 100_000
"""Maximum number of plays of one study."""


@dataclass(frozen=True, eq=False)
class OwnDraws:
    """What all plays share. Play `number` has draw `number` of a run with the same seed.

    `given`, `rationality`: values for inputs in all draws, and one rationality for all actors, or None. As of now all
    plays have one draw, at the inputs' medians, because a run's draws then do not count alike.
    """

    game: Game
    seed: int
    given: Mapping[str, float]
    rationality: float | None = None
    _chunks: dict[int, dict[str, NDArray[np.float64]]] = field(default_factory=dict)

    @property
    def is_one(self) -> bool:
        """Whether all plays have the same draw."""
        return self.game.as_of_now or not set(self.game.crisis.effective_inputs) - set(self.given)

    def board(self, number: int) -> Board | None:
        """The board of a play; None if its draw's solve does not converge. Raises as `offramp.set_up`."""
        if self.is_one:
            return self._the_one
        block, solution = solved(self.game, self.rationality, given := self._inputs(number) | dict(self.given))
        return board_of(block, solution, given=given, rationality=self.rationality) if solution.converged else None

    def luck(self, number: int) -> int:
        """The seed of a play's match: it differs from play to play, and says nothing of the seed of the draws."""
        return int(np.random.SeedSequence([self.seed, number]).generate_state(1, np.uint64)[0])

    @cached_property
    def _the_one(self) -> Board:
        return set_up(self.game, given=self.given, rationality=self.rationality)

    def _inputs(self, number: int) -> dict[str, float]:
        """The inputs of a draw before levers set any."""
        chunk, place = divmod(number, CHUNK)
        if chunk not in self._chunks:
            self._chunks.clear()
            self._chunks[chunk] = sample_chunk(replace(self.game.crisis, pulled=()), self.seed, chunk)
        return {name: float(values[place]) for name, values in self._chunks[chunk].items()}
