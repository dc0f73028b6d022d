"""Random crises in their midst: what has been observed, which agrees with some play, and levers pulled from then on."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from offramp.crisis.model import Crisis
from tests.crises import Dice, crisis_of, dice, written
from tests.plays import plays
from tests.walker import SKIPPED, Key, Position, positions


@dataclass(frozen=True)
class Situation:
    """A crisis, perhaps with levers pulled before; by position the values, one of which was observed; later levers."""

    crisis: Crisis
    facts: Mapping[Position, tuple[str, ...]]
    levers: tuple[str, ...]


def uniform(_key: Key, options: tuple[str, ...]) -> dict[str, float]:
    """Play at random."""
    return dict.fromkeys(options, 1 / len(options))


def situated(number: Dice, most_histories: int) -> Situation:
    """A random situation; now is anywhere from the outset to the end."""
    crisis = crisis_of(written(number, most_histories))
    if number(1, 100) > 75:
        crisis = crisis.with_levers("calm")
    found = [play for play in plays(crisis, uniform) if play.probability > 0]
    happened = found[number(0, len(found) - 1)].happened
    order = positions(crisis)[: number(0, 1000) % (len(positions(crisis)) + 1)]
    known = [position for group in order for position in group if number(1, 100) > 65]
    if order:
        known.append(order[-1][number(0, len(order[-1]) - 1)])
    facts = {}
    for position in known:
        others = (*crisis.options_of(position[0]), SKIPPED)
        wide = number(1, 100) > 65
        fact = happened.get(position, SKIPPED)
        facts[position] = tuple(o for o in others if o == fact or (wide and number(0, 1)))
    levers = tuple(name for name in crisis.levers if number(0, 1))
    return Situation(crisis, facts, levers)


def situation(seed: int, most_histories: int = 200) -> Situation:
    """The situation of a seed."""
    return situated(random.Random(seed).randint, most_histories)


@st.composite
def situations(draw: Any, most_histories: int = 100) -> Situation:
    """Situations for Hypothesis."""
    return situated(draw(dice()), most_histories)
