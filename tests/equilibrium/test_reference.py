"""Solutions against equilibria computed by others, and solutions of random games."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import offramp
from offramp.gambit.efg import read_efg
from offramp.gambit.opening import compile_game
from offramp.gambit.tokens import decoded
from offramp.gambit.tree import CHANCE_PLAYER, NONE, Tree
from offramp.game.game import Game
from tests.equilibrium.games import by_set, parts
from tests.gambit.gametrees import children
from tests.reference_data import DATA

REFERENCE = DATA / "aqre_reference.json"
GAMES = 30


def sets_at_paths(tree: Tree) -> dict[tuple[int, ...], int]:
    """Each player's set, by the path of positions of actions to each of its nodes."""
    after, found = children(tree), {}
    waiting: list[tuple[int, tuple[int, ...]]] = [(0, ())]
    while waiting:
        node, path = waiting.pop()
        waiting += [(child, (*path, action)) for action, child in enumerate(after[node])]
        place = int(tree.node_set[node])
        if place != NONE and tree.sets[place].player != CHANCE_PLAYER:
            found[path] = place
    return found


def compared(game: Game, tree: Tree, known: dict[str, Any]) -> Iterator[tuple[offramp.Solution, float, bool]]:
    """At each point of a game: our solution, its largest distance from the reference, and whether that is gold."""
    by_path = sets_at_paths(tree)
    places = [by_path[tuple(one["first_member_path"])] for one in known["infosets"]]
    assert sorted(places) == sorted(set(by_path.values()))
    assert [len(tree.sets[place].actions) for place in places] == [one["n_actions"] for one in known["infosets"]]
    for point in known["solutions"]:
        solution = offramp.solve(game, rationality=point["lam"])
        assert set(solution.rationality.values()) == {point["lam"]}
        ours = by_set(tree, game, solution.choice)
        flat = np.concatenate([ours[place] for place in places])
        yield solution, float(np.abs(flat - point["probs"]).max()), point["gold"]


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference equilibria are not here")
def test_the_reference_points_are_all_certified_and_equal_to_gold_on_the_principal_branch() -> None:
    points = principal = 0
    for file, known in json.loads(REFERENCE.read_text()).items():
        tree = read_efg(decoded((DATA / "games" / file).read_bytes()), file)
        for solution, distance, gold in compared(compile_game(tree), tree, known):
            points += 1
            assert solution.certificate.residual <= 1e-9, file
            assert solution.status in ("principal", "bifurcation"), file
            if gold and solution.status == "principal":
                principal += 1
                assert distance <= 1e-7, (file, solution.rationality)
    assert points == 432
    assert principal >= 400


def random_tree(number: int) -> tuple[str, float]:
    """A game of perfect recall for 2 to 5 actors, some with two types, and the range of its payoffs.

    Level after level belongs to an actor or to chance; who does not see a level never does. Half of the
    games hide most.
    """
    rng = np.random.default_rng((3, number))
    actors = int(rng.integers(2, 6))
    types = [int(kinds) for kinds in rng.integers(1, 3, size=actors)] if number % 3 else [1] * actors
    while math.prod(types) > 8:
        types[types.index(2)] = 1
    most, count = math.exp(rng.uniform(math.log(10), math.log(500))), math.prod(types)
    levels: list[tuple[int, int, list[bool]]] = []
    while 2 * count <= most or not levels:
        mover = -1 if levels and rng.random() < 0.15 else int(rng.integers(actors))
        options = int(rng.integers(2, 4))
        seen = (rng.random(actors) < (0.15 if number % 2 else 0.7)).tolist()
        levels.append((mover, options, [sees or actor == mover for actor, sees in enumerate(seen)]))
        count *= options
    sets: dict[tuple[int, int, tuple[int, ...]], int] = {}
    lines = [f'EFG 2 R "{number}" {{ {" ".join(chr(34) + "P" + str(actor) + chr(34) for actor in range(actors))} }}']
    paid: list[float] = []

    def chance(width: int, name: int) -> None:
        shares = rng.integers(1, 20, size=width)
        odds = " ".join(f'"{k}" {share}/{shares.sum()}' for k, share in enumerate(shares))
        lines.append(f'c "" {name} "" {{ {odds} }} 0')

    def grow(depth: int, seen: tuple[tuple[int, ...], ...]) -> None:
        if depth == len(levels):
            paid.extend(amounts := rng.normal(size=actors).round(4).tolist())
            lines.append(f't "" {len(paid)} "" {{ {" ".join(map(str, amounts))} }}')
            return
        mover, options, sees = levels[depth]
        if mover < 0:
            chance(options, len(lines))
        else:
            held = sets.setdefault((depth, mover, seen[mover]), len(sets) + 1)
            names = " ".join(f'"{k}"' for k in range(options))
            lines.append(f'p "" {mover + 1} {held} "" {{ {names} }} 0')
        for option in range(options):
            grow(depth + 1, tuple((*s, depth, option) if sees[actor] else s for actor, s in enumerate(seen)))

    kinds = list(np.ndindex(*types))
    chance(len(kinds), 10**6)
    for kind in kinds:
        grow(0, tuple((own,) for own in kind))
    return "\n".join(lines), max(paid) - min(paid)


@pytest.mark.parametrize("k", [0.5, 50.0])
def test_random_games_are_certified_on_the_principal_branch(k: float) -> None:
    bifurcated = 0
    for number in range(GAMES):
        text, payoff_range = random_tree(number)
        solution = offramp.solve(compile_game(read_efg(text, f"{number}.efg")), rationality=k / payoff_range)
        assert solution.certificate.residual <= 1e-8, number
        assert solution.status in ("principal", "bifurcation"), number
        assert solution.status == "principal" or k > 1
        bifurcated += solution.status == "bifurcation"
    assert bifurcated <= GAMES // 10
    assert parts(solution.game, solution.choice)


def test_random_games_are_of_all_sizes_and_kinds() -> None:
    trees = [read_efg(random_tree(number)[0], "g.efg") for number in range(GAMES)]
    assert min(tree.nodes for tree in trees) < 40
    assert max(tree.nodes for tree in trees) > 300
    assert {len(tree.players) for tree in trees} == {2, 3, 4, 5}
