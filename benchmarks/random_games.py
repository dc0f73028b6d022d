"""Random games of perfect recall: 2 to 5 actors, private types, chance, hidden moves, 10 to 5,000 nodes.

A game goes level by level. A level belongs to one actor, or to chance; each other actor either sees what is chosen
there or never does, and an information set is the level with all that its actor has seen, its own type and
its own moves, so that nobody forgets anything. Some options end the play. In every second game most moves are hidden.
`random_solves.py` solves them.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

GAMES = 1000
SMALLEST, LARGEST = 10, 5000
"""Nodes; sizes between them are equally likely in logarithms."""
SEEN, HIDDEN = 0.7, 0.15
"""How likely an actor sees another's level, in open games and in those of mostly hidden moves."""
CHANCE_LEVEL = 0.15
ENDS = 0.15
"""How likely a level has an option that ends the play."""
WHOLE = 1000
"""Odds are whole numbers out of this."""
CHANCE = -1


@dataclass(frozen=True)
class Level:
    """Whose level it is, its options (the last `ends` of them end the play), and which actors see it."""

    mover: int
    options: int
    ends: int
    seen_by: frozenset[int]


@dataclass(frozen=True)
class Shape:
    """A game without its numbers; `types`: (actors,) how many types each actor has."""

    types: tuple[int, ...]
    levels: tuple[Level, ...]
    nodes: int


def draw_shape(rng: np.random.Generator, *, hidden: bool) -> Shape:
    """A shape of about as many nodes as were drawn for it, and never more."""
    nodes = math.exp(rng.uniform(math.log(SMALLEST), math.log(LARGEST)))
    actors = int(rng.integers(2, 1 + min(5, max(2, int(math.log2(nodes)) - 1))))
    types = [1] * actors
    for actor in rng.permutation(actors):
        if rng.random() < 0.5 and 8 * math.prod(types) <= nodes:
            types[actor] = 2
    first = [int(actor) for actor in rng.permutation(actors)]
    paths = math.prod(types)
    count = paths + (paths > 1)
    levels: list[Level] = []
    while 2 * paths <= nodes - count:
        chance = len(levels) >= actors and rng.random() < CHANCE_LEVEL
        mover = CHANCE if chance else first[len(levels)] if len(levels) < actors else int(rng.integers(actors))
        options = int(rng.integers(2, 1 + min(4, int((nodes - count) / paths))))
        ends = int(options > 2 and rng.random() < ENDS)
        seen = rng.random(actors) < (HIDDEN if hidden else SEEN)
        seen_by = frozenset(actor for actor in range(actors) if seen[actor] or actor == mover)
        levels.append(Level(mover, options, ends, seen_by))
        count += paths * options
        paths *= options - ends
    return Shape(tuple(types), tuple(levels), count)


def random_game(number: int) -> str:
    """Game `number` as `.efg` text; games of odd number have mostly hidden moves."""
    rng = np.random.default_rng((2026, number))
    shape = draw_shape(rng, hidden=number % 2 == 1)
    while shape.nodes < SMALLEST:
        shape = draw_shape(rng, hidden=number % 2 == 1)
    return written(shape, f"Random game {number}", rng)


def random_games(count: int = GAMES) -> Iterator[str]:
    """The games, one at a time."""
    return map(random_game, range(count))


def written(shape: Shape, title: str, rng: np.random.Generator) -> str:
    """The game with normal payoffs, as text."""
    actors = len(shape.types)
    players = " ".join(f'"P{actor + 1}"' for actor in range(actors))
    lines = [f'EFG 2 R "{title}" {{ {players} }}', '""', ""]
    sets: dict[tuple[object, ...], int] = {}
    counts = [0] * actors
    events = itertools.count(2)
    ended = itertools.count(1)

    def end() -> None:
        paid = ", ".join(f"{amount:.4f}" for amount in rng.normal(size=actors))
        lines.append(f't "" {next(ended)} "" {{ {paid} }}')

    def enter(depth: int, seen: tuple[tuple[int, ...], ...]) -> None:
        if depth == len(shape.levels):
            end()
            return
        level = shape.levels[depth]
        if level.mover == CHANCE:
            # each event has odds of its own; Gambit would also take a shared set for forgetfulness, of chance
            lines.append(f'c "" {next(events)} "" {_odds(rng, list("abcd"[: level.options]))} 0')
        else:
            key = depth, seen[level.mover]
            if key not in sets:
                counts[level.mover] += 1
                sets[key] = counts[level.mover]
            names = " ".join(f'"{"abcd"[option]}"' for option in range(level.options))
            lines.append(f'p "" {level.mover + 1} {sets[key]} "" {{ {names} }} 0')
        for option in range(level.options):
            if option >= level.options - level.ends:
                end()
            else:
                mark = (depth, option)
                enter(depth + 1, tuple(s + mark if actor in level.seen_by else s for actor, s in enumerate(seen)))

    types = list(itertools.product(*(range(number) for number in shape.types)))
    if len(types) > 1:
        names = ["".join("AB"[own] for own in combination) for combination in types]
        lines.append(f'c "" 1 "types" {_odds(rng, names)} 0')
    for combination in types:
        enter(0, tuple((own,) for own in combination))
    return "\n".join(lines) + "\n"


def _odds(rng: np.random.Generator, names: list[str]) -> str:
    """Random odds, none of them zero, as the text of a chance event's actions."""
    share = 1 + np.floor(rng.dirichlet(np.full(len(names), 2.0)) * (WHOLE - len(names))).astype(int)
    share[-1] += WHOLE - share.sum()
    return "{ " + " ".join(f'"{name}" {part}/{WHOLE}' for name, part in zip(names, share, strict=True)) + " }"
