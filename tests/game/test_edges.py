"""A game's edges against its groups, read one by one, and the two ways over them against its number of histories."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from hypothesis import given, settings

from offramp.crisis.model import Crisis
from offramp.gambit.nfg import read_nfg
from offramp.gambit.tree_to_game import compile_tree
from offramp.game.compiler import compile_crisis
from offramp.game.edges import carry_backward, carry_forward, edges_of
from offramp.game.game import CHANCE, Game
from tests.crises import crisis_of, crisis_texts
from tests.examples import examples

CRISES = crisis_texts().map(crisis_of)


def one_by_one(game: Game) -> Iterator[tuple[int, int, int, int, int]]:
    """Of each edge the layer, the node, the slot, the option and the information set, in the order of the arrays."""
    set_of_slots = {situation.slots.start: number for number, situation in enumerate(game.situations)}
    for place, layer in enumerate(game.layers):
        for group in range(layer.first_group, layer.end_group):
            first = int(game.group_slot[group])
            for node in range(int(game.group_node[group]), int(game.group_node[group + 1])):
                for number in range(int(game.group_options[group])):
                    of_chance = layer.actor == CHANCE
                    option = number if of_chance else int(game.slot_option[first + number])
                    yield place, node, first + number, option, -1 if of_chance else set_of_slots[first]


@given(CRISES)
@settings(max_examples=examples(40), deadline=None)
def test_each_edge_has_its_node_its_option_and_its_information_set(crisis: Crisis) -> None:
    game = compile_crisis(crisis)
    edges = edges_of(game)
    columns = edges.layer, edges.parent, edges.slot, edges.option, edges.info_set
    assert list(zip(*(column.tolist() for column in columns), strict=True)) == list(one_by_one(game))
    assert [place for place, here in enumerate(edges.layers) for _ in range(here.stop - here.start)] == [*edges.layer]
    assert all(edges.leads_to == np.append(edges.layer[edges.first[:-1]], len(game.layers))[edges.child])
    of_nodes, source = edges.of_nodes(np.arange(game.nodes))
    assert of_nodes.tolist() == list(range(len(edges.child)))
    assert source.tolist() == edges.parent.tolist()


@given(CRISES)
@settings(max_examples=examples(40), deadline=None)
def test_both_ways_count_every_history_once(crisis: Crisis) -> None:
    game = compile_crisis(crisis)
    came, to_come = np.zeros((2, game.nodes + 1))
    came[game.root] = to_come[-1] = 1.0
    carry_forward(edges_of(game), came, lambda _, at_parents: at_parents)
    carry_backward(edges_of(game), to_come, lambda _, at_children: at_children)
    assert came[-1] == to_come[game.root] == game.size.histories


def test_what_edges_carry_is_joined_as_asked() -> None:
    """Of two moves at once, the first has edges 0 and 1, the second 2 to 5. If edge n pays n, 1 and 5 pay most."""
    game = compile_tree(read_nfg('NFG 1 R "Chicken" { "A" "B" } { 2 2 } 0 0 2 1 1 2 -9 -9', "chicken.nfg"))
    paid, to_come = np.zeros((2, game.nodes + 1), dtype=np.int64)
    number = np.arange(len(game.edge_child))
    carry_forward(edges_of(game), paid, lambda here, at_parents: at_parents + number[here], np.maximum)
    carry_backward(edges_of(game), to_come, lambda here, at_children: at_children + number[here], np.maximum)
    assert paid[-1] == to_come[game.root] == 6
