"""Games as read by pygambit, node by node, and its results by our information sets."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pygambit
from pygambit import H

from offramp.gambit.tree import NONE, Tree

MOVE = re.compile(r'^[pc] "(?:[^"\\]|\\.)*"(?: \d+)? (\d+) "((?:[^"\\]|\\.)*)" \{', re.MULTILINE)
"""A non-terminal node in Gambit's file: the number of its information set, which pygambit does not offer."""


@dataclass(frozen=True)
class PeerNode:
    """A node and the actions that lead to it; a terminal node has no player, a chance node has odds."""

    path: tuple[str, ...]
    player: str | None
    number: int | None
    label: str | None
    actions: tuple[str, ...]
    odds: tuple[Fraction, ...] | None
    members: int
    outcome: str | None
    payoffs: tuple[Fraction, ...] | None


def efg_of_gambit(text: str) -> Any:
    return pygambit.read_efg(io.BytesIO(text.encode()))


def peer_nodes(game: Any) -> Iterator[PeerNode]:
    """All nodes in preorder, actions in their order."""
    sets = iter([(int(number), label.replace('\\"', '"')) for number, label in MOVE.findall(game.to_efg())])
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        path = waiting.pop()
        at = H.path(*path)
        actions = tuple(game.get_actions(at))
        odds = tuple(Fraction(str(share)) for share in game.get_action_probs(at).values())
        outcome = game.get_outcome(at)
        paid = None if outcome is None else dict(game.get_outcome_payoffs(outcome))
        number, label = next(sets) if actions else (None, None)
        yield PeerNode(
            path=path,
            player=game.get_player(at),
            number=number,
            label=label,
            actions=actions,
            odds=odds or None,
            members=len(game.get_members(at)),
            outcome=outcome,
            payoffs=None if paid is None else tuple(Fraction(str(paid[player])) for player in game.players),
        )
        waiting += [(*path, action) for action in reversed(actions)]


def sets_of(tree: Tree, game: Any) -> dict[int, Any]:
    """The information set in Gambit's game of each of our tree's player sets; both have the same nodes."""
    found: dict[int, Any] = {}
    for place, node in zip(tree.node_set.tolist(), peer_nodes(game), strict=True):
        if place != NONE and tree.sets[place].odds is None:
            found.setdefault(place, H.path(*node.path))
    return found


def shares_of(tree: Tree, game: Any, profile: Any) -> dict[int, dict[str, float]]:
    """The probability of each action in Gambit's profile, by the index of its information set in our tree."""
    return {place: dict(profile[at]) for place, at in sets_of(tree, game).items()}
