"""How a crisis scores on its own observed events and on the ending that came about, in sentences and tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from offramp.common.numerals import from_to, percent, quantity
from offramp.common.texts import tr, trn
from offramp.common.words import listed
from offramp.study.basis import of_draws
from offramp.study.finding import Column, Finding, Table, Value
from offramp.study.known_outcomes.crisis_folder import CrisisFolder, crisis_folder
from offramp.study.known_outcomes.outcome_file import KnownOutcome
from offramp.study.known_outcomes.version_score import (
    FIRST_VERSION,
    TUNED,
    VERSIONS,
    VersionScore,
    brier_score,
    log_score,
    score_version,
)
from offramp.study.updating.yardstick import WORSE, compared

BASE_RATE, EQUAL = "base rate", "equal odds"
REFERENCES = {BASE_RATE: tr("base rate"), EQUAL: tr("equal odds")}
"""What readers call the odds without the model."""
SCORE_NOTES = (
    tr(
        "Log score: minus the natural logarithm of the probability of what came about; 0 is best, lower is better. "
        "Brier score: half of the sum over endings of the squared distance from what came about; 0 is best, 1 is worst."
    ),
    tr(
        "An event: how likely the model held it given the events before it, by Bayes' rule over the draws (`offramp "
        "update`). At random: every option of every move equally likely, chance as in the model, over the same draws. "
        "The base rate and how much the writer knew are from outcome.yaml, which the model never reads. First version: "
        "first.yaml, as it was written before the first solve, on the same events."
    ),
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
        return tr("{crisis}: would it have foreseen what happened?", crisis=self.crisis)

    @property
    def basis(self) -> str:
        return of_draws(self.tuned.draws, self.seed)

    @property
    def answer(self) -> tuple[str, ...]:
        return tuple(self._sentences())

    def _sentences(self) -> Iterator[str]:
        outcome, names, version = self.outcome, self.tuned.names, self.tuned
        if outcome.ending is None:
            if outcome.due is None:
                state = tr(
                    "It was over on {date}, in none of the model's endings; its events alone are scored.",
                    date=outcome.on,
                )
            else:
                state = tr("The crisis is open; it is scored on {date}.", date=outcome.due)
            yield f"{state} {outcome.because}"
            yield tr("Its standing odds: {odds}.", odds=self._odds(version.standings()[-1]))
            yield tr("The base rate: {odds}.", odds=self._odds(outcome.base_rate))
        else:
            yield tr(
                "What came about: {ending}, on {date}. {reason}",
                ending=names.endings[outcome.ending],
                date=outcome.on,
                reason=outcome.because,
            )
            yield self._before_and_after(outcome.ending)
            yield self._against_references()
        yield self._known()
        yield from (self._of_events(one) for one in self.versions if one.events)
        worse = [event for event in version.events if event.probability / event.at_random < WORSE]
        if worse:
            said = (f"{event.observed} ({event.label}, {percent(event.probability)})" for event in worse)
            yield tr("It loses to play at random on: {events}.", events="; ".join(said))
        for one in self.versions:
            if one.draws > one.converged:
                yield trn(
                    "{count} of {draws} draws did not converge ({version}); they are left out.",
                    "{count} of {draws} draws did not converge ({version}); they are left out.",
                    one.draws - one.converged,
                    draws=f"{one.draws:,}",
                    version=VERSIONS[one.version],
                )

    def _before_and_after(self, ending: str) -> str:
        """The odds of the ending that came about before any event and after all, and those of the references."""
        first, *later = map(percent, self.tuned.odds(ending))
        base, equal = (percent(given[ending]) for given in self.references.values())
        if not later:
            return tr(
                "Before any event the model gave it {before}; the base rate is {base}, equal odds are {equal}.",
                before=first,
                base=base,
                equal=equal,
            )
        return trn(
            "Before any event the model gave it {before}, and {after} after {count} event; the base rate is {base}, "
            "equal odds are {equal}.",
            "Before any event the model gave it {before}, and {after} after {count} events; the base rate is {base}, "
            "equal odds are {equal}.",
            len(later),
            before=first,
            after=later[-1],
            base=base,
            equal=equal,
        )

    def _known(self) -> str:
        """How much of the outcome the writer knew."""
        how = self.outcome.knew_how
        match self.outcome.knew:
            case "all":
                return tr(
                    "Of the outcome the writer of the model knew all: {how} What it says here is no foresight.", how=how
                )
            case "some":
                return tr(
                    "Of the outcome the writer of the model knew some: {how} What it says here is no foresight.",
                    how=how,
                )
            case "none":
                return tr("Of the outcome the writer of the model knew nothing: {how}", how=how)

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
        verdicts = listed(_verdict(name, ours, log_score(given[ending])) for name, given in self.references.items())
        return tr(
            "Before any event its log score on the ending is {score}: it {verdicts}.",
            score=quantity(ours),
            verdicts=verdicts,
        )

    def _of_events(self, one: VersionScore) -> str:
        ours, at_random = quantity(one.log_an_event), quantity(one.log_at_random_an_event)
        if one.version == TUNED:
            return trn(
                "The observed events were {likely}: log score {score} an event, at random {at_random}.",
                "The observed events were together {likely}: log score {score} an event, at random {at_random}.",
                len(one.events),
                likely=compared(one.times),
                score=ours,
                at_random=at_random,
            )
        return trn(
            "In the first version they were {likely}: log score {score} an event, at random {at_random}.",
            "In the first version they were together {likely}: log score {score} an event, at random {at_random}.",
            len(one.events),
            likely=compared(one.times),
            score=ours,
            at_random=at_random,
        )

    @property
    def tables(self) -> tuple[Table, ...]:
        return self._endings(), self._events(), self._options()

    def _events(self) -> Table:
        columns = (
            Column("version", tr("version"), names=VERSIONS), Column("after", tr("date")),
            Column("observed", tr("observed")),
            Column("probability", tr("likely"), "share"), Column("at_random", tr("at random"), "share"),
            Column("log", tr("log score"), "number"), Column("log_at_random", tr("at random"), "number"),
        )  # fmt: skip
        rows = tuple(
            (one.version, event.label, event.observed, event.probability, event.at_random, event.log,
             event.log_at_random)
            for one in self.versions
            for event in one.events
        )  # fmt: skip
        return Table("events", tr("Each event, given those before it"), columns, rows, 1)

    def _endings(self) -> Table:
        """The odds of the ending that came about; of a crisis without one, of every ending."""
        ending = self.outcome.ending
        rows: list[tuple[Value, ...]] = []
        names = self.tuned.names.endings
        columns: tuple[Column, ...] = (
            Column("version", tr("odds by"), names=VERSIONS | REFERENCES),
            Column("after", tr("after"), names={"before": tr("before")}),
        )
        if ending is None:
            shares = (Column(f"ending_{number}", names[key], "share") for number, key in enumerate(names))
            for one in self.versions:
                labels = ("before", *(event.label for event in one.events))
                for label, odds in zip(labels, one.standings(), strict=True):
                    rows.append((one.version, label, *(odds[key] for key in names)))
            rows += [(name, None, *(given[key] for key in names)) for name, given in self.references.items()]
            return Table("endings", tr("The odds of every ending"), (*columns, *shares), tuple(rows), 1)
        columns += (
            Column("probability", names[ending], "share"),
            Column("log", tr("log score"), "number"),
            Column("brier", tr("Brier"), "number"),
        )
        for one in self.versions:
            labels = ("before", *(event.label for event in one.events))
            for label, odds in zip(labels, one.standings(), strict=True):
                rows.append((one.version, label, odds[ending], log_score(odds[ending]), brier_score(odds, ending)))
        rows += [
            (name, None, given[ending], log_score(given[ending]), brier_score(given, ending))
            for name, given in self.references.items()
        ]
        return Table("endings", tr("The odds of the ending that came about"), columns, tuple(rows), 1)

    def _options(self) -> Table:
        names = self.tuned.names
        columns = (
            Column("version", tr("version"), names=VERSIONS), Column("after", tr("date")),
            Column("step", tr("step"), names=names.steps),
            Column("option", tr("option"), of="step", names=names.options),
            Column("probability", tr("likely"), "share"), Column("happened", tr("happened")),
        )  # fmt: skip
        rows = tuple(
            (one.version, event.label, forecast.step, forecast.option, forecast.probability, forecast.happened)
            for one in self.versions
            for event in one.events
            for forecast in event.forecasts
        )
        return Table("options", tr("Every option of the steps observed, given the events before"), columns, rows, 2)

    @property
    def notes(self) -> tuple[str, ...]:
        return (*SCORE_NOTES, tr("Base rate: {source}", source=self.outcome.base_rate_of))


def _verdict(reference: str, ours: float, theirs: float) -> str:
    """Whether a log score is better than that of a reference, as the end of a sentence."""
    score = quantity(theirs)
    if reference == BASE_RATE:
        if ours < theirs:
            return tr("beats the base rate ({score})", score=score)
        if ours > theirs:
            return tr("loses to the base rate ({score})", score=score)
        return tr("equals the base rate ({score})", score=score)
    if ours < theirs:
        return tr("beats equal odds ({score})", score=score)
    if ours > theirs:
        return tr("loses to equal odds ({score})", score=score)
    return tr("equals equal odds ({score})", score=score)


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
