"""What a command that solves once is asked, as one object in place of an argument for each option."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from offramp.cli.frame import LEVERS, MAX_NODES, RATIONALITY, SETTINGS
from offramp.cli.moment_options import at_moment, moment_options
from offramp.cli.opened_crisis import opened_crisis, with_levers
from offramp.cli.settings import given_values

if TYPE_CHECKING:
    from offramp.crisis.model import Crisis
    from offramp.gambit.tree import Tree
    from offramp.game.game import Game

Command = Callable[..., Any]


@dataclass(frozen=True)
class OneSolve:
    """A file or a run, and what is set, pulled and supposed; `rationality`: one for all actors, or None."""

    file: Path | str
    rationality: float | None
    settings: tuple[str, ...]
    levers: tuple[str, ...]
    now: bool
    supposed: tuple[str, ...]
    max_nodes: int | None

    @property
    def path(self) -> Path:
        """The file, for a command that takes no run."""
        return Path(self.file)

    @property
    def plain(self) -> bool:
        """Whether nothing is set, pulled or supposed."""
        return self.rationality is None and not (self.settings or self.levers or self.now or self.supposed)

    def of(self, crisis: Crisis | Tree) -> Crisis | Tree:
        """The crisis at its moment, with levers pulled."""
        return with_levers(at_moment(crisis, self.now, self.supposed), self.levers)

    def game(self) -> Game:
        """The game of the crisis."""
        from offramp.gambit.opening import compile_game

        return compile_game(self.of(opened_crisis(self.file)), self.max_nodes)

    def given(self, crisis: Crisis) -> dict[str, float]:
        """The values that inputs are set to."""
        return given_values(self.settings, crisis)


def one_solve_options(command: Command) -> Command:
    """Add the options of `OneSolve`, which the command takes as its first argument."""

    @RATIONALITY
    @SETTINGS
    @LEVERS
    @moment_options
    @MAX_NODES
    @wraps(command)
    def call(
        file: Path | str,
        rationality: float | None,
        settings: tuple[str, ...],
        levers: tuple[str, ...],
        now: bool,
        supposed: tuple[str, ...],
        max_nodes: int | None,
        **others: Any,
    ) -> Any:
        return command(OneSolve(file, rationality, settings, levers, now, supposed, max_nodes), **others)

    return call
