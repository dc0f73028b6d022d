"""How a crisis scores on its own observed events and on the ending that came about, in sentences and tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from offramp.common.numerals import from_to, percent, quantity
from offramp.study.basis import of_draws
from offramp.study.finding import Column, Finding, Table, Value
from offramp.study.forecasting.forecasts import number_of
from offramp.study.known_outcomes.crisis_folder import CrisisFolder, crisis_folder
from offramp.study.known_outcomes.outcome_file import KnownOutcome
from offramp.study.known_outcomes.version_score import (
    FIRST_VERSION,
    TUNED,
    VersionScore,
    brier_score,
    log_score,
    score_version,
)
from offramp.study.updating.yardstick import WORSE, compared

BASE_RATE, EQUAL = "base rate", "equal odds"
CALLED = {BASE_RATE: "the base rate", EQUAL: "equal odds"}
KNEW = {"all": "all", "some": "some", "none": "nothing"}
SCORE_NOTES = (
    "Log score: minus the natural logarithm of the probability of what came about; 0 is best, lower is better. Brier "
    "score: half of the sum over endings of the squared distance from what came about; 0 is best, 1 is worst.",
    "An event: how likely the model held it given the events before it, by Bayes' rule over the draws (`offramp "
    "update`). At random: every option of every move equally likely, chance as in the model, over the same draws. The "
    "base rate and how much the writer knew are from outcome.yaml, which the model never reads. First version: "
    "first.yaml, as it was written before the first solve, on the same events.",
)


@dataclass(frozen=True, repr=False)
class CrisisScore(Finding):
    """A crisis scored on what happened: `versions` are the crisis as tuned and, if it is there, its first version."""

    folder: str
    crisis: str
    as_of: str | None
    outcome: KnownOutcome
    versions: tuple[VersionScore, ...]
    seed: int

    @property
    def tuned(self) -> VersionScore:
        """The crisis as it stands."""
        return self.versions[0]

    @property
    def references(self) -> Mapping[str, Mapping[str, float]]:
        """The odds of every ending without the model: the base rate, and equal odds."""
        endings = self.outcome.base_rate
        return {BASE_RATE: endings, EQUAL: dict.fromkeys(endings, 1.0 / len(endings))}

    @property
    def title(self) -> str:
        return f"{self.crisis}: would it have foreseen what happened?"

    @property
    def basis(self) -> str:
        return of_draws(self.tuned.draws, self.seed)

    @property
    def answer(self) -> tuple[str, ...]:
        return tuple(self._sentences())

    def _sentences(self) -> Iterator[str]:
        outcome, names, version = self.outcome, self.tuned.names, self.tuned
        if outcome.ending is None:
            yield (
                f"It was over on {outcome.on}, in none of the model's endings; its events alone are scored."
                if outcome.due is None
                else f"The crisis is open; it is scored on {outcome.due}."
            ) + f" {outcome.because}"
            yield f"Its standing odds: {self._odds(version.standings()[-1])}."
            yield f"The base rate: {self._odds(outcome.base_rate)}."
        else:
            yield f"What came about: {names.endings[outcome.ending]}, on {outcome.on}. {outcome.because}"
            odds = version.odds(outcome.ending)
            events = number_of(len(version.events), "event")
            later = f", and {percent(odds[-1])} after {events}" if version.events else ""
            base, equal = (percent(given[outcome.ending]) for given in self.references.values())
            yield (
                f"Before any event the model gave it {percent(odds[0])}{later}; the base rate is {base}, equal odds "
                f"are {equal}."
            )
            yield self._against_references()
        yield (
            f"Of the outcome the writer of the model knew {KNEW[outcome.knew]}: {outcome.knew_how}"
            f"{'' if outcome.knew == 'none' else ' What it says here is no foresight.'}"
        )
        yield from (self._of_events(one) for one in self.versions if one.events)
        worse = [event for event in version.events if event.probability / event.at_random < WORSE]
        if worse:
            said = (f"{event.observed} ({event.label}, {percent(event.probability)})" for event in worse)
            yield f"It loses to play at random on: {'; '.join(said)}."
        for one in self.versions:
            if one.draws > one.converged:
                left = one.draws - one.converged
                yield f"{left:,} of {one.draws:,} draws did not converge ({one.version}); they are left out."

    def _odds(self, odds: Mapping[str, float]) -> str:
        before = {key: one.mean for key, one in self.tuned.before.items()}
        moved = odds is not self.outcome.base_rate and self.tuned.events
        ordered = sorted(odds, key=lambda key: -odds[key])
        return ", ".join(
            f"{self.tuned.names.endings[key]} {from_to(before[key], odds[key]) if moved else percent(odds[key])}"
            for key in ordered
        )

    def _against_references(self) -> str:
        """Whether the odds before any event were better than the references, by log score."""
        ending = self.outcome.ending
        assert ending is not None
        ours = log_score(self.tuned.odds(ending)[0])
        parts = []
        for name, given in self.references.items():
            theirs = log_score(given[ending])
            verb = "beats" if ours < theirs else "loses to" if ours > theirs else "equals"
            parts.append(f"{verb} {CALLED[name]} ({quantity(theirs)})")
        return f"Before any event its log score on the ending is {quantity(ours)}: it {' and '.join(parts)}."

    def _of_events(self, one: VersionScore) -> str:
        which = "The observed events" if one.version == TUNED else f"In the {one.version} they"
        together = "" if len(one.events) == 1 else " together"
        return (
            f"{which} were{together} {compared(one.times)}: log score {quantity(one.log_an_event)} an event, at random "
            f"{quantity(one.log_at_random_an_event)}."
        )

    @property
    def tables(self) -> tuple[Table, ...]:
        return self._endings(), self._events(), self._options()

    def _events(self) -> Table:
        columns = (
            Column("version", "version"), Column("after", "date"), Column("observed", "observed"),
            Column("probability", "likely", "share"), Column("at_random", "at random", "share"),
            Column("log", "log score", "number"), Column("log_at_random", "at random", "number"),
        )  # fmt: skip
        rows = tuple(
            (one.version, event.label, event.observed, event.probability, event.at_random, event.log,
             event.log_at_random)
            for one in self.versions
            for event in one.events
        )  # fmt: skip
        return Table("events", "Each event, given those before it", columns, rows, 1)

    def _endings(self) -> Table:
        """The odds of the ending that came about; of a crisis without one, of every ending."""
        ending = self.outcome.ending
        rows: list[tuple[Value, ...]] = []
        names = self.tuned.names.endings
        columns: tuple[Column, ...] = (Column("version", "odds by"), Column("after", "after"))
        if ending is None:
            shares = (Column(f"ending_{number}", names[key], "share") for number, key in enumerate(names))
            for one in self.versions:
                labels = ("before", *(event.label for event in one.events))
                for label, odds in zip(labels, one.standings(), strict=True):
                    rows.append((one.version, label, *(odds[key] for key in names)))
            rows += [(name, None, *(given[key] for key in names)) for name, given in self.references.items()]
            return Table("endings", "The odds of every ending", (*columns, *shares), tuple(rows), 1)
        columns += (
            Column("probability", names[ending], "share"),
            Column("log", "log score", "number"),
            Column("brier", "Brier", "number"),
        )
        for one in self.versions:
            labels = ("before", *(event.label for event in one.events))
            for label, odds in zip(labels, one.standings(), strict=True):
                rows.append((one.version, label, odds[ending], log_score(odds[ending]), brier_score(odds, ending)))
        rows += [
            (name, None, given[ending], log_score(given[ending]), brier_score(given, ending))
            for name, given in self.references.items()
        ]
        return Table("endings", "The odds of the ending that came about", columns, tuple(rows), 1)

    def _options(self) -> Table:
        names = self.tuned.names
        columns = (
            Column("version", "version"), Column("after", "date"), Column("step", "step", names=names.steps),
            Column("option", "option", of="step", names=names.options), Column("probability", "likely", "share"),
            Column("happened", "happened"),
        )  # fmt: skip
        rows = tuple(
            (one.version, event.label, forecast.step, forecast.option, forecast.probability, forecast.happened)
            for one in self.versions
            for event in one.events
            for forecast in event.forecasts
        )
        return Table("options", "Every option of the steps observed, given the events before", columns, rows, 2)

    @property
    def notes(self) -> tuple[str, ...]:
        return (*SCORE_NOTES, f"Base rate: {self.outcome.base_rate_of}")


def score_crisis(
    place: Path | CrisisFolder,
    *,
    draws: int,
    seed: int,
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
) -> CrisisScore:
    """Score the crisis of a folder, or of a crisis file, with its first version, on what happened.

    Parameters
    ----------
    place
        The folder or the file, beside which `outcome.yaml` is.
    draws, seed
        As in `offramp.run`.
    executor
        Solves the draws; by default threads of this process.
    progress
        Called with the number of draws solved since the last call.

    Raises
    ------
    UsageError
        If there is no outcome; if the model holds an event impossible, or too few effective draws are left.
    CrisisError
        If a file has mistakes.
    """
    found = place if isinstance(place, CrisisFolder) else crisis_folder(place)
    written = {TUNED: found.crisis} | ({} if found.first is None else {FIRST_VERSION: found.first})
    versions = tuple(
        score_version(crisis, version, draws=draws, seed=seed, executor=executor, progress=progress)
        for version, crisis in written.items()
    )
    crisis = found.crisis
    return CrisisScore(found.name, crisis.title, crisis.as_of, found.outcome, versions, seed)
