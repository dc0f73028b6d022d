"""The principal branch of one draw, point by point, as all actors' rationalities grow together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import UsageError
from offramp.common.numerals import percent, quantity
from offramp.common.printable import printable
from offramp.crisis.names import names_of
from offramp.gambit.opening import Playable, check_from_outset, compile_game
from offramp.game.game import Game

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

Array = NDArray[np.float64]

WINDOW = 32
"""Number of points evaluated together."""


@dataclass(frozen=True, eq=False, repr=False)
class Branch:
    """The principal branch; the first axis of every array is the point along it.

    `conditions`: the draw in words, as in a `Solution`. `scale`: (points,), of all rationalities, 1 for the actors'
    own; `rationality`: (points, actors); `endings`: (points, endings), probabilities; `choice`: (points, slots);
    `residual`: (points,), the largest violation of the logit equations; `index`: (points,), +1 until another branch
    crosses. `turns` and `bifurcations`: the points at which the branch turns back or is crossed. `reached`: whether
    the branch could be followed to its end.
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

        A point's `choice` lists the probabilities of all options of all `moves`, in their order.
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
            **({"choice_rules": rules} if (rules := self.game.crisis.choice_rules) else {}),
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

    def __repr__(self) -> str:
        names = names_of(self.game.crisis).endings
        shown = {names[key]: self.endings[[0, -1], place] for place, key in enumerate(self._ending_names())}
        width = max(map(len, [*shown, "rationality"]))
        last = quantity(float(self.rationality[-1].max()))
        lines = [f"{self.game.crisis.title}: the principal branch {self.conditions}"]
        lines.append(f"  {'rationality':<{width}}  {'0':>7} {last:>7}")
        lines += [f"  {name:<{width}}  {percent(first):>7} {percent(end):>7}" for name, (first, end) in shown.items()]
        turns = f"turns {len(self.turns)}, crossings {len(self.bifurcations)}"
        end = "" if self.reached else "; it could be followed no farther"
        lines.append(f"  {len(self.scale)} points, {turns}: residual {self.residual.max():.1e}{end}")
        return printable("\n".join(lines))

    def _ending_names(self) -> list[str]:
        return [ending.key for ending in self.game.crisis.endings]


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
        Upper end of the trace: the rationality that the most rational actor reaches; by default its own.
    rationality
        One rationality for all actors, in point of their own.
    given
        Values for inputs, in point of their medians.
    progress
        Called at every point with the fraction of the way in rationality, from 0 to 1.

    Returns
    -------
    The branch at all computed points; `reached` is False if it could not be followed to the end.

    Raises
    ------
    UsageError
        If an input is unknown, `to` is not above 0, or all actors have rationality 0.
    CrisisError
        If the values make odds or payments impossible.

    Examples
    --------
    A matching game in which each player prefers another meeting point:

    >>> from offramp.gambit.nfg import read_nfg
    >>> from offramp.gambit.opening import compile_game
    >>> text = 'NFG 1 R "Meeting" { "Ann" "Bob" } { 2 2 }  2 1  0 0  0 0  1 2'
    >>> branch = trace(compile_game(read_nfg(text, "meeting.nfg")), to=1)
    >>> round(float(branch.scale[0]), 3), round(float(branch.rationality[-1, 0]), 3)
    (0.0, 1.0)
    """
    game = compile_game(game)
    check_from_outset(game, "trace")
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
        raise UsageError("every actor's rationality is 0: there is nothing to follow; give a rationality")
    target = 1.0 if to is None else to / most
    tracer = tracer_of(block.structure, block.draw(0))
    points = []
    for point in follow(tracer, target):
        points.append(point)
        if progress:
            progress(float(point.at[-1] / (target * tracer.unit)))
    scale = np.array([point.at[-1] / tracer.unit for point in points])
    reached = bool(points[-1].at[-1] == target * tracer.unit)
    if reached:
        scale[-1] = target
    logit = np.array([polished(tracer, point.at)[:-1] for point in points]).T
    index = np.array([index_of(tracer, point) for point in points])
    choice = np.exp(log_probabilities(block.structure, logit))
    forks = crossings(tracer, points)
    endings, residual = [], []
    for first in range(0, len(points), WINDOW):
        window = slice(first, first + WINDOW)
        zeros = np.zeros(len(points[window]), dtype=np.int64)
        profiles = choice[:, window], logit[:, window]
        solved = judged(scaled(block, scale[window]), *profiles, zeros, zeros.astype(np.int8))
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
        turns=tuple(turns(points, forks)),
        bifurcations=tuple(forks),
        reached=reached,
    )
