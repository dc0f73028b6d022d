"""A panel of experts: what each was asked, and the percentiles that each gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from offramp.crisis.faults import Location

USUAL = (0.05, 0.5, 0.95)
"""The probabilities of the percentiles that experts are asked for, unless the file says otherwise."""


@dataclass(frozen=True)
class PanelQuestion:
    """A quantity that experts were asked for; of a seed question the true value, `truth`, is known.

    `answers`: by expert, a value for each of the panel's probabilities, increasing. `low` and `high`: natural bounds.
    `log`: the background is uniform in the logarithm. `input`: the input of a crisis that it is about.
    """

    key: str
    asks: str
    answers: Mapping[str, tuple[float, ...]]
    place: Location
    unit: str | None = None
    low: float | None = None
    high: float | None = None
    log: bool = False
    truth: float | None = None
    input: str | None = None


@dataclass(frozen=True)
class Panel:
    """Experts under pseudonyms, the questions about the crisis, and the seed questions.

    `text` is the file's; `probabilities` are those of the percentiles in every answer.
    """

    path: str
    text: str
    title: str
    probabilities: tuple[float, ...]
    experts: tuple[str, ...]
    questions: Mapping[str, PanelQuestion]
    seeds: Mapping[str, PanelQuestion]


def percentile_names(probabilities: tuple[float, ...]) -> tuple[str, ...]:
    """The names of percentiles, as columns have them.

    Examples
    --------
    >>> percentile_names((0.05, 0.5, 0.975))
    ('p5', 'p50', 'p97.5')
    """
    return tuple(f"p{100.0 * probability:.10g}" for probability in probabilities)
