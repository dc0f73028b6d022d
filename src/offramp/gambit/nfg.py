"""Reading Gambit's strategic-form files (`NFG 1`), with payoffs or with outcomes.

Simultaneous choices become a tree: the players move in turn, and none sees an earlier choice. The
format is described in Gambit's documentation ("The strategic game (.nfg) file format").
"""

from __future__ import annotations

from itertools import accumulate, product
from math import prod

import numpy as np
from numpy.typing import NDArray

from offramp.gambit.efg import prologue, read_payoffs
from offramp.gambit.notes import Notes
from offramp.gambit.tokens import Tokens
from offramp.gambit.tree import NONE, Outcome, Tree, TreeSet

MOST_NODES = 10_000_000
"""Games whose tree would have more nodes are refused before they fill the memory."""

Int = NDArray[np.int32]


def read_nfg(text: str, path: str) -> Tree:
    """Read a strategic-form file of Gambit.

    Parameters
    ----------
    text
        The file's text.
    path
        The file's name in messages.

    Returns
    -------
    A tree in which every player has one information set, labelled like the player, with the strategies as its
    actions. Every pure profile is a play; profiles with the same outcome in the file share it.

    Raises
    ------
    CrisisError
        If the file is not such a game, with line and column.

    Examples
    --------
    >>> tree = read_nfg('NFG 1 R "Chicken" { "A" "B" } { 2 2 } 0 0 2 1 1 2 -9 -9', "chicken.nfg")
    >>> [tuple(map(int, outcome.payoffs)) for outcome in tree.outcomes]
    [(0, 0), (2, 1), (1, 2), (-9, -9)]
    """
    tokens = Tokens(text, path)
    title, players = prologue(tokens, "NFG", "1")
    if not players:
        tokens.fail("a strategic game needs at least one player", tokens.position - 1)
    strategies = _read_strategies(tokens, players)
    comment = tokens.text("a comment") if tokens.kind == "text" else ""
    read_rest = _read_outcomes if tokens.next_is("brace", "{") else _read_payoff_list
    outcomes, outcome_of = read_rest(tokens, players, strategies)
    if tokens.kind != "end":
        tokens.expected("the end of the file")
    notes = Notes(tokens)
    notes.add_repeated("players", players)
    for player, own in enumerate(strategies, start=1):
        notes.add_repeated(f"strategies of player {player}", own)
    if read_rest is _read_outcomes:
        notes.add_repeated("outcomes", (outcome.label for outcome in outcomes))
    node_set, ends = _nodes([len(own) for own in strategies])
    node_outcome = np.full(len(node_set), NONE, dtype=np.int32)
    # in the file the first player's strategies change fastest, in the tree the last player's actions
    node_outcome[ends] = outcome_of.reshape([len(own) for own in strategies], order="F").ravel()
    return Tree(
        path=path,
        text=text,
        title=title,
        comment=comment,
        players=players,
        sets=tuple(TreeSet(player, players[player], own, None, 1) for player, own in enumerate(strategies)),
        outcomes=outcomes,
        node_set=node_set,
        node_outcome=node_outcome,
        node_label=("",) * len(node_set),
        notes=tuple(notes.lines),
    )


def _read_strategies(tokens: Tokens, players: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Read every player's strategies: a list of labels, or a number of strategies, named 1, 2, ..."""
    strategies: list[tuple[str, ...]] = []
    nodes = profiles = 1
    tokens.opens("the strategies of every player")
    while not tokens.closes("the strategies of a player"):
        at = tokens.position
        own: tuple[str, ...] | range
        if tokens.next_is("brace", "{"):
            own = tuple(tokens.braced("strategies", lambda: tokens.text("a strategy in quotes")))
        else:
            own = range(1, tokens.count("a number of strategies, or '{' and their labels") + 1)
        if not own:
            tokens.fail("a player needs at least one strategy", at)
        profiles *= len(own)
        nodes += profiles
        if nodes > MOST_NODES:
            tokens.fail(f"with these strategies the game's tree has more than {MOST_NODES:,} nodes", at)
        strategies.append(tuple(map(str, own)))
    if len(strategies) != len(players):
        tokens.fail(f"expected strategies for {len(players)} players, found {len(strategies)}", tokens.position - 1)
    return strategies


def _read_outcomes(
    tokens: Tokens, players: tuple[str, ...], strategies: list[tuple[str, ...]]
) -> tuple[tuple[Outcome, ...], Int]:
    """Read the outcomes, and the index of each profile's outcome; 0 in the file means none."""
    outcomes: list[Outcome] = []
    tokens.opens("outcomes")
    while not tokens.closes("an outcome"):
        tokens.opens("an outcome")
        label = tokens.text("a label") if tokens.kind == "text" else ""
        outcomes.append(Outcome(label, read_payoffs(tokens, players), len(outcomes) + 1))
    profiles = prod(map(len, strategies))
    numbers = []
    for _ in range(profiles):
        at = tokens.position
        numbers.append(tokens.count(f"the number of an outcome for each of {profiles:,} profiles"))
        if numbers[-1] > len(outcomes):
            tokens.fail(f"there is no outcome {numbers[-1]}; there are {len(outcomes)}, and 0 for none", at)
    return tuple(outcomes), np.array(numbers, dtype=np.int32) - 1


def _read_payoff_list(
    tokens: Tokens, players: tuple[str, ...], strategies: list[tuple[str, ...]]
) -> tuple[tuple[Outcome, ...], Int]:
    """Read an outcome for each profile, labelled with the profile's strategies."""
    profiles = prod(map(len, strategies))
    what = f"payoffs of {len(players)} players for each of {profiles:,} profiles"
    outcomes = []
    for number, reversed_profile in enumerate(product(*reversed(strategies)), start=1):
        payoffs = tuple(tokens.fraction(what) for _ in players)
        outcomes.append(Outcome(", ".join(reversed(reversed_profile)), payoffs, number))
    return tuple(outcomes), np.arange(profiles, dtype=np.int32)


def _nodes(counts: list[int]) -> tuple[Int, NDArray[np.int64]]:
    """The set of every node of the tree in preorder, and the terminal nodes, in order."""
    sizes = list(accumulate(reversed(counts), lambda below, count: 1 + count * below, initial=1))[::-1]
    node_set = np.full(sizes[0], NONE, dtype=np.int32)
    nodes = np.zeros(1, dtype=np.int64)
    for player, count in enumerate(counts):
        node_set[nodes] = player
        nodes = (nodes[:, None] + 1 + sizes[player + 1] * np.arange(count)).ravel()
    return node_set, nodes
