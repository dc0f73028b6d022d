"""Perfect recall (Kuhn 1953): which own choices players remember; and absent-mindedness."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from offramp.common.words import quoted
from offramp.crisis.faults import CrisisError, Fault, Location
from offramp.gambit.part_names import PartNames, play_to
from offramp.gambit.tree import CHANCE_PLAYER, NONE, Tree

Choice = tuple[int, int]
"""A set and the number of the action chosen there."""


@dataclass(frozen=True)
class Recall:
    """Every player's own choices before each of its sets.

    A record is a sequence of a player's own choices, identified by a number: record 0 is empty, any other adds the
    choice `choice[record]` to the record `earlier[record]`. `records_at`: for each set, the records with which plays
    reach it; `movers`: its player. `twice`: a node in the same set of a player as an earlier node of its play, or
    `NONE`.
    """

    earlier: tuple[int, ...]
    choice: tuple[Choice, ...]
    records_at: tuple[frozenset[int], ...]
    movers: tuple[int, ...]
    twice: int

    @cached_property
    def forgotten(self) -> tuple[int, ...]:
        """The sets at which the mover has forgotten some of its own choices."""
        return tuple(index for index, records in enumerate(self.records_at) if len(records) > 1)

    @cached_property
    def forgetful(self) -> frozenset[int]:
        """The players without perfect recall."""
        return frozenset(self.movers[index] for index in self.forgotten)

    def remembered(self, index: int, most: int) -> list[Choice]:
        """The mover's latest own choices, at most `most`, in order, at a set where it has forgotten none."""
        (record,) = self.records_at[index]
        choices: list[Choice] = []
        while record and len(choices) < most:
            choices.append(self.choice[record])
            record = self.earlier[record]
        return choices[::-1]


@dataclass
class _Records:
    """The records met so far, by the earlier record and the choice added to it."""

    number: dict[tuple[int, Choice], int] = field(default_factory=dict)
    earlier: list[int] = field(default_factory=lambda: [0])
    choice: list[Choice] = field(default_factory=lambda: [(NONE, NONE)])

    def after(self, record: int, choice: Choice) -> int:
        """The record that adds a choice to another."""
        number = self.number.setdefault((record, choice), len(self.earlier))
        if number == len(self.earlier):
            self.earlier.append(record)
            self.choice.append(choice)
        return number


def recall_of(tree: Tree) -> Recall:
    """Each player's records at each of its sets, from one walk through the tree."""
    records = _Records()
    records_at: list[set[int]] = [set() for _ in tree.sets]
    movers = tuple(entry.player for entry in tree.sets)
    current = [0] * len(tree.players)
    passed = [False] * len(tree.sets)
    path: list[tuple[int, int, int, int]] = []
    """From the root: each node, its set, its player, and the player's record there."""
    twice = NONE
    walk = zip(tree.node_set.tolist(), tree.parent.tolist(), tree.action.tolist(), strict=True)
    for node, (set_index, parent, action) in enumerate(walk):
        while path and path[-1][0] != parent:
            _, left, player, before = path.pop()
            passed[left] = False
            if player != CHANCE_PLAYER:
                current[player] = before
        if path:
            _, above, player, before = path[-1]
            if player != CHANCE_PLAYER:
                current[player] = records.after(before, (above, action))
        if set_index == NONE:
            continue
        mover = movers[set_index]
        path.append((node, set_index, mover, 0 if mover == CHANCE_PLAYER else current[mover]))
        if mover != CHANCE_PLAYER:
            records_at[set_index].add(current[mover])
            if passed[set_index] and twice == NONE:
                twice = node
        passed[set_index] = True
    return Recall(tuple(records.earlier), tuple(records.choice), tuple(map(frozenset, records_at)), movers, twice)


def check_absent_minded(tree: Tree, names: PartNames, recall: Recall) -> None:
    """Refuse absent-minded games, where a play passes an information set twice (Piccione & Rubinstein 1997).

    Raises
    ------
    CrisisError
        Naming the player, the set and the play.
    """
    if recall.twice != NONE:
        index = int(tree.node_set[recall.twice])
        player = names.players[tree.sets[index].player]
        message = (
            f"{quoted(player)} is absent-minded: the play {play_to(tree, names, recall.twice)} passes the information "
            f"set {quoted(names.sets[index])} twice, and such games are not solved"
        )
        raise CrisisError(tree.path, [Fault(Location(1, 1), message)])


def recall_notes(tree: Tree, names: PartNames, recall: Recall) -> tuple[str, ...]:
    """A sentence for each player that forgets some of its own choices."""
    notes = []
    for player, name in enumerate(names.players):
        sets = [names.sets[index] for index in recall.forgotten if tree.sets[index].player == player]
        if sets:
            more = f" and at {len(sets) - 1} more sets" if len(sets) > 1 else ""
            notes.append(
                f"{name} forgets at {quoted(sets[0])}{more} what it did before: solved as under `memory: state`, "
                "where the plays of a set are weighed by their whole reach, own choices included"
            )
    return tuple(notes)
