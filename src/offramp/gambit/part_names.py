"""Unique names for the players, sets, actions and endings of a Gambit file, from its labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from offramp.gambit.tree import CHANCE_PLAYER, NONE, Tree

MOST_CHOICES = 12
"""Most choices of a play listed in a message."""


@dataclass(frozen=True)
class PartNames:
    """Names of a tree's players, sets, actions and `endings`, these in the order in which plays reach them."""

    players: tuple[str, ...]
    sets: tuple[str, ...]
    actions: tuple[tuple[str, ...], ...]
    endings: tuple[str, ...]
    ending_of: dict[int, int]
    """The index of the ending of each outcome at a terminal node; `NONE` stands for no outcome."""


def names_of(tree: Tree) -> PartNames:
    """The names of a tree.

    A part is named by its label. Without a label a player is `player 1`, an information set `PLAYER:NUMBER`, a chance
    event `chance:NUMBER`, an action its number, and an ending `outcome NUMBER`, or `no outcome` if it has none.
    """
    players = unique(shown(label) or f"player {number}" for number, label in enumerate(tree.players, start=1))
    owners = {**dict(enumerate(players)), CHANCE_PLAYER: "chance"}
    sets = unique(shown(entry.label) or f"{owners[entry.player]}:{entry.number}" for entry in tree.sets)
    actions = {
        labels: unique(shown(label) or str(number) for number, label in enumerate(labels, start=1))
        for labels in dict.fromkeys(entry.actions for entry in tree.sets)
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
        tuple(actions[entry.actions] for entry in tree.sets),
        endings,
        {outcome: number for number, outcome in enumerate(ends)},
    )


def play_to(tree: Tree, names: PartNames, node: int) -> str:
    """The choices that lead to a node, in words: `chance:1 = red, answer = hold`."""
    choices = []
    while (before := int(tree.parent[node])) != NONE:
        set_index = int(tree.node_set[before])
        choices.append(f"{names.sets[set_index]} = {names.actions[set_index][tree.action[node]]}")
        node = before
    first = choices[::-1][:MOST_CHOICES]
    left_out = len(choices) - len(first)
    return ", ".join(first) + (f" and {left_out} more choices" if left_out else "")


def shown(label: str) -> str:
    r"""A label on one line, without terminal control characters.

    Examples
    --------
    >>> shown("  two\nlines ")
    'two lines'
    """
    if label.isprintable() and "  " not in label:
        return label.strip()
    return " ".join("".join(letter if letter.isprintable() else " " for letter in label).split())


def unique(labels: Iterable[str]) -> tuple[str, ...]:
    """The labels, with a number appended to repeated ones.

    Examples
    --------
    >>> unique(["left", "right", "left"])
    ('left', 'right', 'left (2)')
    """
    originals = tuple(labels)
    used = set(originals)
    times: Counter[str] = Counter()
    distinct = []
    for label in originals:
        name = label
        times[label] += 1
        if times[label] > 1:
            while (name := f"{label} ({times[label]})") in used:
                times[label] += 1
        distinct.append(name)
    return tuple(distinct)
