"""The principal branch of one draw, point by point: what changes as all actors become more rational together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.gambit.opening import Playable, game_of
from offramp.game.game import Game

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

Array = NDArray[np.float64]

WINDOW = 32
"""So many points are evaluated side by side."""


@dataclass(frozen=True, eq=False)
class Branch:
    """The principal branch; the first axis of every array is the point along it.

    `conditions`: at which numbers, as of a `Solution`. `scale`: (points,), of all rationalities, 1 where they are the
    actors' own; `rationality`: (points, actors); `endings`: (points, endings), probability; `choice`: (points, slots);
    `residual`: (points,), the largest violation of the logit equations; `index`: (points,), +1 until another branch
    crosses. `turns` and `bifurcations` are the points at which it has turned back or been crossed. `reached` says
    whether it could be followed to its end.
    """

    game: Game
    conditions: str
    scale: Array
    rationality: Array
    endings: Array
    choice: Array
    residual: Array
    index: NDArray[np.int64]
    turns: tuple[int, ...]
    bifurcations: tuple[int, ...]
    reached: bool

    def to_dict(self) -> dict[str, Any]:
        """The branch as plain values, the form of `offramp trace --json`.

        A point's `choice` holds the odds of every option of every one of the `moves`, in their order.
        """
        names = self._ending_names()
        return {
            "conditions": self.conditions,
            "reached": self.reached,
            "turns": list(self.turns),
            "bifurcations": list(self.bifurcations),
            "moves": [
                {
                    "move": situation.move,
                    "actor": situation.actor,
                    "sees": dict(situation.sees),
                    "options": list(situation.options),
                }
                for situation in self.game.situations
            ],
            "points": [
                {
                    "scale": float(self.scale[point]),
                    "rationality": dict(zip(self.game.actors, map(float, self.rationality[point]), strict=True)),
                    "endings": dict(zip(names, map(float, self.endings[point]), strict=True)),
                    "index": int(self.index[point]),
                    "residual": float(self.residual[point]),
                    "choice": list(map(float, self.choice[point])),
                }
                for point in range(len(self.scale))
            ],
        }

    def to_pandas(self) -> pd.DataFrame:
        """One row a point: `scale`, rationalities, endings, `index`, `residual`."""
        import pandas as pd

        columns: dict[str, NDArray[Any]] = {"scale": self.scale}
        columns |= {f"rationality.{actor}": self.rationality[:, n] for n, actor in enumerate(self.game.actors)}
        columns |= {f"ending.{name}": self.endings[:, n] for n, name in enumerate(self._ending_names())}
        return pd.DataFrame(columns | {"index": self.index, "residual": self.residual})

    def to_xarray(self) -> xr.Dataset:
        """Rationalities, endings and option probabilities along the branch, with their labels."""
        import xarray as xr

        return xr.Dataset(
            {
                "scale": ("point", self.scale),
                "rationality": (("point", "actor"), self.rationality),
                "endings": (("point", "ending"), self.endings),
                "choice": (("point", "option"), self.choice),
                "index": ("point", self.index),
                "residual": ("point", self.residual),
            },
            coords={
                "actor": list(self.game.actors),
                "ending": self._ending_names(),
                "option": [
                    f"{situation.move}.{option}" for situation in self.game.situations for option in situation.options
                ],
            },
        )

    def _ending_names(self) -> list[str]:
        return [ending.name for ending in self.game.crisis.endings]


def trace(
    game: Playable,
    *,
    to: float | None = None,
    rationality: float | None = None,
    given: Mapping[str, float] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Branch:
    """Follow the principal branch from rationality 0, all actors' rationalities growing together.

    Parameters
    ----------
    game
        A crisis, compiled or not, a game of Gambit, or a run.
    to
        How far: the rationality that the most rational actor reaches; by default its own.
    rationality
        One rationality for all actors, in place of their own.
    given
        Values for inputs, in place of their medians.
    progress
        Called at every point with the part of the way that it has come in rationality, from 0 to 1.

    Returns
    -------
    The branch, at every point at which it was computed; `reached` is False where it could not be followed so far.

    Raises
    ------
    UsageError
        An unknown input; a `to` that is not above 0; actors that all have rationality 0.
    CrisisError
        Odds or payments that the values make impossible.

    Examples
    --------
    A matching game with an advantage: the advantage pays off the more, the more rational both are.

    >>> from offramp.gambit.nfg import read_nfg
    >>> from offramp.gambit.opening import compile_game
    >>> text = 'NFG 1 R "Meeting" { "Ann" "Bob" } { 2 2 }  2 1  0 0  0 0  1 2'
    >>> branch = trace(compile_game(read_nfg(text, "meeting.nfg")), to=1)
    >>> round(float(branch.scale[0]), 3), round(float(branch.rationality[-1, 0]), 3)
    (0.0, 1.0)
    """
    game = game_of(game)
    from offramp.equilibrium.branch.continuation import follow, polished, tracer_of
    from offramp.equilibrium.branch.index import index_of
    from offramp.equilibrium.branch.principal import crossings, turns
    from offramp.equilibrium.evaluation import draw_of
    from offramp.equilibrium.logit import judged
    from offramp.equilibrium.structure import log_probabilities
    from offramp.equilibrium.sweeps import scaled

    if to is not None and not (np.isfinite(to) and to > 0):
        raise UsageError(f"a branch is followed to a rationality above 0, found {to:g}")
    block = draw_of(game, rationality, given)
    most = float(block.tables.rationality.max(initial=0.0))
    if not most > 0.0:
        raise UsageError("every actor's rationality is 0: there is nothing to follow; give one with --rationality")
    target = 1.0 if to is None else to / most
    tracer = tracer_of(block.structure, block.draw(0))
    places = []
    for place in follow(tracer, target):
        places.append(place)
        if progress:
            progress(float(place.at[-1] / (target * tracer.unit)))
    scale = np.array([place.at[-1] / tracer.unit for place in places])
    reached = bool(places[-1].at[-1] == target * tracer.unit)
    if reached:
        scale[-1] = target
    logit = np.array([polished(tracer, place.at)[:-1] for place in places]).T
    index = np.array([index_of(tracer, place) for place in places])
    choice = np.exp(log_probabilities(block.structure, logit))
    forks = crossings(tracer, places)
    endings, residual = [], []
    for first in range(0, len(places), WINDOW):
        here = slice(first, first + WINDOW)
        count = len(places[here])
        nothing = np.zeros(count, dtype=np.int64)
        solved = judged(scaled(block, scale[here]), choice[:, here], logit[:, here], nothing, nothing.astype(np.int8))
        endings.append(solved.endings)
        residual.append(solved.residual)
    return Branch(
        game=game,
        conditions=str(block.tables.labels[0]),
        scale=scale,
        rationality=scale[:, None] * block.tables.rationality[:, 0],
        endings=np.concatenate(endings, axis=1).T,
        choice=choice.T,
        residual=np.concatenate(residual),
        index=index,
        turns=tuple(turns(places, forks)),
        bifurcations=tuple(forks),
        reached=reached,
    )
