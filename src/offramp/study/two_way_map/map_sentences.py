"""Sentences of a map that are put together from a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from offramp.common.texts import tr
from offramp.common.words import listed


def each_point(held: str, levers: str) -> str:
    """What each point is; `held`: the inputs that the user has set, `levers`: those pulled, or empty."""
    if held and levers:
        return tr(
            "Each point is one solve, the inputs that are no axis at their medians, but {held}; levers pulled: "
            "{levers}.",
            held=held,
            levers=levers,
        )
    if held:
        return tr("Each point is one solve, the inputs that are no axis at their medians, but {held}.", held=held)
    if levers:
        return tr(
            "Each point is one solve, the inputs that are no axis at their medians; levers pulled: {levers}.",
            levers=levers,
        )
    return tr("Each point is one solve, the inputs that are no axis at their medians.")


def alternatives(ways: Mapping[str, Sequence[str]]) -> str:
    """Each alternative with the conditions under which it becomes the likeliest."""
    first, *others = (
        tr("{name} where {conditions}", name=name, conditions=listed(where, last="or")) for name, where in ways.items()
    )
    for other in others:
        first = tr("{first}, and {last}", first=first, last=other)
    return first
