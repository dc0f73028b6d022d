"""The parts of a crisis file besides its timeline and levers: sources, actors, inputs, payoffs, endings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.distribution import Distribution
from offramp.crisis.expressions.expression import Expression
from offramp.crisis.faults import Location
from offramp.crisis.steps import Reason

DEFAULT_RATIONALITY = 3


@dataclass(frozen=True)
class Source:
    """A document that the crisis rests on."""

    key: str
    title: str
    author: str | None
    date: str | None
    file: str | None
    url: str | None
    place: Location


@dataclass(frozen=True)
class Cite:
    """A cite; `first_words` are those of the cited passage, or None if the source's text is not available."""

    text: str
    source: str
    first_words: str | None
    place: Location


@dataclass(frozen=True)
class Actor:
    """A player; `rationality` is an expression over inputs (a distribution there becomes an input of its own).

    `says`: what it wants. `choice`: the rule of its choice: logit responses, probit responses, or shocks to each way
    for play to end that it alone knows.
    """

    key: str
    name: str
    memory: Literal["recall", "state"]
    rationality: Expression
    reason: Reason
    place: Location
    says: str | None = None
    choice: Literal["logit", "probit", "private"] = "logit"


def name_of(key: str, name: str | None = None) -> str:
    """The name that readers see: the one that the file gives, or else the key in plain words.

    Examples
    --------
    >>> name_of("joint_answer"), name_of("volley", "a volley")
    ('joint answer', 'a volley')
    """
    return name or key.replace("_", " ").strip()


@dataclass(frozen=True)
class CaseColumn:
    """What an input is in each recorded case: an expression over the columns of the table of cases.

    With a `level`, the expression is a column's name, and the input is 1 if the cell is that level and 0 if not.
    """

    expression: Expression
    level: str | None
    place: Location


@dataclass(frozen=True)
class Input:
    """An uncertain number; `of_actor` names the actor if it is that actor's rationality.

    `column`: its value in recorded cases. `estimate`: whether it is a coefficient that a fit estimates; its
    distribution is then its prior. `of_sum`: the entry with `linear` that the coefficient belongs to.
    """

    key: str
    name: str
    distribution: Distribution
    reason: Reason
    place: Location
    says: str | None = None
    unit: str | None = None
    of_actor: str | None = None
    column: CaseColumn | None = None
    estimate: bool = False
    of_sum: str | None = None

    @property
    def recorded(self) -> bool:
        """Whether recorded cases say what it is, so that it needs no other reason."""
        return self.column is not None or self.estimate


@dataclass(frozen=True)
class Correlation:
    """The correlation of two inputs' normal scores."""

    first: str
    second: str
    rho: float
    place: Location


def correlation_matrix(correlations: Iterable[Correlation], names: Sequence[str]) -> NDArray[np.float64]:
    """The correlation matrix of some inputs' normal scores: (inputs, inputs), ones on the diagonal.

    A correlation with any other input, such as a constant, is left out.
    """
    matrix = np.eye(len(names))
    for pair in correlations:
        if {pair.first, pair.second} <= {*names}:
            i, j = names.index(pair.first), names.index(pair.second)
            matrix[i, j] = matrix[j, i] = pair.rho
    return matrix


@dataclass(frozen=True)
class Term:
    """A payoff term; `each_round` is the position in the timeline of the rounds that pay it, or None if paid once.

    In the game that measures (`Game.measured`), `actor` is empty: a measure is nobody's payoff.
    """

    actor: str
    key: str
    name: str
    says: str | None
    pays: Expression
    each_round: int | None
    reason: Reason
    place: Location

    @property
    def what(self) -> str:
        """The term in messages."""
        return f"payoff term '{self.key}' of {self.actor}" if self.actor else f"measure '{self.key}'"


@dataclass(frozen=True)
class Measure:
    """A quantity of interest, paid to nobody; `each_round` as of a `Term`."""

    key: str
    name: str
    says: str | None
    unit: str | None
    pays: Expression
    each_round: int | None
    reason: Reason
    place: Location


@dataclass(frozen=True)
class Ending:
    """A class of outcomes; `condition` None is `otherwise`; `avoid` if the file says that it is to be avoided."""

    key: str
    name: str
    says: str | None
    condition: Expression | None
    place: Location
    avoid: bool = False
    reason: Reason = field(default_factory=Reason)
