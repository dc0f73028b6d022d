"""Warnings about levers that change nothing: what they set is as it was, or nothing that they change is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.checks.warnings_of_text import names_in_use
from offramp.crisis.expressions.expression import Call, Compare, Expression, IfElse, Logic, Member, walk
from offramp.crisis.faults import Fault
from offramp.crisis.inputs import apply_lever
from offramp.crisis.lever import Lever
from offramp.crisis.model import Crisis
from offramp.game.tables import Draws

SAME = 1e-12
"""Relative difference up to which two values of an input are the same."""

Blocks = tuple[Callable[[], Draws], ...]


def idle_levers(crisis: Crisis, draws: Blocks, available: Mapping[str, set[str]]) -> Iterator[Fault]:
    """A warning for each lever not yet pulled that changes nothing in any of the draws, whatever else is pulled.

    `draws`: blocks of draws, some of them with other levers pulled, each made when it is needed. `available`: by move,
    the options that are available somewhere, with every lever that allows options.
    """
    used = names_in_use(crisis)
    for lever in crisis.levers.values():
        if lever.key in crisis.pulled:
            continue
        idle = [*_idle_sets(crisis, lever, draws, used), *_idle_options(lever, available)]
        parts = len(lever.sets) + len(lever.commits)  # committed to what is never available, a crisis has no game
        parts += sum(len(options) for by_move in (lever.forbids, lever.allows) for options in by_move.values())
        if len(idle) == parts:
            why = ", and ".join(idle)
            message = f"lever '{lever.key}' changes nothing: {why}; change something else, or leave it out"
            yield Fault(lever.place, message)


def _idle_sets(crisis: Crisis, lever: Lever, draws: Blocks, used: set[str]) -> Iterator[str]:
    """Why each input that a lever sets without effect has none."""
    for name, expression in lever.sets.items():
        if all(_same(values[name], apply_lever(lever, values)[name]) for values in (block().values for block in draws)):
            number = crisis.inputs[name].distribution
            value = f", {number.median:g}" if number.kind == "constant" else ""
            tried = "in the values tried, " if _has_steps(expression) else ""
            yield f"{tried}it sets '{name}' to what it is anyway{value}"
        elif name not in used:
            yield f"nothing uses '{name}', which it sets"


def _idle_options(lever: Lever, available: Mapping[str, set[str]]) -> Iterator[str]:
    """Why each option that a lever names without effect has none."""
    for does, by_move in (("forbids", lever.forbids), ("allows", lever.allows)):
        for move, options in by_move.items():
            for option in options:
                if option not in available.get(move, ()):
                    yield f"'{option}' of '{move}', which it {does}, is never available"


def _same(before: NDArray[np.float64], after: NDArray[np.float64]) -> bool:
    return bool(np.allclose(before, after, rtol=SAME, atol=0.0))


def _has_steps(expression: Expression) -> bool:
    """Whether a condition or a function stands in an expression, so that it may change what is rarely drawn."""
    return any(isinstance(node, Compare | Member | Logic | IfElse | Call) for node in walk(expression.root))
