"""Random crises in their midst: what has been observed, which agrees with some play, and levers pulled from then on."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from offramp.crisis.model import Crisis
from tests.author import Dice
from tests.crises import crisis_of, dice, written
from tests.plays import plays
from tests.spelling_out import spelt_out
from tests.walker import (
    SKIPPED,
    DecisionNode,
    Key,
    Node,
    Now,
    Position,
    Terminal,
    past_of,
    positions,
    tree,
)


@dataclass(frozen=True)
class Situation:
    """A crisis, perhaps with levers pulled before; by position the values, one of which was observed; later levers."""

    crisis: Crisis
    facts: Mapping[Position, tuple[str, ...]]
    levers: tuple[str, ...]

    @property
    def spelt_out(self) -> Crisis:
        """The crisis without numbers of options and grids, for the walker."""
        return crisis_of(spelt_out(self.crisis.text)).with_levers(*self.crisis.pulled)


def uniform(_key: Key, options: tuple[str, ...]) -> dict[str, float]:
    """Play at random."""
    return dict.fromkeys(options, 1 / len(options))


def situated(number: Dice, most_histories: int, numbered: bool = False) -> Situation:
    """A random situation; now is anywhere from the outset to the end."""
    crisis = crisis_of(written(number, most_histories, numbered=numbered))
    before = tuple(name for name in crisis.levers if number(1, 100) > 80)
    crisis = crisis.with_levers(*possible(crisis, before, Now()))
    found = [play for play in plays(crisis, uniform) if play.probability > 0]
    happened = found[number(0, len(found) - 1)].happened
    order = positions(crisis)[: number(0, 1000) % (len(positions(crisis)) + 1)]
    known = [position for group in order for position in group if number(1, 100) > 65]
    if order:
        known.append(order[-1][number(0, len(order[-1]) - 1)])
    facts = {}
    for position in known:
        others = (*open_options(crisis, position), SKIPPED)
        wide = number(1, 100) > 65
        fact = happened.get(position, SKIPPED)
        facts[position] = tuple(o for o in others if o == fact or (wide and number(0, 1)))
    levers = tuple(name for name in crisis.levers if number(0, 1))
    return Situation(crisis, facts, possible(crisis, levers, Now(past_of(crisis, facts))))


def open_options(crisis: Crisis, position: Position) -> tuple[str, ...]:
    """The options that were open at a position, to some history."""
    found = {play.happened.get(position, SKIPPED) for play in plays(crisis, uniform)}
    return tuple(option for option in crisis.options_of(position[0]) if option in found)


def possible(crisis: Crisis, levers: Sequence[str], now: Now) -> tuple[str, ...]:
    """The levers, but for one that commits an actor to an option that is available nowhere ahead."""

    def menus(node: Node) -> Iterator[tuple[str, tuple[str, ...]]]:
        if isinstance(node, DecisionNode) and node.key[:2] not in now.past:
            yield node.key[0], tuple(node.branches)
        if not isinstance(node, Terminal):
            for child in node.branches.values():
                yield from menus(child)

    without = tuple(name for name in levers if not crisis.levers[name].commits)
    found = [*menus(tree(crisis, now=replace(now, levers=without)))]
    commits = {move: option for name in levers for move, option in crisis.levers[name].commits.items()}
    kept = all(
        any(option in menu for at, menu in found if at == move) or all(at != move for at, _ in found)
        for move, option in commits.items()
    )
    return tuple(levers) if kept else without


def situation(seed: int, numbered: bool = False) -> Situation:
    """The situation of a seed."""
    return situated(random.Random(seed).randint, 200, numbered)


@st.composite
def situations(draw: Any, most_histories: int = 100) -> Situation:
    """Situations for Hypothesis."""
    return situated(draw(dice()), most_histories)
