// The game's graph: the arrays of `structure.Graph`, in the same order. Every member takes eight bytes.
#pragma once

#include <stdint.h>

struct Graph {
    int64_t root, nodes;
    const int32_t *layer_actor, *layer_group, *group_node, *group_slot, *group_options;
    const int64_t *group_edge;
    const int32_t *group_set;
    const uint8_t *opens, *closes;
    const int32_t *edge_child, *edge_pay, *root_pay;
    const int64_t *ways;
    const int32_t *way_from, *way_slot, *belief_of;
    const int64_t *until;
    const int32_t *rules;
    int64_t layers, groups, edges, actors, systems, sets, slots, odds_slots, most_options;
};
