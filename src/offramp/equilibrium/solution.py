"""One solved draw with its certificate, and its display and conversions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from offramp.common.numerals import percent, quantity
from offramp.common.printable import printable
from offramp.crisis.names import names_of
from offramp.game.game import Game, Situation, described_sees

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from offramp.equilibrium.as_of_now import SoFar
    from offramp.equilibrium.branch.traced import Ended, Status


@dataclass(frozen=True)
class MoveOdds:
    """An information set, the probability of reaching it in the analyst's odds, and its options' probabilities."""

    situation: Situation
    reached: float
    options: Mapping[str, float]


@dataclass(frozen=True)
class Certificate:
    """The certificate of a profile, from a separate evaluation.

    `residual`: the largest distance of a choice probability from its logit response; it has to be at most `tolerance`.
    `rounding`: how far rounding can have moved a choice probability, 0 if less than 1e-9; if it is more than 1e-6 the
    distance is unknown and the residual is infinite.
    `regret_once`: each actor's highest gain from another choice at one information set, given that play is there;
    `regret`: from any other strategy, None for an actor without perfect recall. Both are expected payoffs in the
    actor's own odds; they would be 0 only with unlimited rationality.
    """

    residual: float
    tolerance: float
    rounding: float
    regret_once: Mapping[str, float]
    regret: Mapping[str, float | None]


@dataclass(frozen=True, repr=False, eq=False)
class Solution:
    """A logit equilibrium of one draw or, if not `converged`, the last profile.

    `conditions`: the draw in words, without the pulled levers.

    `payoffs`: expected in the analyst's odds, by actor and term, and `measures`; `own_eyes`: the whole expected payoff
    in the actor's own odds, for actors that have them. `choice`: (slots,), the profile in the order of
    `game.situations`; `beliefs`: (nodes,), each decision node's probability within its information set in its mover's
    odds, in the limit if play does not reach the set. `rationality`: the rationality that was requested and solved for.

    `status`: `principal`, on the branch of equilibria that starts at rationality 0; `bifurcation`, on it, but another
    branch has crossed; `not traced`, any equilibrium; `other branch`, not on the principal branch; `unconverged`, no
    equilibrium. `ended`: how the search ended. `turns` and `bifurcations`: the scales of all rationalities (1 is the
    requested ones) where the branch turned back or was crossed. `sides`: at a bifurcation, the solutions found on the
    other branches that leave the crossing; this solution is on the branch straight ahead, if that was found, and is no
    more likely than they are.

    As of now, probabilities are given the facts, `payoffs` and `own_eyes` are those still to come, and the certificate
    and the branch are those of the moves ahead.
    """

    game: Game
    conditions: str
    endings: Mapping[str, float]
    payoffs: Mapping[str, Mapping[str, float]]
    measures: Mapping[str, float]
    own_eyes: Mapping[str, float]
    rationality: Mapping[str, float]
    choice: NDArray[np.float64]
    option_values: NDArray[np.float64]
    reached: NDArray[np.float64]
    beliefs: NDArray[np.float64]
    certificate: Certificate
    status: Status
    ended: Ended
    turns: tuple[float, ...]
    bifurcations: tuple[float, ...]
    sides: tuple[Solution, ...]
    sweeps: int
    so_far: SoFar | None = None
    """What was played up to now; None if the crisis is taken from its outset."""

    @property
    def converged(self) -> bool:
        return self.certificate.residual <= self.certificate.tolerance

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

    @property
    def likelihood(self) -> float:
        """The probability of the facts up to now, in the analyst's odds; 1 if the crisis is taken from its outset."""
        return 1.0 if self.so_far is None else float(self.so_far.past.weight[0])

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
            "conditions": self.conditions,
            "endings": dict(self.endings),
            "payoffs": payoffs,
            **({"measures": dict(self.measures)} if self.measures else {}),
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
            **({"choice_rules": rules} if (rules := self.game.crisis.choice_rules) else {}),
            "status": self.status,
            "ended": self.ended,
            "turns": list(self.turns),
            "bifurcations": list(self.bifurcations),
            "sides": [side.to_dict() for side in self.sides],
            "certificate": {
                name: None if isinstance(value, float) and not isfinite(value) else value
                for name, value in asdict(self.certificate).items()
            },
            "sweeps": self.sweeps,
            "converged": self.converged,
            "size": self.game.size.to_dict(),
            **({} if self.so_far is None else {"likelihood": self.likelihood}),
        }

    def to_pandas(self) -> pd.DataFrame:
        """One row per option of an information set: move, actor, sees, reached, option, probability, value."""
        import pandas as pd

        rows = []
        for move in self.moves:
            values = self.option_values[move.situation.slots]
            for (option, probability), value in zip(move.options.items(), values, strict=True):
                at = {
                    "move": move.situation.move,
                    "actor": move.situation.actor,
                    "sees": described_sees(move.situation),
                }
                rows.append(
                    {**at, "reached": move.reached, "option": option, "probability": probability, "value": value}
                )
        return pd.DataFrame(rows, columns=["move", "actor", "sees", "reached", "option", "probability", "value"])

    def to_xarray(self) -> xr.Dataset:
        """Endings, payoff terms and measures, if there are any, with their labels."""
        import xarray as xr

        terms = {f"{actor}.{term}": value for actor, parts in self.payoffs.items() for term, value in parts.items()}
        measures = {"measures": ("measure", list(self.measures.values()))} if self.measures else {}
        return xr.Dataset(
            {
                "endings": ("ending", list(self.endings.values())),
                "payoffs": ("term", list(terms.values())),
                **measures,
                "rationality": ("actor", list(self.rationality.values())),
            },
            coords={
                "ending": list(self.endings),
                "term": list(terms),
                **({"measure": list(self.measures)} if self.measures else {}),
                "actor": list(self.rationality),
            },
            attrs={"residual": self.certificate.residual, "status": self.status, "sweeps": self.sweeps},
        )

    def __repr__(self) -> str:
        return self.as_text("one solve")

    def as_text(self, what: str, *further: str) -> str:
        """The solution as it prints itself; `what` it is in the first line, and `further` lines at its end."""
        lines = [f"{self.game.crisis.title}: {what} {self.conditions}"]
        rows = self._by_name()
        width = max((len(name) for name, _ in rows), default=0)
        lines += [f"  {name:<{width}}  {shown:>7}" for name, shown in rows]
        status = f"converged, {self.status}" if self.converged else "NOT CONVERGED"
        lines.append(f"  {status}: residual {self.certificate.residual:.1e} after {self.sweeps} sweeps")
        return printable("\n".join([*lines, *(f"  {line}" for line in further)]))

    def _repr_html_(self) -> str:
        from html import escape

        rows = "".join(
            f'<tr><td style="text-align: left">{escape(name)}</td><td>{escape(shown)}</td></tr>'
            for name, shown in self._by_name()
        )
        state = f"converged, {self.status}" if self.converged else "<strong>not converged</strong>"
        return printable(
            f"<table><caption>{escape(self.game.crisis.title)}: one solve {escape(self.conditions)}, {state}</caption>"
            f"<tr><th>ending</th><th>probability</th></tr>{rows}</table>"
        )

    def _by_name(self) -> list[tuple[str, str]]:
        """The names of the endings with their probabilities, and of the measures with their expected amounts."""
        names, units = names_of(self.game.crisis), {one.key: one.unit for one in self.game.crisis.measures}
        endings = [(names.endings[key], percent(probability)) for key, probability in self.endings.items()]
        return endings + [
            (names.measures[key], f"{quantity(expected):>7} {units[key] or ''}".rstrip())
            for key, expected in self.measures.items()
        ]
