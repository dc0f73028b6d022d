"""Following a profile through every history of a crisis."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from offramp.crisis import model
from tests.walker.arithmetic import Number, Sums
from tests.walker.growing import ANALYST, ChanceNode, DecisionNode, Key, Node, Terminal, tree

Profile = Callable[[Key, tuple[str, ...]], Mapping[str, float]]
"""A profile gives, at an information set with these options, the probability of each."""


@dataclass
class Walk:
    """What a profile does in a crisis.

    `endings`, `payoffs` and `reached` follow the analyst's odds, `own_eyes` each actor's own.
    `option_values` are means of the mover's total payoff over an information set's histories, weighted
    with full reach in its own odds; they and `support` leave out the sets that its odds never reach.
    """

    endings: dict[str, float]
    payoffs: dict[str, dict[str, float]]
    own_eyes: dict[str, float] = field(default_factory=dict)
    option_values: dict[Key, dict[str, float]] = field(default_factory=dict)
    reached: dict[Key, float] = field(default_factory=lambda: defaultdict(float))
    support: set[Key] = field(default_factory=set)
    options: dict[Key, tuple[str, ...]] = field(default_factory=dict)
    actors: dict[Key, str] = field(default_factory=dict)
    histories: int = 0
    nodes_tree: int = 0


def walk(crisis: model.Crisis, profile: Profile, inputs: Mapping[str, float] | None = None) -> Walk:
    """Follow a profile through every history of one draw of the inputs; their medians by default."""
    found = Walk(
        endings={ending.key: 0.0 for ending in crisis.endings},
        payoffs={name: {term.key: 0.0 for term in crisis.terms if term.actor == name} for name in crisis.actors},
    )
    weighted: dict[Key, list[tuple[float, dict[str, float]]]] = defaultdict(list)
    # The tree and the sums hold what has an identity here to the end.
    add, floats, odds_in_floats = Sums(), dict[int, float](), dict[int, dict[str, float]]()

    def as_float(number: Number) -> float:
        if id(number) not in floats:
            floats[id(number)] = float(number)
        return floats[id(number)]

    def as_floats(odds: Mapping[str, Number]) -> dict[str, float]:
        if id(odds) not in odds_in_floats:
            odds_in_floats[id(odds)] = {option: float(share) for option, share in odds.items()}
        return odds_in_floats[id(odds)]

    def visit(node: Node, reach: Mapping[str, float]) -> dict[str, float]:
        """Each actor's expected total payoff from here on, in its own odds."""
        found.nodes_tree += 1
        if isinstance(node, Terminal):
            found.histories += 1
            if node.ending is not None:
                found.endings[node.ending] += reach[ANALYST]
            totals: dict[str, Number] = dict.fromkeys(crisis.actors, 0)
            for (actor, term), paid in node.paid.items():
                if paid:
                    found.payoffs[actor][term] += reach[ANALYST] * as_float(paid)
                    totals[actor] = add(totals[actor], paid)
            return {actor: as_float(total) for actor, total in totals.items()}
        if isinstance(node, ChanceNode):
            odds = {who: as_floats(shares) for who, shares in node.odds.items()}
        else:
            options = tuple(node.branches)
            choice = profile(node.key, options)
            odds = dict.fromkeys(reach, choice)
            assert found.options.setdefault(node.key, options) == options, f"a menu that gives facts away: {node.key}"
            found.actors[node.key] = node.actor
            found.reached[node.key] += reach[ANALYST]
        values = {
            option: visit(child, {who: p * odds[who][option] for who, p in reach.items()})
            for option, child in node.branches.items()
        }
        if isinstance(node, DecisionNode):
            taken = {option: value[node.actor] for option, value in values.items()}
            weighted[node.key].append((reach[node.actor], taken))
        return {who: sum(odds[who][o] * value[who] for o, value in values.items()) for who in crisis.actors}

    root = tree(crisis, inputs)
    found.own_eyes = visit(root, dict.fromkeys([ANALYST, *crisis.actors], 1.0))
    for key, cases in weighted.items():
        total = sum(weight for weight, _ in cases)
        if total > 0:
            found.support.add(key)
            found.option_values[key] = {
                option: sum(weight * value[option] for weight, value in cases) / total for option in found.options[key]
            }
    return found
