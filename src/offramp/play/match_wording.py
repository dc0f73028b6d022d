"""Steps, facts and beliefs of a match in words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby

from offramp.common.numerals import percent
from offramp.common.texts import tr
from offramp.crisis.expressions.expression import SKIPPED
from offramp.crisis.names import Names
from offramp.study.explanation.motives import Belief

_SIGNS = {
    "==": tr("is"),
    "!=": tr("is not"),
    "in": tr("is one of"),
    "and": tr("and"),
    "or": tr("or"),
    "not": tr("not"),
    "[": "",
    "]": "",
}


def step_in_words(names: Names, actor: str | None, step: str, value: str, number: int) -> str:
    """What an actor did, or what happened by chance if `actor` is None: `Iran chose a salvo at the answer`."""
    if actor is None:
        return names.fact(f"{step}@{number}" if number else step, value)
    return tr(
        "{actor} chose {option} at {move}",
        actor=names.actors[actor],
        option=names.option(step, value),
        move=names.step(step, number),
    )


def condition_in_words(names: Names, text: str) -> str:
    """A condition as written in the file, with names in place of keys: `the quiet word is a notice and ...`."""
    step, words = "", []
    for token in re.findall(r"\w+|[=!<>]=|\S", text):
        step = token if token in names.steps else step
        words.append(names.steps.get(token) or names.options.get((step, token)) or _SIGNS.get(token, token))
    return re.sub(r" (?=[,)])|(?<=\() ", "", " ".join(filter(None, words)).replace("_", " "))


def believed(names: Names, beliefs: Iterable[Belief]) -> str:
    """The likeliest value of each step, given that it occurs: its odds now and, in brackets, at the outset.

    If the mover cannot know whether the step occurs, how likely that is stands first. Others' moves are left out while
    the mover has learned nothing of them.
    """
    phrases = []
    for (step, number), of_step in groupby(beliefs, key=lambda belief: (belief.step, belief.round)):
        values = list(of_step)
        if not values[0].of_chance and not any(belief.has_moved for belief in values):
            continue
        likeliest = max((belief for belief in values if belief.value != SKIPPED), key=lambda belief: belief.now)
        value = f"{names.option(step, likeliest.value)} {percent(likeliest.now)} ({percent(likeliest.before)})"
        skipped = next((belief for belief in values if belief.value == SKIPPED), None)
        phrases.append(_belief(names.step(step, number), skipped, value))
    return "; ".join(phrases) or "–"


def _belief(step: str, skipped: Belief | None, value: str) -> str:
    """The odds that a step occurs, if that cannot be known, and its likeliest value then."""
    if skipped is None:
        return f"{step}: {value}"
    occurs = f"{percent(1.0 - skipped.now)} ({percent(1.0 - skipped.before)})"
    if skipped.of_chance:
        return tr("{step} arises {share}, then {value}", step=step, share=occurs, value=value)
    return tr("{step} is made {share}, then {value}", step=step, share=occurs, value=value)
