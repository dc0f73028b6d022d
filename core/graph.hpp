// The game's graph: the members of `graph.Graph`, in the same order, eight bytes each.
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

// Reach below which the weights within an information set may have lost digits, as `structure.UNDERFLOW`.
constexpr double UNDERFLOW_REACH = 1e-280;
