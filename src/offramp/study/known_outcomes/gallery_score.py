"""How all crises of a folder score on what happened: against play at random and base rates, also where they lose."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from offramp.common.errors import OfframpError
from offramp.common.numerals import percent
from offramp.common.texts import tr, trn
from offramp.common.words import listed
from offramp.crisis.gallery import OUTCOME
from offramp.study.basis import of_draws
from offramp.study.finding import Column, Finding, Table, Value
from offramp.study.forecasting.scores import Bin, calibration
from offramp.study.known_outcomes.crisis_folder import CrisisFolder, crisis_folder, crisis_folders
from offramp.study.known_outcomes.crisis_score import (
    BASE_RATE,
    EQUAL,
    SCORE_NOTES,
    CrisisScore,
    score_crisis,
)
from offramp.study.known_outcomes.pooled_score import (
    AGAINST,
    AT_RANDOM,
    ENDING,
    EVENTS,
    SUBJECTS,
    PooledScore,
    in_words,
    pool,
)
from offramp.study.known_outcomes.version_score import (
    FIRST_VERSION,
    TUNED,
    VERSIONS,
    VersionScore,
    brier_score,
    log_score,
)

if TYPE_CHECKING:
    from offramp.study.drawings import Drawing

Array = NDArray[np.float64]

KNOWN = {"all": tr("all"), "some": tr("some"), "none": tr("none")}
"""What readers call how much of the outcome the writers knew."""
NO_OUTCOME = f"it has no {OUTCOME}"


@dataclass(frozen=True, repr=False)
class GalleryScore(Finding):
    """The scores of the crises of a folder; `left_out`: why a crisis is not scored, by its name."""

    place: str
    scores: tuple[CrisisScore, ...]
    left_out: Mapping[str, str]
    draws: int
    seed: int

    @property
    def decided(self) -> tuple[CrisisScore, ...]:
        """Those whose ending is known."""
        return tuple(one for one in self.scores if one.outcome.ending is not None)

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions that at least one crisis has."""
        there = {version.version for one in self.scores for version in one.versions}
        return tuple(version for version in (TUNED, FIRST_VERSION) if version in there)

    def of_version(self, version: str) -> Iterator[tuple[CrisisScore, VersionScore]]:
        """Each crisis that has a version, with it."""
        for one in self.scores:
            yield from ((one, scored) for scored in one.versions if scored.version == version)

    @cached_property
    def pooled(self) -> tuple[PooledScore, ...]:
        """Mean log scores against each reference, on events and on endings."""
        return tuple(score for version in self.versions for score in self._pooled(version))

    def _pooled(self, version: str) -> Iterator[PooledScore]:
        scored = list(self.of_version(version))
        of_event = [
            (number, event.log, event.log_at_random) for number, (_, one) in enumerate(scored) for event in one.events
        ]
        if of_event:
            yield pool(version, EVENTS, AT_RANDOM, of_event, self.seed)
        for reference in (BASE_RATE, EQUAL):
            of_ending = [
                (number, log_score(one.odds(ending)[0]), log_score(crisis.references[reference][ending]))
                for number, (crisis, one) in enumerate(scored)
                if (ending := crisis.outcome.ending) is not None
            ]
            if of_ending:
                yield pool(version, ENDING, reference, of_ending, self.seed)

    def bins(self, version: str) -> tuple[Bin, ...]:
        """Calibration: every option of the steps observed, by tenths of probability; those of a step are one answer."""
        given = [
            (number, forecast.probability, float(forecast.happened))
            for number, event in enumerate(event for _, one in self.of_version(version) for event in one.events)
            for forecast in event.forecasts
        ]
        if not given:
            return ()
        question, said, happened = (np.array(values) for values in zip(*given, strict=True))
        return calibration(said, happened, question.astype(np.int64))

    @property
    def title(self) -> str:
        return tr("{place}: would these crises have foreseen what happened?", place=self.place)

    @property
    def basis(self) -> str:
        return of_draws(self.draws, self.seed)

    @property
    def answer(self) -> tuple[str, ...]:
        return tuple(self._sentences())

    def _sentences(self) -> Iterator[str]:
        decided = len(self.decided)
        if still_open := sum(one.outcome.due is not None for one in self.scores):
            yield trn(
                "Scored: {count} decided crisis and {open} open.",
                "Scored: {count} decided crises and {open} open.",
                decided,
                open=still_open,
            )
        else:
            yield trn("Scored: {count} decided crisis.", "Scored: {count} decided crises.", decided)
        if over := [one.folder for one in self.scores if one.outcome.ending is None and one.outcome.due is None]:
            yield tr("In none of its endings, and so scored on events alone: {crises}.", crises=listed(over, 20))
        if without := [name for name, reason in self.left_out.items() if reason == NO_OUTCOME]:
            yield tr("Without an {file}, and so not scored: {crises}.", file=OUTCOME, crises=listed(without, 20))
        for name, reason in self.left_out.items():
            if reason != NO_OUTCOME:
                yield tr("Not scored: {crisis}: {reason}", crisis=name, reason=reason)
        yield from (in_words(score) for score in self.pooled)
        yield from self._losses()
        if bins := self.bins(TUNED):
            yield _calibrated(bins)
        yield from self._known()

    def _losses(self) -> Iterator[str]:
        """Where the crises lose, by name."""
        tuned = list(self.of_version(TUNED))
        on_events = [
            crisis.folder for crisis, one in tuned if one.events and one.log_an_event > one.log_at_random_an_event
        ]
        if on_events:
            yield tr("On its events the model loses to play at random in {crises}.", crises=listed(on_events, 20))
        for reference in (BASE_RATE, EQUAL):
            lost = [
                crisis.folder
                for crisis, one in tuned
                if (ending := crisis.outcome.ending) is not None
                and one.odds(ending)[0] < crisis.references[reference][ending]
            ]
            if lost and reference == BASE_RATE:
                yield tr(
                    "On the ending, before any event, it loses to the base rate in {crises}.", crises=listed(lost, 20)
                )
            elif lost:
                yield tr(
                    "On the ending, before any event, it loses to equal odds in {crises}.", crises=listed(lost, 20)
                )
        events = [event for _, one in tuned for event in one.events]
        worse = sum(event.probability < event.at_random for event in events)
        if events:
            yield trn(
                "{worse} of {count} event it held less likely than play at random does.",
                "{worse} of {count} events it held less likely than play at random does.",
                len(events),
                worse=worse,
            )

    def _known(self) -> Iterator[str]:
        over = [one for one in self.scores if one.outcome.due is None]
        crises = {kind: listed([one.folder for one in over if one.outcome.knew == kind], 20) for kind in KNOWN}
        parts = [
            tr("all in {crises}", crises=crises["all"]) if crises["all"] else "",
            tr("some in {crises}", crises=crises["some"]) if crises["some"] else "",
            tr("nothing in {crises}", crises=crises["none"]) if crises["none"] else "",
        ]
        if crises["all"] or crises["some"]:
            yield tr(
                "Of the outcome the writers knew {parts}. Where they knew it, the scores show that the model can hold "
                "what happened, not that it would have foreseen it.",
                parts="; ".join(filter(None, parts)),
            )

    @property
    def tables(self) -> tuple[Table, ...]:
        return self._endings(), self._events(), self._scores(), self._calibration()

    def _endings(self) -> Table:
        columns = (
            Column("crisis", tr("crisis")), Column("ending", tr("came about")),
            Column("knew", tr("known"), names=KNOWN),
            Column("version", tr("version"), names=VERSIONS), Column("before", tr("before"), "share"),
            Column("after", tr("after"), "share"), Column("base_rate", tr("base rate"), "share"),
            Column("equal", tr("equal odds"), "share"), Column("brier", tr("Brier"), "number"),
        )  # fmt: skip
        rows: list[tuple[Value, ...]] = []
        for crisis in self.scores:
            ending, outcome = crisis.outcome.ending, crisis.outcome
            for one in crisis.versions:
                if ending is None:
                    due = outcome.due
                    state = tr("none of its endings") if due is None else tr("open until {date}", date=due)
                    rows.append((crisis.folder, state, outcome.knew, one.version, *[None] * 5))
                else:
                    odds, brier = one.odds(ending), brier_score(one.standings()[0], ending)
                    rates = (crisis.references[name][ending] for name in (BASE_RATE, EQUAL))
                    named = crisis.tuned.names.endings[ending]
                    rows.append((crisis.folder, named, outcome.knew, one.version, odds[0], odds[-1], *rates, brier))
        caption = tr(
            "The ending that came about: its odds before any event and after all, and how much of it the writer knew; "
            "the Brier score is of the odds before any event"
        )
        return Table("endings", caption, columns, tuple(rows), grouped=3)

    def _events(self) -> Table:
        columns = (
            Column("crisis", tr("crisis")), Column("version", tr("version"), names=VERSIONS),
            Column("events", tr("events"), "count"), Column("log", tr("log score"), "number"),
            Column("log_at_random", tr("at random"), "number"), Column("times", tr("times as likely"), "number"),
        )  # fmt: skip
        rows = tuple(
            (crisis.folder, one.version, len(one.events), one.log_an_event, one.log_at_random_an_event, one.times)
            for crisis in self.scores
            for one in crisis.versions
            if one.events
        )
        caption = tr("The observed events: their mean log score, and how many times as likely together as at random")
        return Table("events", caption, columns, rows, grouped=1)

    def _scores(self) -> Table:
        columns = (
            Column("version", tr("version"), names=VERSIONS), Column("subject", tr("score of"), names=SUBJECTS),
            Column("against", tr("against"), names=AGAINST),
            Column("forecasts", tr("forecasts"), "count"), Column("crises", tr("crises"), "count"),
            Column("log", tr("log score"), "number"), Column("theirs", tr("theirs"), "number"),
            Column("gain", tr("gain"), "number"), Column("low", "5 %", "number"), Column("high", "95 %", "number"),
        )  # fmt: skip
        rows = tuple(
            (one.version, one.subject, one.against, one.forecasts, one.crises, one.ours, one.theirs, one.gain, one.low,
             one.high)
            for one in self.pooled
        )  # fmt: skip
        return Table(
            "scores",
            tr("Mean log scores, of the ending before any event; a gain above 0 is better than the other"),
            columns,
            rows,
            grouped=2,
        )

    def _calibration(self) -> Table:
        columns = (
            Column("version", tr("version"), names=VERSIONS), Column("forecast", tr("given"), "share"),
            Column("happened", tr("happened"), "share"), Column("low", "5 %", "share"), Column("high", "95 %", "share"),
            Column("forecasts", tr("options"), "count"), Column("events", tr("events"), "count"),
        )  # fmt: skip
        rows = tuple(
            (version, one.forecast, one.happened, one.low, one.high, one.forecasts, one.questions)
            for version in self.versions
            for one in self.bins(version)
        )
        caption = tr("Calibration: every option of the steps observed, by tenths of the probability that it was given")
        return Table("calibration", caption, columns, rows, grouped=1)

    @property
    def notes(self) -> tuple[str, ...]:
        return (
            *SCORE_NOTES,
            tr(
                "Intervals, 5 % to 95 %: of a mean, by drawing whole crises again (bootstrap); of a share that "
                "happened, Wilson's, in which the options of one event are one answer. Crises are few and were chosen "
                "by their writers, so the intervals say nothing of crises of another kind."
            ),
        )

    def drawings(self) -> tuple[Drawing, ...]:
        """The calibration as a picture."""
        from offramp.study.drawings import charted
        from offramp.study.forecasting.calibration_chart import calibration_chart

        if not (bins := self.bins(TUNED)):
            return ()
        title = tr("What each option was given, against how often it happened")
        caption = tr("Dot: options in a tenth. Line: 5% to 95%. Dashed: all happens as often as said.")
        return (charted("calibration", lambda width: calibration_chart(bins, width), title, caption),)


def _calibrated(bins: tuple[Bin, ...]) -> str:
    """In which tenths the share that happened is not what was given."""
    off = [
        tr(
            "options given about {given} happened in {happened} ({low} to {high})",
            given=percent(one.forecast),
            happened=percent(one.happened),
            low=percent(one.low),
            high=percent(one.high),
        )
        for one in bins
        if not one.low <= one.forecast <= one.high
    ]
    if not off:
        return tr("Calibration: in every tenth, the share that happened cannot be told from what was given.")
    return tr("Calibration: {tenths}.", tenths="; ".join(off))


def why_left_out(folder: Path, error: OfframpError) -> str:
    """Why a crisis is not scored: it has no outcome; or the first line of an error, with paths from its folder on."""
    try:
        os.lstat(folder / OUTCOME)
    except FileNotFoundError:
        return NO_OUTCOME
    except OSError:  # then the error says why
        pass
    return str(error).replace(str(folder), " ".join(folder.name.split())).splitlines()[0]


def score_gallery(
    place: Path,
    *,
    draws: int,
    seed: int,
    executor: Executor | None = None,
    progress: Callable[[float], None] | None = None,
) -> GalleryScore:
    """Score every crisis in the folders of a folder, and pool the scores.

    A crisis without an outcome, or that cannot be scored, is named with the reason.

    Parameters
    ----------
    place
        A folder of folders, each with a `crisis.yaml` and an `outcome.yaml`.
    draws, seed
        As in `offramp.run`.
    executor
        Solves the draws; by default threads of this process.
    progress
        Called with the share that is done.

    Raises
    ------
    UsageError
        If there is no crisis in the folder.
    """
    scores: list[CrisisScore] = []
    left_out: dict[str, str] = {}
    folders: list[CrisisFolder] = []
    for folder in crisis_folders(place):
        if folder.is_symlink():
            left_out[folder.name] = tr("it is a link to another folder")
            continue
        try:
            folders.append(crisis_folder(folder))
        except OfframpError as error:
            left_out[folder.name] = why_left_out(folder, error)
    for number, found in enumerate(folders):
        try:
            scores.append(score_crisis(found, draws=draws, seed=seed, executor=executor))
        except OfframpError as error:
            left_out[found.name] = why_left_out(place / found.name, error)
        if progress is not None:
            progress((number + 1) / len(folders))
    return GalleryScore(str(place), tuple(scores), dict(sorted(left_out.items())), draws, seed)
