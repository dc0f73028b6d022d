"""What players remember of their own play: perfect recall (Kuhn 1953), and sets that one play passes twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from offramp.common.words import quoted
from offramp.crisis.faults import CrisisError, Fault, Location
from offramp.gambit.part_names import PartNames, play_to
from offramp.gambit.tree import CHANCE_PLAYER, NONE, Tree

Choice = tuple[int, int]
"""A set and the number of the action taken there."""


@dataclass(frozen=True)
class Recall:
    """Every player's own choices before each of its sets.

    A record is a sequence of a player's own choices, told by number; record 0 is empty, and every other is
    an earlier one and one more choice. `records_at`: for each set the records with which plays come to it;
    `movers` its player. `twice`: a node that lies in the same set of a player as a node before it, or `NONE`.
    """

    earlier: tuple[int, ...]
    choice: tuple[Choice, ...]
    records_at: tuple[frozenset[int], ...]
    movers: tuple[int, ...]
    twice: int

    @cached_property
    def forgotten(self) -> tuple[int, ...]:
        """The sets at which the mover has forgotten something of what it did."""
        return tuple(place for place, records in enumerate(self.records_at) if len(records) > 1)

    @cached_property
    def forgetful(self) -> frozenset[int]:
        """The players without perfect recall."""
        return frozenset(self.movers[place] for place in self.forgotten)

    def remembered(self, place: int, most: int) -> list[Choice]:
        """The mover's own earlier choices at a set where it has forgotten none, at `most` the latest, in order."""
        (record,) = self.records_at[place]
        found: list[Choice] = []
        while record and len(found) < most:
            found.append(self.choice[record])
            record = self.earlier[record]
        return found[::-1]


@dataclass
class _Records:
    """The records met so far, by the record before and the choice."""

    number: dict[tuple[int, Choice], int] = field(default_factory=dict)
    earlier: list[int] = field(default_factory=lambda: [0])
    choice: list[Choice] = field(default_factory=lambda: [(NONE, NONE)])

    def after(self, record: int, choice: Choice) -> int:
        found = self.number.setdefault((record, choice), len(self.earlier))
        if found == len(self.earlier):
            self.earlier.append(record)
            self.choice.append(choice)
        return found


def recall_of(tree: Tree) -> Recall:
    """What each player can remember of its own choices at each of its sets, in one walk through the tree."""
    records = _Records()
    records_at: list[set[int]] = [set() for _ in tree.sets]
    movers = tuple(one.player for one in tree.sets)
    now = [0] * len(tree.players)
    passed = [False] * len(tree.sets)
    path: list[tuple[int, int, int, int]] = []
    """From the root: a node, its set, its player, and the player's record there."""
    twice = NONE
    walk = zip(tree.node_set.tolist(), tree.parent.tolist(), tree.action.tolist(), strict=True)
    for node, (place, parent, action) in enumerate(walk):
        while path and path[-1][0] != parent:
            _, left, player, before = path.pop()
            passed[left] = False
            if player != CHANCE_PLAYER:
                now[player] = before
        if path:
            _, above, player, before = path[-1]
            if player != CHANCE_PLAYER:
                now[player] = records.after(before, (above, action))
        if place == NONE:
            continue
        mover = movers[place]
        path.append((node, place, mover, 0 if mover == CHANCE_PLAYER else now[mover]))
        if mover != CHANCE_PLAYER:
            records_at[place].add(now[mover])
            if passed[place] and twice == NONE:
                twice = node
        passed[place] = True
    return Recall(tuple(records.earlier), tuple(records.choice), tuple(map(frozenset, records_at)), movers, twice)


def check_minded(tree: Tree, names: PartNames, recall: Recall) -> None:
    """Refuse a game in which one play passes an information set twice (Piccione & Rubinstein 1997).

    Raises
    ------
    CrisisError
        Naming the player, the set and the play.
    """
    if recall.twice != NONE:
        place = int(tree.node_set[recall.twice])
        player = names.players[tree.sets[place].player]
        message = (
            f"{quoted(player)} is absent-minded: the play {play_to(tree, names, recall.twice)} passes the information "
            f"set {quoted(names.sets[place])} twice, and such games are not solved"
        )
        raise CrisisError(tree.path, [Fault(Location(1, 1), message)])


def recall_notes(tree: Tree, names: PartNames, recall: Recall) -> tuple[str, ...]:
    """A sentence for each player who forgets some of its own choices."""
    found = []
    for player, name in enumerate(names.players):
        where = [names.sets[place] for place in recall.forgotten if tree.sets[place].player == player]
        if where:
            more = f" and at {len(where) - 1} more sets" if len(where) > 1 else ""
            found.append(
                f"{name} forgets at {quoted(where[0])}{more} what it did before: solved as under `memory: state`, "
                "where the plays of a set are weighed by their whole reach, own choices included"
            )
    return tuple(found)
