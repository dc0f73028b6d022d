// The part of a game's graph that play can change: the members of `play_graph.PlayGraph`, in the same order, eight bytes
// each.
#pragma once

#include <stdint.h>

struct PlayGraph {
    int64_t nodes, layers, actors, systems, sets, slots, odds_slots, most_options, paid, settled, constants;
    const int32_t *layer_actor, *layer_group, *group_node, *group_slot, *group_options;
    const int64_t *group_edge;
    const int32_t *group_set;
    const uint8_t *opens, *closes, *group_paid;
    const int32_t *group_reach, *edge_row, *edge_paid, *paid_pay, *belief_of;
    const int64_t *reach_first, *ways;
    const int32_t *way_from, *way_slot, *settled_slot;
    const int64_t *settled_edge;
    const int32_t *settled_child, *settled_pay, *constant_child, *constant_pay;
};
