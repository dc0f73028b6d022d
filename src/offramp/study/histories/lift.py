"""What sets an ending apart: how often each choice occurs on plays to it, against how often it occurs at all."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.common.numerals import percent
from offramp.common.texts import tr
from offramp.crisis.expressions.expression import SKIPPED
from offramp.crisis.names import Names
from offramp.equilibrium.as_of_now import open_edges
from offramp.equilibrium.conditioning import condition_play
from offramp.equilibrium.counting import ending_of_payoffs
from offramp.equilibrium.sweeps import Block
from offramp.game.game import CHANCE
from offramp.study.finding import Column, Table, Value

Array = NDArray[np.float64]

APART = 0.02
"""A share on plays to the ending that is larger by less than this tells nothing."""
NAMED, CHANCE_NAMED = 3, 2
"""Number of choices, and of chance steps, that a sentence names."""


@dataclass(frozen=True)
class Telling:
    """A value of a step in a round (0 outside rounds): its share of the plays to an ending, and of all plays.

    `value` may be `skipped`. `of_chance`: whether it is a chance step.
    """

    step: str
    round: int
    of_chance: bool
    value: str
    within: float
    overall: float

    @property
    def lift(self) -> float:
        """How many times as often it occurs on plays to the ending as on all (Brin, Motwani & Silverstein 1997)."""
        return self.within / self.overall

    @property
    def weight(self) -> float:
        """How telling it is: its part of the relative entropy of its step's values, in nats."""
        return self.within * math.log(self.lift)


def telling_choices(block: Block, choice: Array, ending: str) -> tuple[Telling, ...]:
    """The values of steps that occur more often on plays to an ending than on all plays, most telling first.

    Parameters
    ----------
    block
        One draw.
    choice
        Its profile, (slots,).
    ending
        The ending's key; the result is empty if no play leads to it.
    """
    game, profile, known = block.game, choice[:, None], open_edges(block.game)
    ending_of = ending_of_payoffs(game)
    at_once, decided = int(ending_of[game.root_payoff]), ending_of[block.structure.edge_payoff]
    place = game.crisis.ending_index(ending)
    always = condition_play(block, profile, known)
    there = condition_play(block, profile, known & ((decided < 0) | (decided == place)))
    if at_once not in (-1, place) or not there.likelihood[0] > 0.0:
        return ()
    found = []
    for number, layer in enumerate(game.layers):
        shares = []
        for play in (there, always):
            values = play.option_probabilities(number)[:, 0] / play.likelihood[0]
            shares.append([*values.tolist(), max(0.0, 1.0 - float(values.sum()))])
        for value, within, overall in zip((*game.crisis.options_of(layer.step), SKIPPED), *shares, strict=True):
            if within - overall >= APART and overall > 0.0:
                found.append(Telling(layer.step, layer.round, layer.actor == CHANCE, value, within, overall))
    return tuple(sorted(found, key=lambda one: -one.weight))


def set_apart(ending: str, telling: Sequence[Telling], names: Names, movers: Mapping[str, str]) -> str:
    """What sets an ending apart, in a sentence; empty if nothing does.

    Each step is named once, where it tells most, choices before chance. What is not made, or does not arise, is not
    named: it only follows from the end of the crisis. `movers`: each move's actor.
    """
    by_step: dict[str, Telling] = {}
    for one in telling:
        if one.value != SKIPPED:
            by_step.setdefault(one.step, one)
    choices = [one for one in by_step.values() if not one.of_chance][:NAMED]
    chance = [one for one in by_step.values() if one.of_chance][:CHANCE_NAMED]
    named = "; ".join(_in_words(one, names, movers) for one in (*choices, *chance))
    return tr("What sets {ending} apart: {choices}.", ending=names.ending(ending), choices=named) if named else ""


def _in_words(one: Telling, names: Names, movers: Mapping[str, str]) -> str:
    """`Israel chooses a broad reply at Israel's reply in round 1 in 81.2% of its cases (10.8% of all)`."""
    step, value = names.step(one.step, one.round), names.option(one.step, one.value)
    called = {"step": step, "value": value, "within": percent(one.within), "overall": percent(one.overall)}
    if one.of_chance:
        return tr("{step}: {value} in {within} of its cases ({overall} of all)", **called)
    actor = names.actors[movers[one.step]]
    return tr("{actor} chooses {value} at {step} in {within} of its cases ({overall} of all)", actor=actor, **called)


def lift_table(ending: str, telling: Sequence[Telling], names: Names, movers: Mapping[str, str]) -> Table:
    """How often each choice occurs on plays to an ending, and on all."""
    values = {(one.step, one.value): names.option(one.step, one.value) for one in telling}
    columns = (
        Column("step", tr("step"), names=names.steps), Column("round", tr("round"), "count"),
        Column("by", tr("by"), names={"chance": tr("chance")}),
        Column("value", tr("value"), of="step", names=values),
        Column("within", tr("in its cases"), "share"), Column("overall", tr("in all"), "share"),
        Column("lift", tr("times as often"), "number"),
    )  # fmt: skip
    rows: list[tuple[Value, ...]] = [
        (one.step, one.round or None, _by(one, names, movers), one.value, one.within, one.overall, one.lift)
        for one in telling
    ]
    caption = tr("What sets {ending} apart, most telling first", ending=names.ending(ending))
    return Table(f"apart_{ending}", caption, columns, tuple(rows))


def _by(one: Telling, names: Names, movers: Mapping[str, str]) -> str:
    return names.actors[movers[one.step]] if one.step in movers else "chance"
