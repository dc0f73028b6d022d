"""Steps, facts and beliefs of a match in words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby

from offramp.common.numerals import percent
from offramp.crisis.expressions.expression import SKIPPED
from offramp.crisis.names import Names
from offramp.study.explanation.motives import Belief

_SIGNS = {"==": "is", "!=": "is not", "in": "is one of", "[": "", "]": ""}


def step_in_words(names: Names, actor: str | None, step: str, value: str, number: int) -> str:
    """What an actor did, or what happened by chance if `actor` is None: `Iran chose a salvo at the answer`."""
    if actor is None:
        return names.fact(f"{step}@{number}" if number else step, value)
    return f"{names.actors[actor]} chose {names.option(step, value)} at {names.step(step, number)}"


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
        phrase = names.step(step, number)
        for belief in values:
            if belief.value == SKIPPED:
                occurs = "arises" if belief.of_chance else "is made"
                phrase += f" {occurs} {percent(1.0 - belief.now)} ({percent(1.0 - belief.before)}), then"
        likeliest = max((belief for belief in values if belief.value != SKIPPED), key=lambda belief: belief.now)
        value = names.option(step, likeliest.value)
        mark = "" if phrase.endswith("then") else ":"
        phrases.append(f"{phrase}{mark} {value} {percent(likeliest.now)} ({percent(likeliest.before)})")
    return "; ".join(phrases) or "–"
