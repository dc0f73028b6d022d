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
from offramp.common.numerals import percent, quantity
from offramp.common.words import listed
from offramp.crisis.gallery import OUTCOME
from offramp.study.basis import of_draws
from offramp.study.finding import Column, Finding, Table, Value
from offramp.study.forecasting.forecasts import number_of
from offramp.study.forecasting.scores import Bin, calibration, resampled
from offramp.study.known_outcomes.crisis_folder import CrisisFolder, crisis_folder, crisis_folders
from offramp.study.known_outcomes.crisis_score import (
    BASE_RATE,
    CALLED,
    EQUAL,
    KNEW,
    SCORE_NOTES,
    CrisisScore,
    score_crisis,
)
from offramp.study.known_outcomes.version_score import FIRST_VERSION, TUNED, VersionScore, brier_score, log_score

if TYPE_CHECKING:
    from offramp.study.drawings import Drawing

Array = NDArray[np.float64]

EVENTS, ENDING = "events", "the ending"
AT_RANDOM = "play at random"
NO_OUTCOME = f"it has no {OUTCOME}"


@dataclass(frozen=True)
class PooledScore:
    """The mean log score of a version over all crises, that of a reference, and the gain on it.

    `low` to `high`: the interval of the gain, reference less model, over crises resampled; NaN for one crisis.
    """

    version: str
    subject: str
    against: str
    forecasts: int
    crises: int
    ours: float
    theirs: float
    low: float
    high: float

    @property
    def gain(self) -> float:
        """By how much the model's mean log score is lower, which is better."""
        return self.theirs - self.ours


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
            yield _pool(version, EVENTS, AT_RANDOM, of_event, self.seed)
        for reference in (BASE_RATE, EQUAL):
            of_ending = [
                (number, log_score(one.odds(ending)[0]), log_score(crisis.references[reference][ending]))
                for number, (crisis, one) in enumerate(scored)
                if (ending := crisis.outcome.ending) is not None
            ]
            if of_ending:
                yield _pool(version, ENDING, reference, of_ending, self.seed)

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
        return f"{self.place}: would these crises have foreseen what happened?"

    @property
    def basis(self) -> str:
        return of_draws(self.draws, self.seed)

    @property
    def answer(self) -> tuple[str, ...]:
        return tuple(self._sentences())

    def _sentences(self) -> Iterator[str]:
        decided = len(self.decided)
        still_open = sum(one.outcome.due is not None for one in self.scores)
        crises = f"{decided} decided {'crisis' if decided == 1 else 'crises'}"
        yield f"Scored: {crises}{f' and {still_open} open' if still_open else ''}."
        if over := [one.folder for one in self.scores if one.outcome.ending is None and one.outcome.due is None]:
            yield f"In none of its endings, and so scored on events alone: {listed(over, 20)}."
        if without := [name for name, reason in self.left_out.items() if reason == NO_OUTCOME]:
            yield f"Without an {OUTCOME}, and so not scored: {listed(without, 20)}."
        for name, reason in self.left_out.items():
            if reason != NO_OUTCOME:
                yield f"Not scored: {name}: {reason}"
        yield from (_in_words(score) for score in self.pooled)
        yield from self._losses()
        if bins := self.bins(TUNED):
            off = [one for one in bins if not one.low <= one.forecast <= one.high]
            where = (
                f"options given about {percent(one.forecast)} happened in {percent(one.happened)} "
                f"({percent(one.low)} to {percent(one.high)})"
                for one in off
            )
            yield (
                f"Calibration: {'; '.join(where)}."
                if off
                else "Calibration: in every tenth, the share that happened cannot be told from what was given."
            )
        yield from self._known()

    def _losses(self) -> Iterator[str]:
        """Where the crises lose, by name."""
        tuned = list(self.of_version(TUNED))
        on_events = [
            crisis.folder for crisis, one in tuned if one.events and one.log_an_event > one.log_at_random_an_event
        ]
        if on_events:
            yield f"On its events the model loses to play at random in {listed(on_events, 20)}."
        for reference in (BASE_RATE, EQUAL):
            lost = [
                crisis.folder
                for crisis, one in tuned
                if (ending := crisis.outcome.ending) is not None
                and one.odds(ending)[0] < crisis.references[reference][ending]
            ]
            if lost:
                yield f"On the ending, before any event, it loses to {CALLED[reference]} in {listed(lost, 20)}."
        events = [event for _, one in tuned for event in one.events]
        worse = sum(event.probability < event.at_random for event in events)
        if events:
            yield f"{worse} of {number_of(len(events), 'event')} it held less likely than play at random does."

    def _known(self) -> Iterator[str]:
        over = [one for one in self.scores if one.outcome.due is None]
        known = {kind: [one.folder for one in over if one.outcome.knew == kind] for kind in KNEW}
        parts = [f"{KNEW[kind]} in {listed(names, 20)}" for kind, names in known.items() if names]
        if any(one.outcome.knew != "none" for one in over):
            yield (
                f"Of the outcome the writers knew {'; '.join(parts)}. Where they knew it, the scores show that the "
                "model can hold what happened, not that it would have foreseen it."
            )

    @property
    def tables(self) -> tuple[Table, ...]:
        return self._endings(), self._events(), self._scores(), self._calibration()

    def _endings(self) -> Table:
        columns = (
            Column("crisis", "crisis"), Column("ending", "came about"), Column("knew", "known"),
            Column("version", "version"), Column("before", "before", "share"), Column("after", "after", "share"),
            Column("base_rate", BASE_RATE, "share"), Column("equal", EQUAL, "share"),
            Column("brier", "Brier", "number"),
        )  # fmt: skip
        rows: list[tuple[Value, ...]] = []
        for crisis in self.scores:
            ending, outcome = crisis.outcome.ending, crisis.outcome
            for one in crisis.versions:
                if ending is None:
                    state = "none of its endings" if outcome.due is None else f"open until {outcome.due}"
                    rows.append((crisis.folder, state, outcome.knew, one.version, *[None] * 5))
                else:
                    odds, brier = one.odds(ending), brier_score(one.standings()[0], ending)
                    rates = (crisis.references[name][ending] for name in (BASE_RATE, EQUAL))
                    named = crisis.tuned.names.endings[ending]
                    rows.append((crisis.folder, named, outcome.knew, one.version, odds[0], odds[-1], *rates, brier))
        caption = (
            "The ending that came about: its odds before any event and after all, and how much of it the writer knew; "
            "the Brier score is of the odds before any event"
        )
        return Table("endings", caption, columns, tuple(rows), grouped=3)

    def _events(self) -> Table:
        columns = (
            Column("crisis", "crisis"), Column("version", "version"), Column("events", "events", "count"),
            Column("log", "log score", "number"), Column("log_at_random", "at random", "number"),
            Column("times", "times as likely", "number"),
        )  # fmt: skip
        rows = tuple(
            (crisis.folder, one.version, len(one.events), one.log_an_event, one.log_at_random_an_event, one.times)
            for crisis in self.scores
            for one in crisis.versions
            if one.events
        )
        caption = "The observed events: their mean log score, and how many times as likely together as at random"
        return Table("events", caption, columns, rows, grouped=1)

    def _scores(self) -> Table:
        columns = (
            Column("version", "version"), Column("subject", "score of"), Column("against", "against"),
            Column("forecasts", "forecasts", "count"), Column("crises", "crises", "count"),
            Column("log", "log score", "number"), Column("theirs", "theirs", "number"),
            Column("gain", "gain", "number"), Column("low", "5 %", "number"), Column("high", "95 %", "number"),
        )  # fmt: skip
        rows = tuple(
            (one.version, one.subject, one.against, one.forecasts, one.crises, one.ours, one.theirs, one.gain, one.low,
             one.high)
            for one in self.pooled
        )  # fmt: skip
        return Table(
            "scores",
            "Mean log scores, of the ending before any event; a gain above 0 is better than the other",
            columns,
            rows,
            grouped=2,
        )

    def _calibration(self) -> Table:
        columns = (
            Column("version", "version"), Column("forecast", "given", "share"),
            Column("happened", "happened", "share"), Column("low", "5 %", "share"), Column("high", "95 %", "share"),
            Column("forecasts", "options", "count"), Column("events", "events", "count"),
        )  # fmt: skip
        rows = tuple(
            (version, one.forecast, one.happened, one.low, one.high, one.forecasts, one.questions)
            for version in self.versions
            for one in self.bins(version)
        )
        caption = "Calibration: every option of the steps observed, by tenths of the probability that it was given"
        return Table("calibration", caption, columns, rows, grouped=1)

    @property
    def notes(self) -> tuple[str, ...]:
        return (
            *SCORE_NOTES,
            "Intervals, 5 % to 95 %: of a mean, by drawing whole crises again (bootstrap); of a share that happened, "
            "Wilson's, in which the options of one event are one answer. Crises are few and were chosen by their "
            "writers, so the intervals say nothing of crises of another kind.",
        )

    def drawings(self) -> tuple[Drawing, ...]:
        """The calibration as a picture."""
        from offramp.study.drawings import charted
        from offramp.study.forecasting.calibration_chart import calibration_chart

        if not (bins := self.bins(TUNED)):
            return ()
        title = "What each option was given, against how often it happened"
        caption = "Dot: options in a tenth. Line: 5% to 95%. Dashed: all happens as often as said."
        return (charted("calibration", lambda width: calibration_chart(bins, width), title, caption),)


def _pool(version: str, subject: str, against: str, scores: list[tuple[int, float, float]], seed: int) -> PooledScore:
    """Pool log scores, ours and the reference's, by the number of their crisis."""
    crisis, ours, theirs = (np.array(values) for values in zip(*scores, strict=True))
    low, high = resampled(theirs - ours, crisis.astype(np.int64), seed)
    many = len(np.unique(crisis))
    return PooledScore(
        version, subject, against, len(scores), many, float(ours.mean()), float(theirs.mean()), low, high
    )


def _in_words(score: PooledScore) -> str:
    of = number_of(score.forecasts, "event") if score.subject == EVENTS else f"{score.subject} before any event"
    where = f"{score.version[0].upper()}{score.version[1:]}, {of}"
    crises = f"{score.crises} {'crisis' if score.crises == 1 else 'crises'}"
    verdict = "better" if score.gain > 0.0 else "worse" if score.gain < 0.0 else "neither better nor worse"
    doubt = ", which may be chance" if score.low <= 0.0 <= score.high else ""
    ends = f"{quantity(score.low)} to {quantity(score.high)}"
    interval = "" if np.isnan(score.low) else f" (90% interval of the gain {ends}{doubt})"
    by = f" by {quantity(abs(score.gain))}{interval}" if score.gain else ""
    scores = f"log score {quantity(score.ours)}, {score.against} {quantity(score.theirs)}"
    return f"{where} ({crises}): {scores}; it is {verdict}{by}."


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
            left_out[folder.name] = "it is a link to another folder"
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
