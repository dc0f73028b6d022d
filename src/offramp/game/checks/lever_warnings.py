"""Warnings about levers that make a crisis impossible: odds, payments or rationalities that no game can have."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from offramp.crisis.faults import CrisisError, Fault
from offramp.crisis.inputs import apply_lever, in_one_draw
from offramp.crisis.lever import Lever
from offramp.game.compiler import compile_crisis
from offramp.game.game import Game
from offramp.game.tables import Draws, check_tables

LEFT_OUT = "if a draw comes to this, the lever is left out of the ranking of levers"


def impossible_levers(game: Game, draws: Draws, max_nodes: int) -> Iterator[Fault]:
    """A warning for each lever not yet pulled that, alone, makes the crisis impossible in some of the draws.

    `draws`: the first is at the medians; what fails there is told first.

    Raises
    ------
    CrisisError
        If a lever that allows options or commits an actor makes no game of at most `max_nodes` nodes.
    """
    crisis = game.crisis
    for lever in crisis.levers.values():
        if lever.key in crisis.pulled:
            continue
        changed = bool(lever.allows or lever.commits)
        with_it = compile_crisis(crisis.with_levers(lever.key), max_nodes=max_nodes) if changed else game
        if not lever.sets:
            continue
        wrong = _wrong(with_it, lever, draws)
        if wrong and lever.forbids and not changed:  # what it forbids may be what fails
            with_it = compile_crisis(crisis.with_levers(lever.key), max_nodes=max_nodes)
            wrong = _wrong(with_it, lever, draws)
        if wrong:
            medians = Draws({name: value[:1] for name, value in draws.values.items()}, draws.labels[:1])
            yield Fault(lever.place, f"{_wrong(with_it, lever, medians) or wrong}; {LEFT_OUT}")


def _wrong(game: Game, lever: Lever, draws: Draws) -> str:
    """What a lever makes impossible in a block of draws, in words; empty if nothing."""
    values = apply_lever(lever, draws.values)
    for name, expression in lever.sets.items():
        finite = np.isfinite(values[name])
        if not finite.all():
            draw = int(np.argmin(finite))
            where = ": ".join(filter(None, (draws.labels[draw], in_one_draw(draws.values, expression, draw))))
            return f"lever '{lever.key}' sets '{name}' to a value that is not a finite number ({where})"
    try:
        check_tables(game, Draws(values, draws.labels), frozenset(lever.sets))
    except CrisisError as error:
        return f"with lever '{lever.key}' pulled, {error.faults[0].message}"
    return ""
