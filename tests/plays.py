"""The oracle's whole plays: every history of a crisis with its probability, what happened in it, and its ending."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from offramp.crisis import model
from tests.walker import ANALYST, ChanceNode, DecisionNode, Node, Profile, Terminal, _Grower, _History, with_pulled
from tests.walker import medians as medians_of

Happened = Mapping[tuple[str, int], str]
"""By step and round (0 outside rounds) the option, or `skipped`; steps of rounds not played are missing."""


@dataclass(frozen=True)
class Play:
    """One history: its probability in the analyst's odds, what happened, and its ending."""

    probability: float
    happened: Happened
    ending: str | None

    def agrees(self, known: Happened) -> bool:
        """Whether it is as is known."""
        return all(self.happened.get(step, "skipped") == option for step, option in known.items())


@dataclass(frozen=True)
class _Remembered(_History):
    happened: Happened = field(default_factory=dict)

    def step(self, step: model.Chance | model.Move, value: str) -> _History:
        happened = {**self.happened, (step.key, self.round): value}
        return replace(super().step(step, value), happened=happened)  # type: ignore[call-arg]


@dataclass(frozen=True)
class _Ended(Terminal):
    happened: Happened


@dataclass(frozen=True)
class _Chronicler(_Grower):
    def grow(self, inputs: Mapping[str, float]) -> Node:
        nothing: dict[tuple[str, str], float] = {(term.actor, term.key): 0 for term in self.crisis.terms}
        return self.timeline(0, self.started(-1, _Remembered(with_pulled(self.crisis, inputs), nothing)))

    def timeline(self, position: int, history: _History) -> Node:
        node = super().timeline(position, history)
        if isinstance(node, Terminal) and not isinstance(node, _Ended):
            assert isinstance(history, _Remembered)
            return _Ended(node.ending, node.paid, history.happened)
        return node


def plays(crisis: model.Crisis, profile: Profile, inputs: Mapping[str, float] | None = None) -> list[Play]:
    """Every play of one draw of the inputs, by default their medians."""
    found = []
    root = _Chronicler(crisis).grow(medians_of(crisis) if inputs is None else inputs)
    waiting: list[tuple[Node, float]] = [(root, 1.0)]
    while waiting:
        node, probability = waiting.pop()
        if isinstance(node, _Ended):
            found.append(Play(probability, node.happened, node.ending))
            continue
        assert isinstance(node, ChanceNode | DecisionNode)
        shares = node.odds[ANALYST] if isinstance(node, ChanceNode) else profile(node.key, tuple(node.branches))
        waiting += [(child, probability * shares[option]) for option, child in node.branches.items()]
    return found
