"""One solved draw, and how it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.faults import UsageError
from offramp.crisis.inputs import medians, settled
from offramp.game.layers import Game, Situation

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


@dataclass(frozen=True)
class MoveOdds:
    """An information set with what its actor does there: `reached` in the analyst's odds, `options` by name."""

    situation: Situation
    reached: float
    options: Mapping[str, float]


@dataclass(frozen=True, repr=False, eq=False)
class Solution:
    """A logit equilibrium of one draw.

    `payoffs` are expected in the analyst's odds, by actor and term; `own_eyes` holds, for actors with odds
    of their own, the whole payoff in those. `choice`: (slots,), the profile in the order of
    `game.situations`. `residual` is the largest distance of a choice probability from its logit response,
    from a separate evaluation; `converged` says whether it is within tolerance.
    """

    game: Game
    endings: Mapping[str, float]
    payoffs: Mapping[str, Mapping[str, float]]
    own_eyes: Mapping[str, float]
    rationality: Mapping[str, float]
    choice: NDArray[np.float64]
    option_values: NDArray[np.float64]
    reached: NDArray[np.float64]
    residual: float
    sweeps: int
    converged: bool

    @cached_property
    def moves(self) -> tuple[MoveOdds, ...]:
        """Every information set, in the order of the timeline."""
        return tuple(
            MoveOdds(
                situation,
                float(reached),
                dict(zip(situation.options, map(float, self.choice[situation.slots]), strict=True)),
            )
            for situation, reached in zip(self.game.situations, self.reached, strict=True)
        )

    def total(self, actor: str) -> float:
        """An actor's expected payoff in the analyst's odds."""
        return sum(self.payoffs[actor].values())

    def to_dict(self) -> dict[str, Any]:
        """The solution as plain values, the form of `offramp solve --json`."""
        payoffs: dict[str, dict[str, Any]] = {}
        for actor, terms in self.payoffs.items():
            payoffs[actor] = {"total": self.total(actor), "terms": dict(terms)}
            if actor in self.own_eyes:
                payoffs[actor]["in_own_eyes"] = self.own_eyes[actor]
        return {
            "endings": dict(self.endings),
            "payoffs": payoffs,
            "moves": [
                {
                    "move": move.situation.move,
                    "actor": move.situation.actor,
                    "sees": dict(move.situation.sees),
                    "reached": move.reached,
                    "options": dict(move.options),
                }
                for move in self.moves
            ],
            "rationality": dict(self.rationality),
            "residual": self.residual,
            "sweeps": self.sweeps,
            "converged": self.converged,
            "size": self.game.size.to_dict(),
        }

    def to_pandas(self) -> pd.DataFrame:
        """One row an option of an information set: move, actor, sees, reached, option, probability, value."""
        import pandas as pd

        rows = []
        for move in self.moves:
            values = self.option_values[move.situation.slots]
            for (option, probability), value in zip(move.options.items(), values, strict=True):
                where = {
                    "move": move.situation.move,
                    "actor": move.situation.actor,
                    "sees": described_sees(move.situation),
                }
                rows.append(
                    {**where, "reached": move.reached, "option": option, "probability": probability, "value": value}
                )
        return pd.DataFrame(rows, columns=["move", "actor", "sees", "reached", "option", "probability", "value"])

    def to_xarray(self) -> xr.Dataset:
        """Endings and payoff terms with their labels."""
        import xarray as xr

        terms = {f"{actor}.{term}": value for actor, parts in self.payoffs.items() for term, value in parts.items()}
        return xr.Dataset(
            {
                "endings": ("ending", list(self.endings.values())),
                "payoffs": ("term", list(terms.values())),
                "rationality": ("actor", list(self.rationality.values())),
            },
            coords={"ending": list(self.endings), "term": list(terms), "actor": list(self.rationality)},
            attrs={"residual": self.residual, "converged": int(self.converged), "sweeps": self.sweeps},
        )

    def __repr__(self) -> str:
        lines = [f"{self.game.crisis.title}: one solve"]
        width = max(map(len, self.endings), default=0)
        lines += [f"  {name:<{width}}  {probability:7.1%}" for name, probability in self.endings.items()]
        state = "converged" if self.converged else "NOT CONVERGED"
        lines.append(f"  {state}: residual {self.residual:.1e} after {self.sweeps} sweeps")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from html import escape

        rows = "".join(f"<tr><td>{escape(name)}</td><td>{p:.1%}</td></tr>" for name, p in self.endings.items())
        state = "converged" if self.converged else "<strong>not converged</strong>"
        return (
            f"<table><caption>{escape(self.game.crisis.title)}: one solve, {state}</caption>"
            f"<tr><th>ending</th><th>probability</th></tr>{rows}</table>"
        )


def described_sees(situation: Situation) -> str:
    """What an information set knows, in words: `round 2, channel = give_notice`."""
    parts = []
    for label, value in situation.sees.items():
        if label == "round":
            parts.append(f"round {value:g}")
        else:
            parts.append(f"{label} = {value if isinstance(value, str) else format(value, 'g')}")
    return ", ".join(parts)


def solve(game: Game, *, rationality: float | None = None, given: Mapping[str, float] | None = None) -> Solution:
    """Solve a game once, at the medians of its inputs.

    Parameters
    ----------
    game
        A compiled crisis.
    rationality
        One rationality for all actors, in place of their own.
    given
        Values for inputs, in place of their medians; the levers that the crisis has pulled apply after.

    Returns
    -------
    The solution, whether or not it has converged: look at `converged`.

    Raises
    ------
    UsageError
        An unknown input, or a rationality that is negative or no finite number.
    CrisisError
        Odds or payments that the values make impossible.

    Examples
    --------
    >>> from offramp.crisis.reading import read_text
    >>> text = b'''
    ... format: 1
    ... title: One choice
    ... actors: {north: {name: North, rationality: 2}}
    ... timeline: [{move: answer, by: north, options: [hold, strike]}]
    ... payoffs: {north: {gain: answer == hold}}
    ... endings: {quiet: answer == hold, war: otherwise}
    ... '''
    >>> round(solve(read_text(text, "one.yaml").compile()).endings["quiet"], 6)
    0.880797
    """
    from offramp.game.tables import Draws, tabulate
    from offramp.solve.evaluation import endings_of, payoffs_of
    from offramp.solve.logit import solve_block
    from offramp.solve.structure import structure_of

    if rationality is not None and not (np.isfinite(rationality) and rationality >= 0):
        raise UsageError(f"rationality must be a number from 0 up, found {rationality}")
    crisis = game.crisis
    values = settled(crisis, medians(crisis), given)
    block = solve_block(game, structure_of(game), tabulate(game, Draws(values, ["at the medians"]), rationality))
    own_eyes = {actor: float(block.own_eyes[game.actors.index(actor), 0]) for actor in game.believers}
    return Solution(
        game=game,
        endings=endings_of(game, block, 0),
        payoffs=payoffs_of(game, block, 0),
        own_eyes=own_eyes,
        rationality={actor: float(block.rationality[index, 0]) for index, actor in enumerate(game.actors)},
        choice=block.choice[:, 0],
        option_values=block.option_value[:, 0],
        reached=block.reached[:, 0],
        residual=float(block.residual[0]),
        sweeps=int(block.sweeps[0]),
        converged=bool(block.converged[0]),
    )
