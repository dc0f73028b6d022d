"""A new crisis, as a person answers a form: its actors, steps, endings and payoffs, and what is wrong with the answers.

`offramp.crisis.editor.new_crisis_text` writes the crisis file of a form without faults.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass as plain_dataclass
from typing import Annotated

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from offramp.common.printable import printable
from offramp.common.texts import tr
from offramp.common.words import one_line
from offramp.crisis.editor.new_keys import fits_as_key

MAX_TITLE, MAX_NAME, MAX_SENTENCE = 120, 80, 300
MOST_ACTORS, MOST_STEPS, MOST_OPTIONS, MOST_ENDINGS, MOST_TAKEN = 8, 12, 8, 8, 8
MAX_COURSES = 20_000
"""Maximum number of courses of the crisis, if every step happened: all combinations of options."""
MAX_PAYOFF = 100.0
"""Beyond it, another unit is better: an actor would not take a chance of 1 in 100."""

_SHAPE = ConfigDict(extra="forbid")
Sentence = Annotated[str, Field(strict=True)]
Position = Annotated[int, Field(strict=True)]
"""The number of an actor, step, option or ending in its list, from 0."""
Amount = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Flag = Annotated[bool, Field(strict=True)]


@dataclass(frozen=True, config=_SHAPE)
class Estimate:
    """A best guess, and the range around it if the number is not known well."""

    guess: Amount | None = None
    low: Amount | None = None
    high: Amount | None = None
    because: Sentence = ""

    @property
    def bounds(self) -> tuple[float, float, float]:
        """The lowest value, the best guess and the highest value; an end that is not given is the best guess."""
        guess = self.guess or 0.0
        return guess if self.low is None else self.low, guess, guess if self.high is None else self.high

    @property
    def given(self) -> bool:
        """Whether any number is given."""
        return any(number is not None for number in (self.guess, self.low, self.high))


@dataclass(frozen=True, config=_SHAPE)
class NewActor:
    """An actor: its name, a key of its own or "", and what it wants."""

    name: Sentence
    key: Sentence = ""
    wants: Sentence = ""


@dataclass(frozen=True, config=_SHAPE)
class NewOption:
    """An option of a move, or a value of a chance step with its odds; the last value has the remaining probability."""

    name: Sentence
    odds: Estimate = Estimate()


@dataclass(frozen=True, config=_SHAPE)
class OptionTaken:
    """That a step takes an option."""

    step: Position
    option: Position


@dataclass(frozen=True, config=_SHAPE)
class TakenOptions:
    """A condition on steps: that all of them take these options or, with `any_of`, at least one of them."""

    taken: tuple[OptionTaken, ...] = ()
    any_of: Flag = False

    @property
    def ways(self) -> list[dict[int, int]]:
        """The ways in which it holds, each as options by step."""
        if self.any_of:
            return [{one.step: one.option} for one in self.taken]
        return [{one.step: one.option for one in self.taken}]

    def excludes(self, other: TakenOptions) -> bool:
        """Whether the two never hold together, by the options that they name."""
        pairs = ((mine, theirs) for mine in self.ways for theirs in other.ways)
        return all(any(theirs.get(step, option) != option for step, option in mine.items()) for mine, theirs in pairs)


@dataclass(frozen=True, config=_SHAPE)
class NewStep:
    """A move of an actor, or a chance step if `by` is None; without `happens_if` it always happens.

    `unseen`: the earlier steps that the actor has not seen when it moves.
    """

    name: Sentence
    by: Position | None
    options: tuple[NewOption, ...]
    unseen: tuple[Position, ...] = ()
    happens_if: TakenOptions = TakenOptions()


@dataclass(frozen=True, config=_SHAPE)
class NewEnding:
    """An ending, reached if `when` holds and no ending above it is reached; the last one is reached otherwise."""

    name: Sentence
    when: TakenOptions = TakenOptions()


@dataclass(frozen=True, config=_SHAPE)
class NewCrisis:
    """The answers to the form; `avoid`: the ending to avoid, `payoffs[actor][ending]`."""

    title: Sentence
    actors: tuple[NewActor, ...]
    steps: tuple[NewStep, ...]
    endings: tuple[NewEnding, ...]
    avoid: Position
    payoffs: tuple[tuple[Estimate, ...], ...]

    def movers(self) -> set[int]:
        """The actors that make a move."""
        return {step.by for step in self.steps if step.by is not None}


@plain_dataclass(frozen=True)
class AnswerFault:
    """What is wrong with an answer; `at`: its place in the form, such as `actors.0.name`."""

    at: str
    message: str


def faults_of(form: NewCrisis) -> tuple[AnswerFault, ...]:
    """Everything that is wrong with the answers; nothing if `new_crisis_text` can write them."""
    faults = tuple(_counts(form))
    return faults or tuple(
        fault for part in (_title(form), _actors(form), _steps(form), _endings(form), _payoffs(form)) for fault in part
    )


def _counts(form: NewCrisis) -> Iterator[AnswerFault]:
    found = len(form.actors)
    more = tr("at most {most} actors; found {found}", most=MOST_ACTORS, found=found)
    yield from _count("actors", found, 1, MOST_ACTORS, tr("add an actor: at least {least}", least=1), more)
    found = len(form.steps)
    more = tr("at most {most} steps; found {found}", most=MOST_STEPS, found=found)
    yield from _count("steps", found, 1, MOST_STEPS, tr("add a step: at least {least}", least=1), more)
    found = len(form.endings)
    more = tr("at most {most} endings; found {found}", most=MOST_ENDINGS, found=found)
    yield from _count("endings", found, 2, MOST_ENDINGS, tr("add an ending: at least {least}", least=2), more)
    conditions = [(f"endings.{place}.when", ending.when) for place, ending in enumerate(form.endings[:MOST_ENDINGS])]
    for place, step in enumerate(form.steps[:MOST_STEPS]):
        yield from _options(f"steps.{place}.options", len(step.options), 2, MOST_OPTIONS)
        conditions.append((f"steps.{place}.happens_if", step.happens_if))
        if len(step.unseen) > MOST_STEPS:
            more = tr("at most {most} steps; found {found}", most=MOST_STEPS, found=len(step.unseen))
            yield AnswerFault(f"steps.{place}.unseen", more)
    for at, condition in conditions:
        yield from _options(at, len(condition.taken), 0, MOST_TAKEN)
    courses = math.prod(len(step.options) for step in form.steps[:MOST_STEPS])
    if courses > MAX_COURSES:
        message = tr(
            "the options make {found} courses; at most {most}: take out a step or some options",
            found=f"{courses:,}",
            most=f"{MAX_COURSES:,}",
        )
        yield AnswerFault("steps", message)
    if [len(row) for row in form.payoffs] != [len(form.endings)] * len(form.actors):
        yield AnswerFault("payoffs", tr("expected an estimate for each actor and ending"))
    if not 0 <= form.avoid < len(form.endings):
        yield AnswerFault("avoid", tr("choose the ending to avoid"))


def _options(at: str, found: int, least: int, most: int) -> Iterator[AnswerFault]:
    few = tr("add an option: at least {least}", least=least)
    yield from _count(at, found, least, most, few, tr("at most {most} options; found {found}", most=most, found=found))


def _count(at: str, found: int, least: int, most: int, few: str, many: str) -> Iterator[AnswerFault]:
    if found < least:
        yield AnswerFault(at, few)
    elif found > most:
        yield AnswerFault(at, many)


def _title(form: NewCrisis) -> Iterator[AnswerFault]:
    yield from _sentence("title", form.title, MAX_TITLE, tr("give the crisis a title"))


def _actors(form: NewCrisis) -> Iterator[AnswerFault]:
    yield from _names("actors", [actor.name for actor in form.actors])
    for place, actor in enumerate(form.actors):
        yield from _sentence(f"actors.{place}.wants", actor.wants, MAX_SENTENCE)
        if actor.key and not fits_as_key(actor.key):
            message = tr("letters, digits and _, not a digit first, and not a word of the language")
            yield AnswerFault(f"actors.{place}.key", message)
        elif actor.key and actor.key in [other.key for other in form.actors[:place]]:
            yield AnswerFault(f"actors.{place}.key", tr("another actor has this key"))


def _steps(form: NewCrisis) -> Iterator[AnswerFault]:
    yield from _names("steps", [step.name for step in form.steps])
    if not form.movers():
        yield AnswerFault("steps", tr("add a move: somebody must choose something"))
    for place, step in enumerate(form.steps):
        at = f"steps.{place}"
        yield from _names(f"{at}.options", [option.name for option in step.options])
        if step.by is not None and not 0 <= step.by < len(form.actors):
            yield AnswerFault(f"{at}.by", tr("choose who moves"))
        if not all(0 <= earlier < place for earlier in step.unseen):
            yield AnswerFault(f"{at}.unseen", tr("an actor can see earlier steps only"))
        happens_if = step.happens_if
        unknown = tr("choose an option of an earlier step")
        yield from _condition(f"{at}.happens_if", happens_if, form.steps[:place], unknown)
        if step.by is None:
            yield from _odds(at, step)


def _odds(at: str, step: NewStep) -> Iterator[AnswerFault]:
    faults: list[AnswerFault] = []
    for number, option in enumerate(step.options[:-1]):
        place = f"{at}.options.{number}.odds"
        if option.odds.guess is None:
            faults.append(AnswerFault(place, tr("give the odds of this value, from 0 to 1")))
        else:
            faults += _estimate(place, option.odds, 0.0, 1.0, tr("odds are numbers from 0 to 1"))
    if not faults and (total := math.fsum(option.odds.bounds[2] for option in step.options[:-1])) > 1.0:
        message = tr(
            "the odds add up to as much as {total}; at most 1, for the last value gets what is left",
            total=f"{total:.6g}",
        )
        faults.append(AnswerFault(f"{at}.options", message))
    yield from faults


def _endings(form: NewCrisis) -> Iterator[AnswerFault]:
    yield from _names("endings", [ending.name for ending in form.endings])
    for place, ending in enumerate(form.endings[:-1]):
        at = f"endings.{place}.when"
        if not ending.when.taken:
            yield AnswerFault(at, tr("say which option leads here; only the last ending is reached otherwise"))
        yield from _condition(at, ending.when, form.steps, tr("choose an option"))
    if form.endings[-1].when.taken:
        yield AnswerFault(f"endings.{len(form.endings) - 1}.when", tr("the last ending is reached otherwise"))


def _condition(at: str, condition: TakenOptions, steps: Sequence[NewStep], unknown: str) -> Iterator[AnswerFault]:
    options: dict[int, int] = {}
    for number, one in enumerate(condition.taken):
        place = f"{at}.{number}"
        if not (0 <= one.step < len(steps) and 0 <= one.option < len(steps[one.step].options)):
            yield AnswerFault(place, unknown)
        elif not condition.any_of and options.setdefault(one.step, one.option) != one.option:
            yield AnswerFault(place, tr("a step takes one option only: choose 'any of these', or take one out"))


def _payoffs(form: NewCrisis) -> Iterator[AnswerFault]:
    for actor, row in enumerate(form.payoffs):
        for ending, estimate in enumerate(row):
            at = f"payoffs.{actor}.{ending}"
            if estimate.given and estimate.guess is None:
                yield AnswerFault(at, tr("give the best guess as well"))
            elif estimate.given:
                most = f"{MAX_PAYOFF:g}"
                message = tr("a payoff is from -{most} to {most}: choose something larger as the 1", most=most)
                yield from _estimate(at, estimate, -MAX_PAYOFF, MAX_PAYOFF, message)
        if actor in form.movers() and not any(any(estimate.bounds) for estimate in row):
            message = tr("give a payoff other than 0: without one this actor chooses at random")
            yield AnswerFault(f"payoffs.{actor}", message)


def _estimate(at: str, estimate: Estimate, least: float, most: float, message: str) -> Iterator[AnswerFault]:
    low, guess, high = estimate.bounds
    if not least <= min(low, guess, high) <= max(low, guess, high) <= most:
        yield AnswerFault(at, message)
    elif not low <= guess <= high:
        yield AnswerFault(at, tr("from the lowest value over the best guess to the highest"))
    yield from _sentence(at, estimate.because, MAX_SENTENCE)


def _names(at: str, names: Sequence[str]) -> Iterator[AnswerFault]:
    seen: set[str] = set()
    for place, name in enumerate(map(one_line, names)):
        where = f"{at}.{place}.name"
        yield from _sentence(where, name, MAX_NAME, tr("give it a name"))
        if name and name in seen:
            yield AnswerFault(where, tr("another one here has this name"))
        seen.add(name)


def _sentence(at: str, text: str, most: int, missing: str | None = None) -> Iterator[AnswerFault]:
    text = one_line(text)
    if missing and not text:
        yield AnswerFault(at, missing)
    elif len(text) > most:
        yield AnswerFault(at, tr("at most {most} characters; found {found}", most=most, found=len(text)))
    elif printable(text) != text:
        yield AnswerFault(at, tr("take out the control character"))
