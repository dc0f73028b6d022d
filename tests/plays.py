"""The oracle's whole plays: every history of a crisis with its probability, what happened in it, and its ending."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from offramp.crisis import model
from tests.walker import ANALYST, ChanceNode, Node, Position, Profile, Terminal, tree

Happened = Mapping[Position, str]
"""By step and round (0 outside rounds) the option, or `skipped`; steps of rounds not played are missing."""
Facts = Mapping[tuple[str, int], tuple[str, ...]]
"""By step and round the values, one of which the step has."""


@dataclass(frozen=True)
class Play:
    """One history: its probability in the analyst's odds, what happened, and its ending."""

    probability: float
    happened: Happened
    ending: str | None

    def agrees(self, known: Facts) -> bool:
        """Whether it is as is known."""
        return all(self.happened.get(step, "skipped") in values for step, values in known.items())


def plays(crisis: model.Crisis, profile: Profile, inputs: Mapping[str, float] | None = None) -> list[Play]:
    """Every play of one draw of the inputs, by default their medians."""
    found = []
    waiting: list[tuple[Node, float]] = [(tree(crisis, inputs), 1.0)]
    while waiting:
        node, probability = waiting.pop()
        if isinstance(node, Terminal):
            found.append(Play(probability, node.happened, node.ending))
            continue
        shares = node.odds[ANALYST] if isinstance(node, ChanceNode) else profile(node.key, tuple(node.branches))
        waiting += [(child, probability * shares[option]) for option, child in node.branches.items()]
    return found
