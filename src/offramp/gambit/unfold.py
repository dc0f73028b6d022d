"""Unfolding a crisis into a game tree with exact numbers, for Gambit's files.

The crisis is compiled without merging, so its layered graph is the tree with its nodes in another order. Payoffs are
added up along each play and paid at its end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from offramp.common.errors import UsageError
from offramp.common.words import listed
from offramp.crisis.model import Crisis
from offramp.crisis.steps import Chance, Rounds
from offramp.gambit.exact_tables import Ids, PayoffTable, exact_odds, exact_payoffs
from offramp.gambit.labels import with_gambit_labels
from offramp.gambit.tree import CHANCE_PLAYER, NONE, Outcome, Tree, TreeSet
from offramp.game.assembly import in_round
from offramp.game.compiler import MAX_NODES, compile_crisis
from offramp.game.contexts import described
from offramp.game.edges import carry_backward, carry_forward, edges_of
from offramp.game.game import CHANCE, Game, described_sees
from offramp.game.tables import Draws, Tables, tabulate


def unfold(crisis: Crisis, values: Mapping[str, float], *, setting: str, max_nodes: int | None = None) -> Tree:
    """The game tree of a crisis, with its pulled levers, in one draw.

    Players are named by the actors' keys, sets by what their mover sees, chance events by their step, and outcomes by
    their ending: there is one outcome for each combination of ending and payoffs. Odds are the analyst's.

    Parameters
    ----------
    crisis
        The crisis. `values` already include the values set by its pulled levers.
    values
        The value of each input.
    setting
        A name for the draw, in messages and in the tree's comment.
    max_nodes
        The largest number of nodes of the tree.

    Raises
    ------
    UsageError
        If the tree has more than `max_nodes` nodes.
    CrisisError
        As `compile_crisis` and `tabulate`.
    """
    most = MAX_NODES if max_nodes is None else max_nodes
    check_size(crisis.path, compile_crisis(crisis, max_nodes=most).size.nodes_tree, most)
    game = compile_crisis(crisis, max_nodes=most, merge=False)
    tables = tabulate(game, Draws({name: np.full(1, value) for name, value in values.items()}, [setting]))
    ledger = PayoffTable()
    paid = _paid_at_ends(game, exact_payoffs(game, values, ledger), ledger)
    place, end_place = _preorder(game)
    set_number, group_of = _sets_of_nodes(game)
    sets, set_of_node = _by_appearance(set_number, place)
    outcomes, outcome_at_end = _by_appearance(paid, end_place)
    node_set = np.full(len(place) + len(end_place), NONE, dtype=np.int32)
    node_set[place] = set_of_node
    node_outcome = np.full(len(node_set), NONE, dtype=np.int32)
    node_outcome[end_place] = outcome_at_end
    exact_outcomes = [ledger.payoff(number) for number in outcomes]
    tree = Tree(
        path=crisis.path,
        text=crisis.text,
        title=crisis.title,
        comment="\n".join(_comment(crisis, values, tables, setting)),
        players=tuple(crisis.actors),
        sets=_numbered(_group_sets(game, exact_odds(game, tables, values)), group_of[sets].tolist()),
        outcomes=tuple(
            Outcome(crisis.endings[entry.ending].key, entry.payoffs, number)
            for number, entry in enumerate(exact_outcomes, start=1)
        ),
        node_set=node_set,
        node_outcome=node_outcome,
        node_label=("",) * len(node_set),
        notes=_lost(crisis),
    )
    return with_gambit_labels(tree)


def check_size(path: str, nodes: int, max_nodes: int | None) -> None:
    """Raise UsageError if a tree has more than `max_nodes` nodes."""
    most = MAX_NODES if max_nodes is None else max_nodes
    if nodes > most:
        merging = "Gambit's format holds the whole tree, nothing merged"
        raise UsageError(f"the tree of {path} has {nodes:,} nodes, more than {most:,}; {merging}: raise --max-nodes")


def _paid_at_ends(game: Game, payoffs: Ids, ledger: PayoffTable) -> Ids:
    """Total payoff of each play, as numbers of the ledger, (plays,), in the order of the edges to the end."""
    edges, on_edge = edges_of(game), payoffs[game.edge_payoff]

    def total(here: slice, paid: Ids) -> Ids:
        return ledger.sums(paid, on_edge[here])

    paid = np.zeros(game.nodes + 1, dtype=np.int64)
    paid[game.root] = payoffs[game.root_payoff]
    if game.root == game.nodes:
        return paid[game.nodes :]
    carry_forward(edges, paid, total)
    ends = edges.child == game.nodes
    return ledger.sums(paid[edges.parent[ends]], on_edge[ends])


def _preorder(game: Game) -> tuple[Ids, Ids]:
    """Positions in preorder: of nodes, (nodes,), and of terminal nodes in the order of their edges, (plays,)."""
    if game.root == game.nodes:
        return np.zeros(0, dtype=np.int64), np.zeros(1, dtype=np.int64)
    edges = edges_of(game)
    below = np.ones(game.nodes + 1, dtype=np.int64)  # the number of nodes of each subtree, terminal nodes included
    carry_backward(edges, below, lambda _, children: children)
    before = np.cumsum(below[edges.child]) - below[edges.child]
    offset = 1 + before - before[edges.first[edges.parent]]
    place = np.zeros(game.nodes + 1, dtype=np.int64)
    carry_forward(edges, place, lambda here, parents: parents + offset[here])
    ends = edges.child == game.nodes
    return place[:-1], place[edges.parent[ends]] + offset[ends]


def _sets_of_nodes(game: Game) -> tuple[Ids, Ids]:
    """The number of each node's set, (nodes,), and the game's group that each set belongs to, (sets,).

    In Gambit chance is a player that must have perfect recall too: nodes with the same odds are in one set only if
    chance has passed the same sets before and chosen the same there.
    """
    edges, most = edges_of(game), int(game.group_options.max(initial=1))
    action = np.arange(len(edges.parent)) - edges.first[edges.parent]
    past = np.zeros(game.nodes + 1, dtype=np.int64)
    number = np.zeros(game.nodes, dtype=np.int64)
    group_of: list[Ids] = [np.zeros(0, dtype=np.int64)]
    for layer, here in zip(game.layers, edges.layers, strict=True):
        nodes = slice(int(game.group_node[layer.first_group]), int(game.group_node[layer.end_group]))
        chance = layer.actor == CHANCE
        pasts = (game.nodes + 1) * most
        groups = edges.node_group[nodes].astype(np.int64)
        keys, inverse = np.unique(groups * pasts + past[nodes] * chance, return_inverse=True)
        number[nodes] = sum(map(len, group_of)) + inverse
        group_of.append(keys // pasts)
        of_edge = edges.parent[here]
        past[edges.child[here]] = 1 + number[of_edge] * most + action[here] if chance else past[of_edge]
    return number, np.concatenate(group_of)


def _by_appearance(numbers: Ids, place: Ids) -> tuple[list[int], Ids]:
    """The distinct numbers in the order of their first appearance in preorder, and each entry's position among them."""
    distinct, inverse = np.unique(numbers, return_inverse=True)
    first = np.full(len(distinct), np.iinfo(np.int64).max)
    np.minimum.at(first, inverse, place)
    order = np.argsort(first)
    position = np.empty(len(distinct), dtype=np.int64)
    position[order] = np.arange(len(distinct))
    return distinct[order].tolist(), position[inverse]


def _group_sets(game: Game, odds: list[tuple[Fraction, ...]]) -> list[TreeSet]:
    """The sets in the order of the game's groups."""
    sets: list[TreeSet] = []
    situations, shares, tables = iter(game.situations), iter(odds), iter(game.odds)
    for layer in game.layers:
        groups = layer.end_group - layer.first_group
        if layer.actor == CHANCE:
            contexts = next(tables).contexts
            for number in range(groups):
                label = f"{layer.step}{in_round(layer.round)}{described(game.crisis, contexts, number)}"
                sets.append(TreeSet(CHANCE_PLAYER, label, game.crisis.options_of(layer.step), next(shares)))
            continue
        for _ in range(groups):
            situation = next(situations)
            label = ": ".join(filter(None, (situation.move, described_sees(situation))))
            sets.append(TreeSet(layer.actor, label, situation.options))
    return sets


def _numbered(sets: list[TreeSet], order: list[int]) -> tuple[TreeSet, ...]:
    """The sets in the given order, numbered for each player; a repeated set has no label.

    Gambit compares every label with all others: with labels, thousands of chance events take it many minutes.
    """
    count: Counter[int] = Counter()
    labels = [entry.label for entry in sets]
    numbered = []
    for index in order:
        entry = sets[index]
        count[entry.player] += 1
        numbered.append(replace(entry, label=labels[index], number=count[entry.player]))
        labels[index] = ""
    return tuple(numbered)


def _comment(crisis: Crisis, values: Mapping[str, float], tables: Tables, setting: str) -> list[str]:
    """The file's comment: its origin, and what the format cannot hold."""
    rationality = zip(crisis.actors, tables.rationality[:, 0].tolist(), strict=True)
    lines = [
        f"Written by Offramp from {Path(crisis.path).name}: {setting}.",
        f"Levers: {listed(crisis.pulled, len(crisis.pulled)) or 'none'}.",
        f"Rationality (not part of the game): {', '.join(f'{actor} {value!r}' for actor, value in rationality)}.",
    ]
    if values:
        lines.append(f"Inputs: {', '.join(f'{name} = {float(value)!r}' for name, value in values.items())}.")
    forgetful = [actor.key for actor in crisis.actors.values() if actor.memory == "state"]
    if forgetful and any(isinstance(step, Rounds) for step in crisis.timeline):
        lines.append(f"Earlier rounds are forgotten (memory: state) by {listed(forgetful)}.")
    return [*lines, *_lost(crisis)]


def _lost(crisis: Crisis) -> tuple[str, ...]:
    """Notes on what Gambit's format cannot hold of the crisis."""
    own = [
        f"{listed(step.believed_by)} at '{step.key}'"
        for step in crisis.steps()
        if isinstance(step, Chance) and step.believed_by
    ]
    lost = []
    if crisis.choice_rules:
        rules = ", ".join(f"{actor} {rule}" for actor, rule in crisis.choice_rules.items())
        lost.append(f"Choice rules have no place in Gambit's format, whose equilibria are logit; here: {rules}.")
    if own:
        lost.append(
            f"Own odds (believed_by) have no place in Gambit's format; the analyst's stand for {', '.join(own)}."
        )
    if crisis.measures:
        measures = listed([measure.key for measure in crisis.measures], len(crisis.measures))
        lost.append(f"Measures have no place in Gambit's format; left out: {measures}.")
    return tuple(lost)
