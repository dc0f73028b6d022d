"""Reading Gambit's extensive-form files (`EFG 2`), as written by Gambit or by hand.

A file is a prologue and one entry for each node, in preorder: chance (`c`), player (`p`) or terminal (`t`). An
information set or outcome is defined once and referred to by its number, before or after. The entries are read first;
the tree is built when the number of actions of every set is known. The format is described in Gambit's documentation
("The extensive game (.efg) file format").
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
"""Odds whose sum differs from 1 by at most this are taken as rounded and divided by their sum."""

Key = tuple[int, int]
"""Player and number of a set."""


@dataclass
class _Entries:
    """The entries read so far; sets and outcomes are numbered from 0 in the order of their first mention."""

    tokens: Tokens
    players: tuple[str, ...]
    notes: Notes
    set_of: dict[Key, int] = field(default_factory=dict)
    sets: list[TreeSet | None] = field(default_factory=list)
    set_at: list[int] = field(default_factory=list)
    """The token that first names each set; `outcome_at`, below: each outcome."""
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
        The file's name in messages.

    Returns
    -------
    The game as a tree with exact numbers. Its `notes` list what Gambit refuses but is read here.

    Raises
    ------
    CrisisError
        If the file is not such a game, with line and column.

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
        notes=tuple(entries.notes.lines),
    )


def prologue(tokens: Tokens, kind: str, version: str) -> tuple[str, tuple[str, ...]]:
    """Read the first line, such as `EFG 2 R` or `NFG 1 D`, and return the title and the players."""
    tokens.word(kind)
    if not tokens.next_is("number", version):
        tokens.expected(f"version {version} of {kind} files")
    tokens.count("a version")
    tokens.word("R", "D")
    title = tokens.text("the game's title in quotes")
    return title, tuple(tokens.braced("the players", lambda: tokens.text("a player's name in quotes")))


def read_payoffs(tokens: Tokens, players: Sequence[str]) -> tuple[Fraction, ...]:
    """Read one payoff for each player, and the closing brace."""
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
    """Read a node's information set, with its definition if it is given here; return its index."""
    tokens = entries.tokens
    at = tokens.position
    player = CHANCE_PLAYER
    if not chance:
        player = tokens.count("the number of a player") - 1
        if not 0 <= player < len(entries.players):
            tokens.fail(f"there is no player {player + 1}; there are players 1 to {len(entries.players)}", at)
    at = tokens.position
    number = tokens.count("the number of an information set")
    index = entries.set_of.setdefault((player, number), len(entries.sets))
    if index == len(entries.sets):
        entries.sets.append(None)
        entries.set_at.append(at)
    label = tokens.text("a label") if tokens.kind == "text" else None
    if tokens.next_is("brace", "{"):
        if label is None:
            entries.notes.add(at, "a set that is defined without a label")
        _define_set(entries, index, player, number, label or "", at)
    return index


def _define_set(entries: _Entries, index: int, player: int, number: int, label: str, at: int) -> None:
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
    defined = TreeSet(player, label, tuple(actions), exact, number)
    first = entries.sets[index]
    if first is None:
        entries.sets[index] = defined
    elif first != defined:
        line = tokens.place(entries.set_at[index]).line
        if len(first.actions) != len(actions) or first.odds != defined.odds:
            tokens.fail(f"{_set_name(player, number)} differs from its definition in line {line}", at)
        entries.notes.add(at, "a set's labels are given again and differ: the first ones count")


def _whole_odds(entries: _Entries, odds: list[Fraction], at: int) -> tuple[Fraction, ...]:
    total = sum(odds, Fraction(0))
    if total == 1:
        return tuple(odds)
    if abs(total - 1) > ROUNDING:
        entries.tokens.fail(f"odds must add up to 1, found {_shown(total)}", at)
    entries.notes.add(at, "odds that are rounded: they were divided by their sum")
    return tuple(share / total for share in odds)


def _read_outcome(entries: _Entries) -> int:
    """Read a node's outcome, with its definition if it is given here; return its index."""
    tokens = entries.tokens
    at = tokens.position
    number = tokens.count("the number of an outcome, or 0")
    label = tokens.text("a label") if tokens.kind == "text" else None
    pays = tokens.next_is("brace", "{")
    if number == 0:
        if pays:
            tokens.fail("outcome 0 means no outcome and cannot have payoffs; give it another number", at)
        return NONE
    index = entries.outcome_of.setdefault(number, len(entries.outcomes))
    if index == len(entries.outcomes):
        entries.outcomes.append(None)
        entries.outcome_at.append(at)
    if pays:
        tokens.opens("payoffs")
        defined = Outcome(label or "", read_payoffs(tokens, entries.players), number)
        first = entries.outcomes[index]
        if first is None:
            entries.outcomes[index] = defined
        elif first.payoffs != defined.payoffs:
            line = tokens.place(entries.outcome_at[index]).line
            tokens.fail(f"outcome {number} has other payoffs than in line {line}", at)
        elif label and first.label != label:
            entries.notes.add(at, "an outcome's label is given again and differs: the first one counts")
    return index


def _defined_sets(entries: _Entries) -> tuple[TreeSet, ...]:
    sets = []
    for (player, number), entry, at in zip(entries.set_of, entries.sets, entries.set_at, strict=True):
        if entry is None:
            entries.tokens.fail(f"{_set_name(player, number)} is never defined: list its actions once", at)
        sets.append(entry)
    return tuple(sets)


def _defined_outcomes(entries: _Entries) -> tuple[Outcome, ...]:
    outcomes = []
    for number, outcome, at in zip(entries.outcome_of, entries.outcomes, entries.outcome_at, strict=True):
        if outcome is None:
            entries.tokens.fail(f"outcome {number} is never defined: list its payoffs once", at)
        outcomes.append(outcome)
    return tuple(outcomes)


def _check_whole(entries: _Entries, sets: tuple[TreeSet, ...]) -> None:
    """Refuse entries that are not one whole tree, whose nodes are the root and one for each action."""
    missing = 1
    for node, index in enumerate(entries.node_set):
        if not missing:
            entries.tokens.fail("the game is complete before this node", entries.node_at[node])
        missing += (0 if index == NONE else len(sets[index].actions)) - 1
    if missing:
        nodes = "a node is" if missing == 1 else f"{missing} nodes are"
        entries.tokens.fail(f"the game is incomplete: {nodes} missing at the end")


def _note_repeated(entries: _Entries, sets: tuple[TreeSet, ...], outcomes: tuple[Outcome, ...]) -> None:
    """Note repeated labels that Gambit requires to be unique."""
    notes = entries.notes
    notes.add_repeated("players", entries.players)
    for player in range(CHANCE_PLAYER, len(entries.players)):
        whose = f"information sets of player {player + 1}" if player != CHANCE_PLAYER else "chance events"
        notes.add_repeated(whose, (entry.label for entry in sets if entry.player == player))
    for entry, at in zip(sets, entries.set_at, strict=True):
        labels = [action for action in entry.actions if action]  # empty labels may repeat
        if len(set(labels)) < len(labels):
            notes.add(at, "actions of one set with the same label")
    notes.add_repeated("outcomes", (outcome.label for outcome in outcomes))
    notes.add_repeated("nodes", entries.node_label)


def _set_name(player: int, number: int) -> str:
    whose = "of chance" if player == CHANCE_PLAYER else f"of player {player + 1}"
    return f"information set {number} {whose}"


def _shown(total: Fraction) -> str:
    return str(total) if total.denominator < 10**6 else f"{float(total):.12g}"
