"""Naive evaluation of a profile in a small tree, node by node: values, beliefs and best replies."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from offramp.gambit.tree import CHANCE_PLAYER, NONE, Tree
from tests.gambit.gametrees import children, walked
from tests.walker import ChanceNode, Key, Node, Terminal

Choice = Mapping[int, list[float]]
"""Choice probabilities of each player's set, by the set's index in the tree."""


@dataclass(frozen=True)
class Judged:
    """By node: `reach` and each player's `values`; by set: `beliefs` of its nodes in order, its options' `worth`."""

    reach: list[float]
    values: list[list[float]]
    beliefs: dict[int, list[float]]
    worth: dict[int, list[float]]


def judge(tree: Tree, choice: Choice, beliefs: Mapping[int, list[float]] | None = None) -> Judged:
    """Evaluate a profile; given beliefs replace Bayes' rule as weights of the nodes of sets."""
    after = children(tree)
    reach = [0.0] * tree.nodes
    values = [[0.0] * len(tree.players) for _ in range(tree.nodes)]
    reach[0] = 1.0

    def shares(node: int) -> list[float]:
        one = tree.sets[tree.node_set[node]]
        return [float(share) for share in one.odds] if one.odds else list(choice[int(tree.node_set[node])])

    for node in range(tree.nodes):
        for child, share in zip(after[node], shares(node) if after[node] else [], strict=True):
            reach[child] = reach[node] * share
    for node in reversed(range(tree.nodes)):
        outcome = int(tree.node_outcome[node])
        if outcome != NONE:
            values[node] = [float(amount) for amount in tree.outcomes[outcome].payoffs]
        for child, share in zip(after[node], shares(node) if after[node] else [], strict=True):
            values[node] = [here + share * later for here, later in zip(values[node], values[child], strict=True)]
    members: dict[int, list[int]] = {}
    for node, place in enumerate(tree.node_set.tolist()):
        if place != NONE and tree.sets[place].player != CHANCE_PLAYER:
            members.setdefault(place, []).append(node)
    found: dict[int, list[float]] = {}
    worth = {}
    for place, nodes in members.items():
        total = math.fsum(reach[node] for node in nodes)
        bayes = [reach[node] / total if total > 0 else 0.0 for node in nodes]
        found[place] = list(beliefs[place]) if beliefs else bayes
        worth[place] = [
            math.fsum(
                share * values[after[node][option]][tree.sets[place].player]
                for node, share in zip(nodes, found[place], strict=True)
            )
            for option in range(len(tree.sets[place].actions))
        ]
    return Judged(reach, values, found, worth)


def pure(options: Mapping[int, int]) -> Iterator[dict[int, list[float]]]:
    """Every pure strategy at sets with these numbers of options."""
    for chosen in itertools.product(*map(range, options.values())):
        yield {
            place: [float(option == taken) for option in range(options[place])]
            for place, taken in zip(options, chosen, strict=True)
        }


def ways(tree: Tree, player: int) -> dict[int, int]:
    """The number of options at each of a player's sets."""
    return {place: len(one.actions) for place, one in enumerate(tree.sets) if one.player == player}


def best_payoff(tree: Tree, choice: Choice, player: int) -> float:
    """A player's highest payoff from a pure strategy against the others' choices."""
    return max(walked(tree, {**choice, **own})[1][player] for own in pure(ways(tree, player)))


def worth_of(node: Node, actor: str, profile: Mapping[Key, Mapping[str, float]]) -> float:
    """An actor's expected payoff in its own odds from a node of a crisis on."""
    if isinstance(node, Terminal):
        return sum(amount for (whose, _), amount in node.paid.items() if whose == actor)
    shares = node.odds[actor] if isinstance(node, ChanceNode) else profile[node.key]
    return sum(shares[option] * worth_of(branch, actor, profile) for option, branch in node.branches.items())


def best_worth(
    root: Node, actor: str, profile: Mapping[Key, Mapping[str, float]], own: Mapping[Key, tuple[str, ...]]
) -> float:
    """An actor's highest expected payoff, in its own odds, from pure choices at the sets `own`."""
    plans = itertools.product(*own.values())
    return max(
        worth_of(
            root,
            actor,
            {
                **profile,
                **{
                    key: {option: float(option == taken) for option in own[key]}
                    for key, taken in zip(own, plan, strict=True)
                },
            },
        )
        for plan in plans
    )
