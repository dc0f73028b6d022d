"""One version of a crisis, scored on the observed events and on the ending that came about."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from offramp.common.texts import tr
from offramp.common.words import listed
from offramp.crisis.expressions.expression import SKIPPED
from offramp.crisis.model import Crisis
from offramp.crisis.names import Names, names_of
from offramp.runs.evidence import Evidence, ObservedEvent
from offramp.runs.execution import Execution
from offramp.runs.run import run
from offramp.runs.weighted import Interval
from offramp.study.updating.update import SURE, update
from offramp.study.updating.update_finding import Update, observed_in

TUNED, FIRST_VERSION = "as tuned", "first version"
VERSIONS = {TUNED: tr("as tuned"), FIRST_VERSION: tr("first version")}
"""What readers call the versions."""
ENOUGH = 25.0
"""Fewest effective draws for a score: the log score of an event then has a standard error of about 0.2."""


@dataclass(frozen=True)
class OptionForecast:
    """The probability that a step takes an option, given the events before, and whether it did."""

    step: str
    option: str
    probability: float
    happened: bool


@dataclass(frozen=True)
class ScoredEvent:
    """An observed event: how likely the model held it given the events before, and play at random.

    `endings`: how likely each ending is after it. `forecasts`: of every option of the steps that it is about.
    """

    event: ObservedEvent
    label: str
    observed: str
    probability: float
    at_random: float
    endings: Mapping[str, float]
    forecasts: tuple[OptionForecast, ...]

    @property
    def log(self) -> float:
        """Its log score: minus the natural logarithm of its probability."""
        return log_score(self.probability)

    @property
    def log_at_random(self) -> float:
        """The log score of play at random."""
        return log_score(self.at_random)


@dataclass(frozen=True)
class VersionScore:
    """A version of a crisis with its endings before any event, over the draws, and the events in their order.

    `names`: of what is shown, not of all parts.
    `times`: how many times as likely as under play at random the model held all the events together.
    """

    version: str
    names: Names
    draws: int
    converged: int
    before: Mapping[str, Interval]
    events: tuple[ScoredEvent, ...]
    times: float

    @property
    def log_an_event(self) -> float:
        """The mean log score of the events; NaN if there are none."""
        return math.fsum(event.log for event in self.events) / len(self.events) if self.events else math.nan

    @property
    def log_at_random_an_event(self) -> float:
        """The mean log score of play at random on the events; NaN if there are none."""
        return math.fsum(event.log_at_random for event in self.events) / len(self.events) if self.events else math.nan

    def odds(self, ending: str) -> tuple[float, ...]:
        """How likely an ending is before any event and after each."""
        return (self.before[ending].mean, *(event.endings[ending] for event in self.events))

    def standings(self) -> tuple[Mapping[str, float], ...]:
        """How likely every ending is before any event and after each."""
        return ({key: one.mean for key, one in self.before.items()}, *(event.endings for event in self.events))


def log_score(probability: float) -> float:
    """Minus the natural logarithm of the probability of what happened; 0 is best, infinite if it was held impossible.

    Examples
    --------
    >>> log_score(1.0), round(log_score(0.5), 3), log_score(0.0)
    (0.0, 0.693, inf)
    """
    return 0.0 - math.log(min(probability, 1.0)) if probability > 0.0 else math.inf


def brier_score(odds: Mapping[str, float], ending: str) -> float:
    """Half of the sum over endings of the squared distance from what came about, 0 to 1 (Brier 1950, equation 2).

    Examples
    --------
    >>> brier_score({"war": 0.75, "deal": 0.25}, "deal")
    0.5625
    """
    return math.fsum((share - (key == ending)) ** 2 for key, share in odds.items()) / 2.0


def score_version(
    crisis: Crisis,
    version: str,
    *,
    draws: int,
    seed: int,
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
) -> VersionScore:
    """Solve a crisis over draws, and score it on its observed events as `offramp.update` computes their odds.

    Raises
    ------
    UsageError
        As `offramp.update`: if the model holds an event impossible, or too few effective draws are left.
    """
    solved = run(crisis, draws=draws, seed=seed, execution=Execution(executor, progress=progress))
    found = update(solved, least=ENOUGH)
    return VersionScore(
        version=version,
        names=_names_shown(crisis),
        draws=found.draws,
        converged=found.converged,
        before=found.before,
        events=() if solved.evidence is None else _events(found, solved.evidence, solved.converged),
        times=found.stages[-1].times_together,
    )


def _names_shown(crisis: Crisis) -> Names:
    """The names of what a score shows: of the endings, and of the steps observed and their options."""
    names, observed = names_of(crisis), {step for entry in crisis.observed for step in entry.values}
    return Names(
        actors={}, inputs={}, terms={}, levers={}, measures={}, cites={}, pulled=(),
        steps={step: name for step, name in names.steps.items() if step in observed},
        moves=names.moves & observed,
        options={at: name for at, name in names.options.items() if at[0] in observed},
        endings=names.endings,
    )  # fmt: skip


def _events(found: Update, evidence: Evidence, kept: np.ndarray) -> tuple[ScoredEvent, ...]:
    """The events that say something, in their order."""
    events = []
    for number, (label, stage) in enumerate(zip(found.labels[1:], found.stages[1:], strict=True)):
        if stage.event is not None and stage.event.values:
            events.append(
                ScoredEvent(
                    event=stage.event,
                    label=label,
                    observed=observed_in(stage.event, found.names),
                    probability=min(stage.probability, 1.0),
                    at_random=min(stage.at_random, 1.0),
                    endings={key: interval.mean for key, interval in stage.endings.items()},
                    forecasts=_forecasts(stage.event, number, found.weights[number], evidence, kept),
                )
            )
    return tuple(events)


def _forecasts(
    event: ObservedEvent, number: int, weights: np.ndarray, evidence: Evidence, kept: np.ndarray
) -> tuple[OptionForecast, ...]:
    """Of every option of the steps that an event is about, how likely it was given the events before.

    That the step is skipped counts as an option, unless it is sure to be made. Options that remain possible together,
    because the record leaves open which it was, are one forecast. `weights`: (draws kept,), the probability of the
    events before.
    """
    forecasts = []
    places = {(layer.step, layer.round): place for place, layer in enumerate(evidence.game.layers)}
    crisis = evidence.game.crisis
    for at, values in event.values.items():
        joint = np.asarray(evidence.taken[number])[evidence.options(places[at])][:, kept].sum(axis=1)
        shares = dict(zip(crisis.options_of(at[0]), (joint / weights.sum()).tolist(), strict=True))
        offered = {option: min(max(shares[option], 0.0), 1.0) for option in crisis.offered(*at)}
        if (unmade := 1.0 - math.fsum(offered.values())) > SURE or SKIPPED in values:
            offered[SKIPPED] = max(unmade, 0.0)
        if known := [option for option in offered if option in values]:
            together = min(math.fsum(offered[option] for option in known), 1.0)
            forecasts.append(OptionForecast(at[0], listed(known, len(known), last="or"), together, True))
        forecasts += [
            OptionForecast(at[0], option, share, False) for option, share in offered.items() if option not in values
        ]
    return tuple(forecasts)
