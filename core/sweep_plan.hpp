// The order in which a sweep passes groups backward, and where it keeps values: the members of
// `sweep_plan.SweepPlan`, in the same order, eight bytes each.
#pragma once

#include <stdint.h>

// Groups come in turns, `group` with its `mover` from number `first[turn]` on. None of a turn needs what another finds, so
// the steps of one fill the waits of another. A node's values, in place `node_place`, are read soon after they are written;
// their place then goes to another node, so that most reads find the nearest cache. `edge_place`: where an edge leads;
// the constants lie behind all places.
struct SweepPlan {
    int64_t turns, places;
    int32_t *first, *group, *mover, *node_place, *edge_place;
};
