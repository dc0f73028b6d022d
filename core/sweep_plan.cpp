// Plans the backward half of a sweep; see `SweepPlan`.

#include "sweep_plan.hpp"

#include "memory.hpp"
#include "play_graph.hpp"

namespace {

constexpr int64_t TOGETHER = 8;     // groups in a turn
constexpr int64_t MOST_EDGES = 96;  // of a turn: the values after them should stay in the nearest cache

// Working memory: (nodes) `group_of`, and `uses`, how many edges still have to read a node's values; (groups) `mover`;
// `before`, the group of the same information set that comes first, or -1; `turn`, -1 for none yet; `next`, the edge to go
// on with; and stacks, `open` of groups and (nodes) `free` of places.
struct Desk {
    int64_t *group_of, *uses, *mover, *before, *turn, *next, *open, *free;

    int64_t take(const PlayGraph &g, Memory *memory) {
        const int64_t groups = g.layer_group[g.layers] + 1, nodes = g.nodes + 1;
        const struct {
            int64_t **member;
            int64_t numbers;
        } parts[] = {{&group_of, nodes}, {&uses, nodes}, {&mover, groups}, {&before, groups}, {&turn, groups},
                     {&next, groups}, {&open, groups}, {&free, nodes}};
        int64_t total = 0;
        for (const auto &part : parts) {
            if (memory) *part.member = (int64_t *)memory->take(part.numbers);
            total += Memory::rounded(part.numbers);
        }
        return total;
    }
};

void look_around(const PlayGraph &g, Desk &desk, int64_t *last_of_set) {
    for (int64_t set = 0; set < g.sets; set++) last_of_set[set] = -1;
    for (int64_t layer = g.layers - 1; layer >= 0; layer--) {
        for (int64_t group = g.layer_group[layer]; group < g.layer_group[layer + 1]; group++) {
            desk.mover[group] = g.layer_actor[layer];
            desk.turn[group] = desk.before[group] = -1;
            desk.next[group] = g.group_edge[group];
            for (int64_t node = g.group_node[group]; node < g.group_node[group + 1]; node++) desk.group_of[node] = group;
            for (int64_t edge = g.group_edge[group]; edge < g.group_edge[group + 1]; edge++)
                if (g.edge_row[edge] < g.nodes) desk.uses[g.edge_row[edge]]++;
            if (desk.mover[group] < 0) continue;
            desk.before[group] = last_of_set[g.group_set[group]];
            last_of_set[g.group_set[group]] = group;
        }
    }
}

// A group that must come before this one and has not come yet, or -1.
int64_t waits_for(const PlayGraph &g, Desk &desk, int64_t group) {
    if (desk.before[group] >= 0 && desk.turn[desk.before[group]] < 0) return desk.before[group];
    for (int64_t &edge = desk.next[group]; edge < g.group_edge[group + 1]; edge++)
        if (g.edge_row[edge] < g.nodes && desk.turn[desk.group_of[g.edge_row[edge]]] < 0)
            return desk.group_of[g.edge_row[edge]];
    return -1;
}

// Whether a group needs what a group of this turn finds.
bool needs(const PlayGraph &g, const Desk &desk, int64_t group, int64_t turn) {
    for (int64_t edge = g.group_edge[group]; edge < g.group_edge[group + 1]; edge++)
        if (g.edge_row[edge] < g.nodes && desk.turn[desk.group_of[g.edge_row[edge]]] == turn) return true;
    return false;
}

// Every group after those that follow it, depth first, so that values are used soon; those of an information set that
// has several groups alone, in their order.
int64_t order_groups(const PlayGraph &g, Desk &desk, const SweepPlan &plan) {
    int64_t turns = 0, taken = 0, edges = 0;
    bool ends = true;
    for (int64_t start = 0; start < g.layer_group[g.layers]; start++) {
        int64_t depth = 0;
        if (desk.turn[start] < 0) desk.open[depth++] = start;
        while (depth > 0) {
            const int64_t group = desk.open[depth - 1], earlier = waits_for(g, desk, group);
            if (earlier >= 0) {
                desk.open[depth++] = earlier;
                continue;
            }
            depth--;
            const int64_t own = g.group_edge[group + 1] - g.group_edge[group];
            const bool alone = desk.mover[group] >= 0 && !(g.opens[group] && g.closes[group]);
            const bool full = taken > 0 && (taken - plan.first[turns - 1] == TOGETHER || edges + own > MOST_EDGES);
            if (ends || alone || full || needs(g, desk, group, turns - 1)) {
                plan.first[turns++] = (int32_t)taken;
                edges = 0;
            }
            desk.turn[group] = turns - 1;
            plan.group[taken] = (int32_t)group;
            plan.mover[taken++] = (int32_t)desk.mover[group];
            edges += own;
            ends = alone;
        }
    }
    plan.first[turns] = (int32_t)taken;
    return turns;
}

// A place for every node; places of values that nobody needs any more are given again, the last one first.
int64_t give_places(const PlayGraph &g, Desk &desk, const SweepPlan &plan) {
    int64_t places = 0, unused = 0;
    const int64_t groups = g.layer_group[g.layers];
    for (int64_t at = 0; at < groups; at++) {
        const int64_t group = plan.group[at];
        for (int64_t node = g.group_node[group]; node < g.group_node[group + 1]; node++)
            plan.node_place[node] = (int32_t)(unused > 0 ? desk.free[--unused] : places++);
        for (int64_t edge = g.group_edge[group]; edge < g.group_edge[group + 1]; edge++)
            if (g.edge_row[edge] < g.nodes && --desk.uses[g.edge_row[edge]] == 0)
                desk.free[unused++] = plan.node_place[g.edge_row[edge]];
    }
    for (int64_t edge = 0; edge < g.group_edge[groups]; edge++) {
        const int32_t row = g.edge_row[edge];
        plan.edge_place[edge] = row < g.nodes ? plan.node_place[row] : (int32_t)(places + row - g.nodes);
    }
    return places;
}

}  // namespace

// Fills the arrays of `plan`; `found` becomes the numbers of turns and of places. Returns 1 if there is not enough
// memory, else 0.
extern "C" int64_t plan_sweeps(const PlayGraph *graph, const SweepPlan *plan, int64_t *found) {
    Desk desk;
    Memory memory(desk.take(*graph, nullptr) + Memory::rounded(graph->sets + 1));
    if (memory.failed()) return 1;
    desk.take(*graph, &memory);
    look_around(*graph, desk, (int64_t *)memory.take(graph->sets + 1));
    found[0] = order_groups(*graph, desk, *plan);
    found[1] = give_places(*graph, desk, *plan);
    return 0;
}
