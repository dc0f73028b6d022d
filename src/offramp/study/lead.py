"""What draws say in one paragraph: sentences with names, for the top of a report and of the workbench.

With observed events the figures are as of the last event, and those at the outset stand beside them. A run as of now
has no figures at the outset.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from offramp.common.numerals import NEGLIGIBLE, percent, span
from offramp.common.texts import tr, trn
from offramp.common.words import listed
from offramp.crisis.model import Crisis
from offramp.crisis.names import names_of
from offramp.crisis.parts import Ending
from offramp.runs.result import Run
from offramp.runs.weighted import Interval
from offramp.study.basis import as_of_when
from offramp.study.brief import Brief
from offramp.study.updating.update_finding import Update
from offramp.study.updating.yardstick import compared
from offramp.study.wording import odds_word


@dataclass(frozen=True)
class LeadSentence:
    """A sentence of the paragraph; `section`: the part of the report that says more."""

    text: str
    section: str


@dataclass(frozen=True)
class EndingNow:
    """An ending's probability over the draws as of the last event, and `outset` before any; None without events."""

    ending: Ending
    now: Interval
    outset: Interval | None

    @property
    def figures(self) -> str:
        """`likely, 74.8% (60.1% to 85.0% in nine draws out of ten; 67.7% at the outset)`."""
        word, mean, spread = odds_word(self.now.mean), percent(self.now.mean), span(self.now.p05, self.now.p95)
        if self.outset is None:
            return tr("{word}, {mean} ({spread} in nine draws out of ten)", word=word, mean=mean, spread=spread)
        return tr(
            "{word}, {mean} ({spread} in nine draws out of ten; {outset} at the outset)",
            word=word,
            mean=mean,
            spread=spread,
            outset=percent(self.outset.mean),
        )


def endings_now(run: Run, brief: Brief | None) -> tuple[EndingNow, ...]:
    """Every ending as of the last event, likeliest first; at the outset if there are no events or no `brief`."""
    outset, update = run.ending_intervals, _update_of(brief)
    after = {} if update is None else update.after
    found = [
        EndingNow(ending, after.get(ending.key, outset[ending.key]), outset[ending.key] if after else None)
        for ending in run.crisis.endings
    ]
    return _likeliest_first(found)


def _likeliest_first(found: Iterable[EndingNow]) -> tuple[EndingNow, ...]:
    return tuple(sorted(found, key=lambda entry: -entry.now.mean))


def as_of(run: Run, brief: Brief | None) -> str:
    """The date of the last event that the figures take into account, or else of the crisis file; may be empty."""
    return _date_of(run.crisis, bool(run.crisis.past) or _update_of(brief) is not None)


def _date_of(crisis: Crisis, after_events: bool) -> str:
    observed = crisis.observed if after_events else ()
    return max((entry.date for entry in observed if entry.date), default=crisis.as_of or "")


def lead(run: Run, brief: Brief | None) -> tuple[LeadSentence, ...]:
    """The paragraph: the likeliest ending, the ending to avoid, the assumptions, the levers.

    Without a `brief` it has the endings only; if no draw converged it says so.
    """
    if not run.converged.any():
        return (LeadSentence(tr("No draw converged. This run has no numbers."), "endings"),)
    update = _update_of(brief)
    opening = _opening(run.crisis, as_of(run, brief), 0 if update is None else len(update.stages) - 1)
    sentences = _on_endings(run.crisis, endings_now(run, brief), opening)
    if update is not None:
        text = tr("The observed events were {compared}.", compared=compared(update.stages[-1].times_together))
        sentences.append(LeadSentence(text, "update"))
    if brief is not None and brief.weights is not None and brief.weights.heaviest:
        sentences.append(LeadSentence(on_assumptions(run.crisis, brief.weights.heaviest), "weights"))
    if brief is not None and brief.levers is not None and brief.levers.on_best_lever:
        sentences.append(LeadSentence(brief.levers.on_best_lever, "way-out"))
    return tuple(sentences)


def lead_of_draws(crisis: Crisis, intervals: Mapping[str, Interval], varied: Iterable[str] = ()) -> tuple[str, ...]:
    """The sentences on the endings, from draws without a run.

    `intervals`: of every ending, by its key; `varied`: what differs from the file, in words, without the levers.
    """
    levers = names_of(crisis).pulled
    differs = [*varied, *([tr("{levers} in force", levers=listed(levers))] if levers else [])]
    opening = _opening(crisis, _date_of(crisis, bool(crisis.past)), varied=listed(differs))
    found = [EndingNow(ending, intervals[ending.key], None) for ending in crisis.endings]
    return tuple(sentence.text for sentence in _on_endings(crisis, _likeliest_first(found), opening))


def on_assumptions(crisis: Crisis, heaviest: Sequence[str], ending: str = "") -> str:
    """The sentence on the inputs, by their keys, that all numbers depend on most, or those for `ending`."""
    names = listed(crisis.inputs[key].name for key in heaviest)
    numbers = tr("The numbers for {ending}", ending=ending) if ending else tr("The numbers")
    if len(heaviest) == 1:
        return tr("{numbers} depend most on one assumption: {inputs}.", numbers=numbers, inputs=names)
    return trn(
        "{numbers} depend most on {count} assumption: {inputs}.",
        "{numbers} depend most on {count} assumptions: {inputs}.",
        len(heaviest),
        numbers=numbers,
        inputs=names,
    )


def _update_of(brief: Brief | None) -> Update | None:
    """What the observed events change; None if there are none, or if there are no numbers."""
    update = None if brief is None else brief.update
    return update if update is not None and update.converged and len(update.stages) > 1 else None


def _opening(crisis: Crisis, date: str, events: int = 0, varied: str = "") -> str:
    """The beginning of the first sentence, which may be empty: as of when, and with what varied."""
    when = ""
    if crisis.past:
        when = as_of_when(crisis).removesuffix(". ")
    elif date and events:
        when = trn(
            "As of {date}, after {count} observed event",
            "As of {date}, after {count} observed events",
            events,
            date=date,
        )
    elif date and crisis.observed:
        when = tr("As of {date}, before anything was observed", date=date)
    elif date:
        when = tr("As of {date}", date=date)
    if when and varied:
        return tr("{when}, with {varied}", when=when, varied=varied)
    return tr("With {varied}", varied=varied) if varied else when


def _on_endings(crisis: Crisis, found: tuple[EndingNow, ...], opening: str) -> list[LeadSentence]:
    return [_likeliest(found, opening), *_to_avoid(crisis, found)]


def _likeliest(found: tuple[EndingNow, ...], opening: str) -> LeadSentence:
    first, tied = found[0], _tied(found)
    if tied:
        names = listed(entry.ending.name for entry in (first, *tied))
        word, mean = odds_word(first.now.mean), percent(first.now.mean)
        if opening:
            text = tr(
                "{opening}, the likeliest endings are {endings}: {word}, {mean} each.",
                opening=opening,
                endings=names,
                word=word,
                mean=mean,
            )
        else:
            text = tr("The likeliest endings are {endings}: {word}, {mean} each.", endings=names, word=word, mean=mean)
    elif opening:
        text = tr(
            "{opening}, the likeliest ending is {ending}: {figures}.",
            opening=opening,
            ending=first.ending.name,
            figures=first.figures,
        )
    else:
        text = tr("The likeliest ending is {ending}: {figures}.", ending=first.ending.name, figures=first.figures)
    return LeadSentence(text, "endings")


def _tied(found: tuple[EndingNow, ...]) -> list[EndingNow]:
    """The endings that are as likely as the first."""
    first, *others = found
    return [entry for entry in others if entry.now.mean >= first.now.mean - NEGLIGIBLE]


def _to_avoid(crisis: Crisis, found: tuple[EndingNow, ...]) -> list[LeadSentence]:
    """The sentence on the endings to avoid, unless the crisis has one ending only; it follows on the likeliest."""
    avoided = [entry for entry in found if entry.ending.key in crisis.avoided]
    if len(found) == 1:
        return []
    if avoided == [found[0]] and not _tied(found):
        text = tr("It is the ending to avoid.")
    elif len(avoided) == 1:
        text = tr(
            "The ending to avoid is {ending}: {figures}.", ending=avoided[0].ending.name, figures=avoided[0].figures
        )
    else:
        each = "; ".join(
            tr("{ending}: {figures}", ending=entry.ending.name, figures=entry.figures) for entry in avoided
        )
        text = tr("The endings to avoid are these: {endings}.", endings=each)
    return [LeadSentence(text, "endings")]
