"""Compiling a tree, as read from Gambit's files, to a game.

The game is the tree with its nodes sorted by level and set, and with one node for the end of play. The solver and the
reports need a crisis, which is made from the tree: moves and chance steps from the sets, endings from the outcomes at
terminal nodes, and one payoff term for each player.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from offramp.crisis.expressions.expression import Expression, Name, Number
from offramp.crisis.faults import CrisisError, Fault, Location
from offramp.crisis.model import Crisis
from offramp.crisis.parts import DEFAULT_RATIONALITY, Actor, Ending, Term
from offramp.crisis.steps import Chance, Move, Odds, Option, Reason, Row
from offramp.gambit.part_names import PartNames, names_of
from offramp.gambit.recall import Recall, check_absent_minded, recall_notes, recall_of
from offramp.gambit.timing import timing_notes, timing_of
from offramp.gambit.tree import CHANCE_PLAYER, NONE, Tree, TreeSet
from offramp.game.assembly import starts
from offramp.game.columns import Variable
from offramp.game.compiler import MAX_NODES
from offramp.game.game import Contexts, EndingState, Game, Layer, Memory, OddsTable, Size
from offramp.game.operations import StepOperation
from offramp.game.rows import PayoffBook

START = Location(1, 1)
PAYOFF = "payoff"
REACHED: EndingState = "reached"
MOST_SEEN = 64
"""Most own earlier choices listed for an information set; its label identifies it anyway."""

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


def compile_tree(tree: Tree, *, max_nodes: int = MAX_NODES) -> Game:
    """Compile a game tree.

    Every information set is a move that its mover makes once. A mover with perfect recall sees its own earlier
    choices. All rationalities are `DEFAULT_RATIONALITY`.

    Parameters
    ----------
    tree
        The tree.
    max_nodes
        The largest number of nodes.

    Raises
    ------
    CrisisError
        If the tree has more than `max_nodes` nodes, or a play passes a set twice.

    Examples
    --------
    >>> from offramp.gambit.nfg import read_nfg
    >>> compile_tree(read_nfg('NFG 1 R "Chicken" { "A" "B" } { 2 2 } 0 0 2 1 1 2 -9 -9', "chicken.nfg"))
    Game of 'Chicken': 4 histories, 7 nodes in the tree, 4 after merging, 2 information sets
    """
    if tree.nodes > max_nodes:
        message = f"the game has {tree.nodes:,} nodes, more than {max_nodes:,}; raise --max-nodes"
        raise CrisisError(tree.path, [Fault(START, message)])
    recall = recall_of(tree)
    names = names_of(tree)
    check_absent_minded(tree, names, recall)
    timing = timing_of(tree)
    layout = _layout_of(tree, timing.level)
    notes = (*tree.notes, *recall_notes(tree, names, recall), *timing_notes(names, timing))
    crisis = _crisis_of(tree, names, recall, layout, notes)
    book, node_payoff = _node_payoffs(tree, names)
    first_edge = starts(tree.actions[layout.node])
    edges = first_edge[layout.rank[tree.parent[1:]]] + tree.action[1:]
    edge_child = np.empty(len(edges), dtype=np.int32)
    edge_child[edges] = layout.rank[1:]
    edge_payoff = np.empty(len(edges), dtype=np.int32)
    edge_payoff[edges] = node_payoff[1:]
    moves = layout.moves
    options = np.array([len(entry.actions) for entry in tree.sets], dtype=np.int64)[layout.set_index]
    first_of_set = moves & layout.first
    slot_of_set = np.zeros(len(tree.sets), dtype=np.int64)
    slot_of_set[layout.set_index[first_of_set]] = starts(options[first_of_set])[:-1]
    slots = int(options[first_of_set].sum())
    odds_slots = starts(np.where(moves, 0, options))
    chance = [(layout.set_index[group], int(odds_slots[group])) for group in np.flatnonzero(~moves)]
    return Game(
        crisis=crisis,
        actors=names.players,
        layers=tuple(
            Layer(names.sets[set_index], 0, tree.sets[set_index].player, group, group + 1)
            for group, set_index in enumerate(layout.set_index.tolist())
        ),
        group_node=layout.group_node.astype(np.int32),
        group_slot=np.append(np.where(moves, slot_of_set[layout.set_index], odds_slots[:-1]), slots).astype(np.int32),
        group_options=options.astype(np.int32),
        group_edge=first_edge[layout.group_node],
        edge_child=edge_child,
        edge_payoff=edge_payoff,
        root=int(layout.rank[0]),
        root_payoff=int(node_payoff[0]),
        slots=slots,
        slot_option=(np.arange(slots) - np.repeat(starts(options[first_of_set])[:-1], options[first_of_set])).astype(
            np.int32
        ),
        odds=tuple(_odds_table(tree.sets[set_index], names.sets[set_index], slot) for set_index, slot in chance),
        odds_slots=int(odds_slots[-1]),
        payoff_entries=tuple(book.entries),
        payoff_count=book.count,
        believers=(),
        memories=_memories(tree, names, recall, layout, crisis),
        levels={},
        ending_states=tuple(REACHED for _ in names.endings),
        size=_size(tree, names, layout),
    )


@dataclass(frozen=True)
class _Layout:
    """The order of nodes in the game: by level, then by set. A group is a set's nodes at one level.

    `node`: (inner nodes,), their indices in the tree; `rank`: (nodes,), each node's position in this order, terminal
    nodes all after the last. `group_node`: (groups + 1,), the first node of each group; `set_index`: (groups,), the
    group's set; `moves`: (groups,), whether the set is a player's; `first`: (groups,), whether the group is the first
    of its set.
    """

    node: Ints
    rank: Ints
    group_node: Ints
    set_index: Ints
    moves: Flags
    first: Flags


def _layout_of(tree: Tree, level: Ints) -> _Layout:
    inner = np.flatnonzero(tree.node_set != NONE)
    key = level[inner] * len(tree.sets) + tree.node_set[inner]
    order = np.argsort(key, kind="stable")
    node = inner[order]
    rank = np.full(tree.nodes, len(inner), dtype=np.int64)
    rank[node] = np.arange(len(inner))
    groups, group_node = np.unique(key[order], return_index=True)
    set_index = groups % max(len(tree.sets), 1)
    first = np.zeros(len(groups), dtype=np.bool_)
    first[np.unique(set_index, return_index=True)[1]] = True
    player = np.array([entry.player for entry in tree.sets], dtype=np.int64)
    return _Layout(node, rank, np.append(group_node, len(inner)), set_index, player[set_index] != CHANCE_PLAYER, first)


def _crisis_of(tree: Tree, names: PartNames, recall: Recall, layout: _Layout, notes: tuple[str, ...]) -> Crisis:
    """A crisis that describes the tree as far as a crisis can; its numbers are in the game's contexts."""
    actors = {
        name: Actor(
            key=name,
            name=name,
            memory="state" if player in recall.forgetful else "recall",
            rationality=Expression(f"{DEFAULT_RATIONALITY:g}", START, Number(DEFAULT_RATIONALITY)),
            reason=Reason(),
            place=START,
        )
        for player, name in enumerate(names.players)
    }
    return Crisis(
        path=tree.path,
        text=tree.text,
        title=tree.title or Path(tree.path).stem,
        as_of=None,
        summary=tree.comment or None,
        sources={},
        actors=actors,
        inputs={},
        correlations=(),
        timeline=tuple(_step(tree, names, set_index) for set_index in layout.set_index[layout.first].tolist()),
        terms=tuple(Term(name, PAYOFF, PAYOFF, None, _named(PAYOFF), None, Reason(), START) for name in names.players),
        endings=tuple(Ending(name, name, None, None, START) for name in names.endings),
        levers={},
        observed=(),
        cites=(),
        warnings=tuple(Fault(START, note) for note in notes),
    )


def _named(name: str) -> Expression:
    return Expression(name, START, Name(name))


@lru_cache
def _odds(options: tuple[str, ...]) -> Odds:
    """Odds whose numbers are values of their context: p0, p1, ..."""
    row = Row(None, {option: _named(f"p{number}") for number, option in enumerate(options)}, START)
    return Odds((row,), normalised=False)


def _step(tree: Tree, names: PartNames, set_index: int) -> Chance | Move:
    """A set as a step."""
    name, options, player = names.sets[set_index], names.actions[set_index], tree.sets[set_index].player
    details = {option: Option(option, option) for option in options}
    if player == CHANCE_PLAYER:
        return Chance(name, name, None, options, details, _odds(options), {}, frozenset(), None, Reason(), START)
    mover = names.players[player]
    return Move(name, name, None, mover, options, details, (), {}, frozenset({mover}), None, Reason(), START)


def _odds_table(entry: TreeSet, name: str, slot: int) -> OddsTable:
    odds = {f"p{number}": np.array([float(share)]) for number, share in enumerate(entry.odds or ())}
    return OddsTable(name, 0, slot, len(entry.actions), Contexts(odds, 1))


def _node_payoffs(tree: Tree, names: PartNames) -> tuple[PayoffBook, NDArray[np.int32]]:
    """Payoff at each node, (nodes,): the outcome's payoff for each player and, at terminal nodes, the ending."""
    book = PayoffBook()
    ends = tree.node_set == NONE
    distinct, of_node = np.unique(2 * tree.node_outcome + ends, return_inverse=True)
    outcome, at_end = distinct // 2, distinct % 2 == 1
    payoff = np.zeros(len(outcome), dtype=np.int32)
    pays = (outcome != NONE) & bool(tree.outcomes)
    for player in range(len(names.players)):
        payoffs = np.array([float(entry.payoffs[player]) for entry in tree.outcomes])
        if len(payoffs):
            first = book.new_terms(player, Contexts({PAYOFF: payoffs}, len(payoffs)))
            payoff = book.add(payoff, np.where(pays, first + outcome, 0).astype(np.int32))
    first = book.new_terms(None, Contexts({}, len(names.endings)))
    pairs = zip(outcome.tolist(), at_end.tolist(), strict=True)
    ending = [first + names.ending_of[number] if end else 0 for number, end in pairs]
    return book, book.add(payoff, np.array(ending, dtype=np.int32))[of_node]


def _memories(tree: Tree, names: PartNames, recall: Recall, layout: _Layout, crisis: Crisis) -> dict[int, Memory]:
    """What the mover of each layer remembers: its own earlier choices, if it has perfect recall."""
    columns = [Variable(name, "step", 0) for name in names.sets]
    memories = {}
    for layer in np.flatnonzero(layout.moves).tolist():
        set_index = int(layout.set_index[layer])
        step = crisis.named[names.sets[set_index]]
        assert isinstance(step, Move)
        seen = [] if tree.sets[set_index].player in recall.forgetful else recall.remembered(set_index, MOST_SEEN)
        codes = np.array([[action] for _, action in seen], dtype=np.int32).reshape(len(seen), 1)
        branch = StepOperation(step, 0, 0, (), {}, columns[set_index])
        memories[layer] = Memory(branch, tuple(columns[earlier] for earlier, _ in seen), 0, codes)
    return memories


def _size(tree: Tree, names: PartNames, layout: _Layout) -> Size:
    sets = Counter(entry.player for entry in tree.sets if entry.player != CHANCE_PLAYER)
    return Size(
        histories=tree.nodes - len(layout.node),
        nodes_tree=tree.nodes,
        nodes=len(layout.node) + 1,
        information_sets=sets.total(),
        information_sets_of={name: sets[player] for player, name in enumerate(names.players)},
    )
