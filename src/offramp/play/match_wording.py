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
    """What was done or happened: by the actor called `name`, or by chance if `actor` is None.

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
    """Facts in one line.

    Examples
    --------
    >>> knew({"quiet_word": "send", "war@1": "0"})
    'quiet word send, war in round 1 0'
    """
    return ", ".join(f"{plain(label)} {plain(value)}" for label, value in facts.items()) or "–"


def believed(beliefs: Iterable[Belief]) -> str:
    """The likeliest value of each step, given that it occurs: its odds now and, in brackets, at the outset.

    If the mover cannot know whether the step occurs, how likely that is stands first. Others' moves are left out while
    the mover has learned nothing of them.

    Examples
    --------
    >>> rings, none = Belief("alarm", 0, True, "rings", 0.2, 0.4), Belief("alarm", 0, True, "skipped", 0.5, 0.3)
    >>> believed([rings]), believed([rings, none])
    ('alarm rings 40.0% (20.0%)', 'alarm arises 70.0% (50.0%), then rings 40.0% (20.0%)')
    """
    phrases = []
    for (step, number), of_step in groupby(beliefs, key=lambda belief: (belief.step, belief.round)):
        values = list(of_step)
        if not values[0].of_chance and not any(belief.has_moved for belief in values):
            continue
        phrase = plain(f"{step}@{number}" if number else step)
        for belief in values:
            if belief.value == SKIPPED:
                occurs = "arises" if belief.of_chance else "is made"
                phrase += f" {occurs} {percent(1.0 - belief.now)} ({percent(1.0 - belief.before)}), then"
        likeliest = max((belief for belief in values if belief.value != SKIPPED), key=lambda belief: belief.now)
        phrases.append(f"{phrase} {plain(likeliest.value)} {percent(likeliest.now)} ({percent(likeliest.before)})")
    return ", ".join(phrases) or "–"
