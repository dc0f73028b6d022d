"""Steps, facts and beliefs of a match in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

from offramp.common.numerals import percent
from offramp.equilibrium.conditioning import SKIPPED
from offramp.study.explanation.motives import Belief
from offramp.study.wording import plain


def choice_in_words(step: str, number: int) -> str:
    """A step in a round (0 outside rounds).

    Examples
    --------
    >>> choice_in_words("iran_answer", 2)
    'iran answer, round 2'
    """
    return f"{plain(step)}, round {number}" if number else plain(step)


def step_in_words(name: str, actor: str | None, step: str, value: str, number: int) -> str:
    """What was done or happened: by the actor called `name`, or by chance, where `actor` is None.

    Examples
    --------
    >>> step_in_words("Iran", "iran", "iran_answer", "stand_down", 1)
    'Iran chose stand down at iran answer in round 1'
    >>> step_in_words("chance", None, "damage", "hits", 0)
    'damage: hits'
    """
    when = f" in round {number}" if number else ""
    if actor is None:
        return f"{plain(step)}{when}: {plain(value)}"
    return f"{name} chose {plain(value)} at {plain(step)}{when}"


def knew(facts: Mapping[str, str]) -> str:
    """Facts in a line.

    Examples
    --------
    >>> knew({"quiet_word": "send", "war@1": "0"})
    'quiet word send, war in round 1 0'
    """
    return ", ".join(f"{plain(label)} {_made(value)}" for label, value in facts.items()) or "–"


def believed(beliefs: Iterable[Belief]) -> str:
    """Of each step the likeliest value, with its odds and, in brackets, those at the outset, given that it is made.

    How likely it is to be made stands before that, where the actor cannot know. Others' moves are left out while
    nothing has been learned of them.

    Examples
    --------
    >>> rings, none = Belief("alarm", 0, True, "rings", 0.2, 0.4), Belief("alarm", 0, True, "skipped", 0.5, 0.3)
    >>> believed([rings]), believed([rings, none])
    ('alarm rings 40.0% (20.0%)', 'alarm made 70.0% (50.0%), then rings 40.0% (20.0%)')
    """
    told = []
    for (step, number), found in groupby(beliefs, key=lambda belief: (belief.step, belief.round)):
        values = list(found)
        if not values[0].of_chance and not any(value.has_moved for value in values):
            continue
        label = plain(f"{step}@{number}" if number else step)
        for value in values:
            if value.value == SKIPPED:
                label += f" made {percent(1.0 - value.now)} ({percent(1.0 - value.before)}), then"
        likeliest = max((value for value in values if value.value != SKIPPED), key=lambda belief: belief.now)
        told.append(f"{label} {plain(likeliest.value)} {percent(likeliest.now)} ({percent(likeliest.before)})")
    return ", ".join(told) or "–"


def _made(value: str) -> str:
    return "not made" if value == SKIPPED else plain(value)
