"""Golden playthroughs: one play of each shipped crisis, written down step by step.

`python -m tests.golden.record` records them anew, after a change that is meant to change them. A play is
sampled from the solved equilibrium, and played by the naive walker, which shares no code with the compiler:
what everybody has come to see, the odds, what each option is worth to its mover, and what is paid at the end.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

import offramp
from offramp.crisis.model import Crisis
from offramp.crisis.steps import Chance, Move, Step
from offramp.crisis.templates import templates
from offramp.gambit.opening import compile_game
from tests.game.test_against_walker import by_key
from tests.shipped import CRISES
from tests.walker import (
    ANALYST,
    ChanceNode,
    DecisionNode,
    Grower,
    History,
    Key,
    Node,
    Terminal,
    Value,
    holds,
    medians,
)

FOLDER = Path(__file__).parent
SEED = 1962
SHIPPED = {
    **{path.parent.name: path for path in sorted(CRISES.glob("*/crisis.yaml"))},
    **templates(),
}
"""By name of the recording, the file of the crisis."""


@dataclass(frozen=True)
class _Player(Grower):
    """A walker that grows one history of the tree: every step is sampled when it comes."""

    profile: Mapping[Key, Mapping[str, float]]
    worth: Mapping[Key, Mapping[str, float]]
    rng: np.random.Generator
    steps_taken: list[dict[str, Any]] = field(default_factory=list)
    known: dict[str, dict[str, Value]] = field(default_factory=dict)

    def steps(self, steps: tuple[Step, ...], history: History, then: Any) -> Node:
        if steps and isinstance(steps[0], Chance | Move) and holds(steps[0].condition, history.values):
            step = steps[0]
            entry: dict[str, Any] = {"step": step.key, "round": history.round, "came_to_see": self.news(history)}
            entry |= self.chance(step, history) if isinstance(step, Chance) else self.move(step, history)
            self.steps_taken.append(entry)
            steps = (replace(step, options=(entry["taken"],)), *steps[1:])
        return super().steps(steps, history, then)

    def timeline(self, position: int, history: History) -> Node:
        if position == len(self.crisis.timeline):
            self.steps_taken.append({"step": "the end", "round": 0, "came_to_see": self.news(history)})
        return super().timeline(position, history)

    def chance(self, step: Chance, history: History) -> dict[str, Any]:
        odds = {who: {o: float(p) for o, p in shares.items()} for who, shares in self.odds(step, history).items()}
        own = {actor: odds[actor] for actor in self.crisis.actors if odds[actor] != odds[ANALYST]}
        return {"odds": odds[ANALYST], "own_odds": own, "taken": self.taken(odds[ANALYST])}

    def move(self, step: Move, history: History) -> dict[str, Any]:
        sees = self.sees(step.by, history)
        key = step.key, history.round, frozenset(sees.items())
        base = next(iter(self.worth[key].values()))
        assert list(self.profile[key]) == self.available(step, history)
        return {
            "actor": step.by,
            "sees": sees,
            "probability": dict(self.profile[key]),
            "worth_more_than_the_first": {option: worth - base for option, worth in self.worth[key].items()},
            "taken": self.taken(self.profile[key]),
        }

    def taken(self, shares: Mapping[str, float]) -> str:
        (drawn,) = np.searchsorted(np.cumsum(list(shares.values())), [self.rng.uniform()], side="right")
        return list(shares)[min(int(drawn), len(shares) - 1)]

    def news(self, history: History) -> dict[str, dict[str, Value]]:
        """What each actor sees now that it did not see, or not so, at the step before."""
        news = {}
        for actor in self.crisis.actors:
            sees, known = self.sees(actor, history), self.known.get(actor, {})
            news[actor] = {label: value for label, value in sees.items() if known.get(label) != value}
            self.known[actor] = sees
        return {actor: found for actor, found in news.items() if found}


def playthrough(crisis: Crisis, seed: int = SEED) -> dict[str, Any]:
    """One play of a crisis at the medians of its inputs, sampled from its equilibrium."""
    solution = offramp.solve(compile_game(crisis))
    assert solution.converged
    game = solution.game
    player = _Player(
        crisis, by_key(game, solution.choice), by_key(game, solution.option_values), np.random.default_rng(seed)
    )
    node = player.grow(medians(crisis))
    while not isinstance(node, Terminal):
        assert isinstance(node, ChanceNode | DecisionNode)
        (node,) = node.branches.values()
    paid: dict[str, dict[str, float]] = {actor: {} for actor in crisis.actors}
    for (actor, term), amount in node.paid.items():
        paid[actor][term] = float(amount)
    return {
        "title": crisis.title,
        "seed": seed,
        "rationality": dict(solution.rationality),
        "steps": player.steps_taken,
        "paid": paid,
        "ending": node.ending,
    }


def main() -> None:
    for name, path in SHIPPED.items():
        crisis = offramp.read(path)
        assert isinstance(crisis, Crisis)
        (FOLDER / f"{name}.json").write_text(json.dumps(playthrough(crisis), indent=1, ensure_ascii=False) + "\n")
        print(f"recorded {name}")


if __name__ == "__main__":
    main()
