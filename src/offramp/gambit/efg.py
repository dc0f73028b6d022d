"""Gambit's extensive-form files: `EFG 2`, as Gambit writes them and as people do.

A file is a prologue and one entry for each node, in preorder: chance (`c`), player (`p`) or end (`t`). An
information set and an outcome are defined once and referred to by number, before or after. Entries are read
first, one after the other; the tree follows when the number of actions of every set is known. The format is
described in Gambit's documentation ("The extensive game (.efg) file format").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from offramp.gambit.notes import Notes
from offramp.gambit.tokens import Tokens
from offramp.gambit.tree import CHANCE_PLAYER, NONE, Outcome, Tree, TreeSet

ROUNDING = Fraction(1, 10**9)
"""Odds that miss 1 by at most this were rounded, and are made to add up."""

Key = tuple[int, int]
"""A set's player and number."""


@dataclass
class _Entries:
    """What the entries have said so far; sets and outcomes count from 0 as they are first named."""

    tokens: Tokens
    players: tuple[str, ...]
    notes: Notes
    set_of: dict[Key, int] = field(default_factory=dict)
    sets: list[TreeSet | None] = field(default_factory=list)
    set_at: list[int] = field(default_factory=list)
    """Of each set, and below of each outcome, the token that named it first."""
    outcome_of: dict[int, int] = field(default_factory=dict)
    outcomes: list[Outcome | None] = field(default_factory=list)
    outcome_at: list[int] = field(default_factory=list)
    node_at: list[int] = field(default_factory=list)
    node_set: list[int] = field(default_factory=list)
    node_outcome: list[int] = field(default_factory=list)
    node_label: list[str] = field(default_factory=list)


def read_efg(text: str, path: str) -> Tree:
    """Read an extensive-form file of Gambit.

    Parameters
    ----------
    text
        The file's text.
    path
        What to call it in messages.

    Returns
    -------
    The game as a tree with exact numbers. What Gambit refuses and is read here stands in its `notes`.

    Raises
    ------
    CrisisError
        Where the file is no such game, with line and column.

    Examples
    --------
    >>> game = 'EFG 2 R "One choice" { "North" } p "" 1 1 "answer" { "hold" "strike" } 0 t "" 1 "calm" { 1 } t "" 0'
    >>> tree = read_efg(game, "one.efg")
    >>> tree.nodes, tree.sets[0].actions, tree.outcomes[0].payoffs
    (3, ('hold', 'strike'), (Fraction(1, 1),))
    """
    tokens = Tokens(text, path)
    title, players = prologue(tokens, "EFG", "2")
    comment = tokens.text("a comment") if tokens.kind == "text" else ""
    entries = _Entries(tokens, players, Notes(tokens))
    while tokens.kind != "end":
        _read_node(entries)
    sets = _defined_sets(entries)
    outcomes = _defined_outcomes(entries)
    _check_whole(entries, sets)
    _note_repeated(entries, sets, outcomes)
    return Tree(
        path=path,
        text=text,
        title=title,
        comment=comment,
        players=players,
        sets=sets,
        outcomes=outcomes,
        node_set=np.array(entries.node_set, dtype=np.int32),
        node_outcome=np.array(entries.node_outcome, dtype=np.int32),
        node_label=tuple(entries.node_label),
        notes=tuple(entries.notes.found),
    )


def prologue(tokens: Tokens, kind: str, version: str) -> tuple[str, tuple[str, ...]]:
    """The title and the players, after `EFG 2 R` or `NFG 1 D` and the like."""
    tokens.word(kind)
    if not tokens.stands("number", version):
        tokens.expected(f"version {version} of {kind} files")
    tokens.count("a version")
    tokens.word("R", "D")
    title = tokens.text("the game's title in quotes")
    return title, tuple(tokens.braced("the players", lambda: tokens.text("a player's name in quotes")))


def read_payoffs(tokens: Tokens, players: Sequence[str]) -> tuple[Fraction, ...]:
    """One payoff a player, up to the closing brace, which is taken."""
    payoffs = tuple(tokens.fraction(f"a payoff for each of {len(players)} players") for _ in players)
    if not tokens.closes("a payoff"):
        tokens.expected(f"'}}' after {len(players)} payoffs")
    return payoffs


def _read_node(entries: _Entries) -> None:
    tokens = entries.tokens
    entries.node_at.append(tokens.position)
    kind = tokens.word("c", "p", "t")
    entries.node_label.append(tokens.text("the node's label in quotes"))
    entries.node_set.append(NONE if kind == "t" else _read_set(entries, kind == "c"))
    entries.node_outcome.append(_read_outcome(entries))


def _read_set(entries: _Entries, chance: bool) -> int:
    """The set of a node: its number, and what is said of it here."""
    tokens = entries.tokens
    at = tokens.position
    player = CHANCE_PLAYER
    if not chance:
        player = tokens.count("the number of a player") - 1
        if not 0 <= player < len(entries.players):
            tokens.fail(f"there is no player {player + 1}; there are players 1 to {len(entries.players)}", at)
    at = tokens.position
    number = tokens.count("the number of an information set")
    place = entries.set_of.setdefault((player, number), len(entries.sets))
    if place == len(entries.sets):
        entries.sets.append(None)
        entries.set_at.append(at)
    label = tokens.text("a label") if tokens.kind == "text" else None
    if tokens.stands("brace", "{"):
        if label is None:
            entries.notes.add(at, "a set that is defined without a label")
        _define_set(entries, place, player, number, label or "", at)
    return place


def _define_set(entries: _Entries, place: int, player: int, number: int, label: str, at: int) -> None:
    tokens = entries.tokens
    actions: list[str] = []
    odds: list[Fraction] = []
    tokens.opens("actions")
    while not tokens.closes("an action in quotes"):
        actions.append(tokens.text("an action in quotes"))
        if player == CHANCE_PLAYER:
            start = tokens.position
            odds.append(tokens.fraction("the odds of this action"))
            if odds[-1] < 0:
                tokens.fail(f"odds cannot be negative, found {tokens.values[start]}", start)
    if not actions:
        tokens.fail("a set needs at least one action", at)
    exact = _whole_odds(entries, odds, at) if player == CHANCE_PLAYER else None
    found = TreeSet(player, label, tuple(actions), exact, number)
    first = entries.sets[place]
    if first is None:
        entries.sets[place] = found
    elif first != found:
        line = tokens.place(entries.set_at[place]).line
        if len(first.actions) != len(actions) or first.odds != found.odds:
            tokens.fail(f"{_called(entries, player, number)} is another one here than in line {line}", at)
        entries.notes.add(at, "a set's labels given once more, and others: the first count")


def _whole_odds(entries: _Entries, odds: list[Fraction], at: int) -> tuple[Fraction, ...]:
    total = sum(odds, Fraction(0))
    if total == 1:
        return tuple(odds)
    if abs(total - 1) > ROUNDING:
        entries.tokens.fail(f"odds must add up to 1, found {_shown(total)}", at)
    entries.notes.add(at, "odds that are rounded: they were divided by their sum")
    return tuple(share / total for share in odds)


def _read_outcome(entries: _Entries) -> int:
    """The outcome at a node: its number, and what is said of it here."""
    tokens = entries.tokens
    at = tokens.position
    number = tokens.count("the number of an outcome, or 0")
    label = tokens.text("a label") if tokens.kind == "text" else None
    pays = tokens.stands("brace", "{")
    if number == 0:
        if pays:
            tokens.fail("outcome 0 means no outcome, and pays nothing; number this one", at)
        return NONE
    place = entries.outcome_of.setdefault(number, len(entries.outcomes))
    if place == len(entries.outcomes):
        entries.outcomes.append(None)
        entries.outcome_at.append(at)
    if pays:
        tokens.opens("payoffs")
        found = Outcome(label or "", read_payoffs(tokens, entries.players), number)
        first = entries.outcomes[place]
        if first is None:
            entries.outcomes[place] = found
        elif first.payoffs != found.payoffs:
            line = tokens.place(entries.outcome_at[place]).line
            tokens.fail(f"outcome {number} pays something else here than in line {line}", at)
        elif label and first.label != label:
            entries.notes.add(at, "an outcome's label given once more, and another: the first counts")
    return place


def _defined_sets(entries: _Entries) -> tuple[TreeSet, ...]:
    found = []
    for (player, number), one, at in zip(entries.set_of, entries.sets, entries.set_at, strict=True):
        if one is None:
            entries.tokens.fail(f"{_called(entries, player, number)} is defined nowhere: it needs its actions once", at)
        found.append(one)
    return tuple(found)


def _defined_outcomes(entries: _Entries) -> tuple[Outcome, ...]:
    found = []
    for number, outcome, at in zip(entries.outcome_of, entries.outcomes, entries.outcome_at, strict=True):
        if outcome is None:
            entries.tokens.fail(f"outcome {number} is defined nowhere: it needs its payoffs once", at)
        found.append(outcome)
    return tuple(found)


def _check_whole(entries: _Entries, sets: tuple[TreeSet, ...]) -> None:
    """The entries must be one whole tree: as many nodes as there are ways on, and one."""
    missing = 1
    for node, place in enumerate(entries.node_set):
        if not missing:
            entries.tokens.fail("the game is complete before this node", entries.node_at[node])
        missing += (0 if place == NONE else len(sets[place].actions)) - 1
    if missing:
        nodes = "a node is" if missing == 1 else f"{missing} nodes are"
        entries.tokens.fail(f"the game ends too soon: {nodes} still to come")


def _note_repeated(entries: _Entries, sets: tuple[TreeSet, ...], outcomes: tuple[Outcome, ...]) -> None:
    """Note the labels that Gambit wants unique."""
    notes = entries.notes
    notes.add_repeated("players", entries.players)
    for player in range(CHANCE_PLAYER, len(entries.players)):
        whose = f"information sets of player {player + 1}" if player != CHANCE_PLAYER else "chance events"
        notes.add_repeated(whose, (one.label for one in sets if one.player == player))
    for one, at in zip(sets, entries.set_at, strict=True):
        labels = [action for action in one.actions if action]  # empty ones repeat as they like
        if len(set(labels)) < len(labels):
            notes.add(at, "actions of one set with the same label")
    notes.add_repeated("outcomes", (outcome.label for outcome in outcomes))
    notes.add_repeated("nodes", entries.node_label)


def _called(entries: _Entries, player: int, number: int) -> str:
    whose = "of chance" if player == CHANCE_PLAYER else f"of player {player + 1}"
    return f"information set {number} {whose}"


def _shown(total: Fraction) -> str:
    return str(total) if total.denominator < 10**6 else f"{float(total):.12g}"
