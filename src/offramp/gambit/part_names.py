"""What the parts of a Gambit file are called: names made of its labels, each once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from offramp.gambit.tree import CHANCE_PLAYER, NONE, Tree

MOST_CHOICES = 12
"""So many choices of a play are named in a message."""


@dataclass(frozen=True)
class PartNames:
    """Names of a tree's players, sets and actions; of `endings` in the order in which plays come to them."""

    players: tuple[str, ...]
    sets: tuple[str, ...]
    actions: tuple[tuple[str, ...], ...]
    endings: tuple[str, ...]
    ending_of: dict[int, int]
    """For each outcome at the end of a play, `NONE` where there is none, the number of its ending."""


def names_of(tree: Tree) -> PartNames:
    """The names of a tree.

    What has a label bears it. Else a player is `player 1`, an information set `PLAYER:NUMBER`, a chance event
    `chance:NUMBER`, an action its number, and an ending `outcome NUMBER`, or `no outcome` where nothing stands.
    """
    players = unique(shown(label) or f"player {number}" for number, label in enumerate(tree.players, start=1))
    owners = {**dict(enumerate(players)), CHANCE_PLAYER: "chance"}
    sets = unique(shown(one.label) or f"{owners[one.player]}:{one.number}" for one in tree.sets)
    actions = {
        labels: unique(shown(label) or str(number) for number, label in enumerate(labels, start=1))
        for labels in dict.fromkeys(one.actions for one in tree.sets)
    }
    ends = dict.fromkeys(tree.node_outcome[tree.node_set == NONE].tolist())
    labels = {outcome: tree.outcomes[outcome] for outcome in ends if outcome != NONE}
    endings = unique(
        (shown(labels[outcome].label) or f"outcome {labels[outcome].number}") if outcome in labels else "no outcome"
        for outcome in ends
    )
    return PartNames(
        players,
        sets,
        tuple(actions[one.actions] for one in tree.sets),
        endings,
        {outcome: number for number, outcome in enumerate(ends)},
    )


def play_to(tree: Tree, names: PartNames, node: int) -> str:
    """The choices that lead to a node, in words: `chance:1 = red, answer = hold`."""
    choices = []
    while (before := int(tree.parent[node])) != NONE:
        place = int(tree.node_set[before])
        choices.append(f"{names.sets[place]} = {names.actions[place][tree.action[node]]}")
        node = before
    first = choices[::-1][:MOST_CHOICES]
    left_out = len(choices) - len(first)
    return ", ".join(first) + (f" and {left_out} more choices" if left_out else "")


def shown(label: str) -> str:
    r"""A label on one line, without characters that could steer a terminal.

    Examples
    --------
    >>> shown("  two\nlines ")
    'two lines'
    """
    if label.isprintable() and "  " not in label:
        return label.strip()
    return " ".join("".join(letter if letter.isprintable() else " " for letter in label).split())


def unique(labels: Iterable[str]) -> tuple[str, ...]:
    """The labels, those that have stood before with a number behind them.

    Examples
    --------
    >>> unique(["left", "right", "left"])
    ('left', 'right', 'left (2)')
    """
    given = tuple(labels)
    taken = set(given)
    times: Counter[str] = Counter()
    found = []
    for label in given:
        name = label
        times[label] += 1
        if times[label] > 1:
            while (name := f"{label} ({times[label]})") in taken:
                times[label] += 1
        found.append(name)
    return tuple(found)
