"""The parts of a debrief: judged steps, what was paid, and what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from offramp.crisis.parts import Measure
from offramp.play.match import By
from offramp.study.explanation.motives import Belief


@dataclass(frozen=True)
class Judged:
    """An option open at a move: its probability in the model, and the payoff to come, in the mover's odds."""

    option: str
    probability: float
    value: float


@dataclass(frozen=True)
class DebriefStep:
    """A step of the match, judged afterwards.

    `name`: the mover's, or `chance`; `odds_before`, `odds_after`: of the endings. For a move since the match began:
    `sees`, all that its mover knew, by label; `facts`, those that set the move's situations apart; `beliefs`, about
    steps it had not seen; `options`, in the order of the file; `cost`, the best option's value less the chosen one's;
    `gain`, the chosen option's value less the mean that the model expected; `prefers`, for a costly choice, why the
    best one is better.
    """

    number: int
    step: str
    round: int
    value: str
    actor: str | None
    name: str
    by: By
    probability: float
    odds_before: Mapping[str, float]
    odds_after: Mapping[str, float]
    sees: Mapping[str, str | float] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    beliefs: tuple[Belief, ...] = ()
    options: tuple[Judged, ...] = ()
    cost: float | None = None
    gain: float | None = None
    prefers: str | None = None

    @property
    def swing(self) -> float:
        """How far the step moved the endings' odds: the probability that changed places."""
        return 0.5 * sum(abs(self.odds_after[name] - before) for name, before in self.odds_before.items())

    @property
    def moved(self) -> str:
        """The ending whose odds the step moved most."""
        return max(self.odds_before, key=lambda name: abs(self.odds_after[name] - self.odds_before[name]))

    @property
    def best(self) -> str:
        """The option with the highest value, of a move."""
        return max(self.options, key=lambda judged: judged.value).option

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        fields = {name: value for name, value in vars(self).items() if name not in ("facts", "prefers")}
        fields["beliefs"] = [asdict(belief) for belief in self.beliefs]
        fields["options"] = [asdict(judged) for judged in self.options]
        return fields | {name: dict(getattr(self, name)) for name in ("odds_before", "odds_after", "sees")}


@dataclass(frozen=True)
class TermPaid:
    """What a payoff term paid in the match, and its expected payment at the outset, in the analyst's odds."""

    actor: str
    term: str
    got: float
    expected: float


@dataclass(frozen=True)
class MeasureCame:
    """What a measure came to in the match, and its expected amount at the outset, in the analyst's odds."""

    measure: Measure
    came: float
    expected: float
