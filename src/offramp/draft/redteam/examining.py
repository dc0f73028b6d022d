"""Looks a crisis over for what is weak in it, with a program and without a model; nothing is changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from offramp.common.texts import tr
from offramp.draft.redteam.best_options import Solving, solving
from offramp.draft.redteam.cited_support import unsupported
from offramp.draft.redteam.draft_quotes import failing_quotes
from offramp.draft.redteam.equal_numbers import equal_numbers
from offramp.draft.redteam.reach import out_of_reach
from offramp.draft.redteam.target import Target
from offramp.draft.redteam.weak_point import MEANS, WeakPoint, warned
from offramp.game.checks.game_warnings import warnings_of
from offramp.game.compiler import MAX_NODES


@dataclass(frozen=True)
class Examined:
    """The weak points of a crisis in the order of their kinds, and what solving some draws showed."""

    points: tuple[WeakPoint, ...]
    solving: Solving


def examined(target: Target) -> Examined:
    """The weak points of a crisis that a program finds; raises CrisisError as `warnings_of`."""
    game, draft = target.game, target.draft
    crisis = game.crisis
    answer = tr("a change in the file, or why it may stay as it is")
    checked = [warned("check", fault, answer) for fault in warnings_of(game, MAX_NODES)]
    solved = solving(game)
    quotes = failing_quotes(draft, target.file.parent) if draft is not None else ()
    points = [
        *quotes,
        *unsupported(crisis, target.texts),
        *equal_numbers(crisis),
        *solved.points,
        *out_of_reach(game),
        *checked,
    ]
    return Examined(in_order(points), solved)


def in_order(points: Iterable[WeakPoint]) -> tuple[WeakPoint, ...]:
    """Weak points by their kinds, then by their place in the file; of equal ones, one."""
    kinds = list(MEANS)
    return tuple(
        sorted({point.id: point for point in points}.values(), key=lambda point: (kinds.index(point.kind), point.lines))
    )
