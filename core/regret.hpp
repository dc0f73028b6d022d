// The highest payoff that an actor with perfect recall gets from any strategy against the others' choices.
#pragma once

#include "audit.hpp"

namespace audit {

// The probability of each node if the actor tries to get there: its own choices are left out.
template <int N>
void reach_if_tried(const Graph &g, int64_t actor, const double *odds, const double *choice, double *reach) {
    memset(reach, 0, (g.nodes + 1) * N * sizeof(double));
    store<N>(reach + g.root * N, fill<N>(1.0));
    for (int64_t layer = 0; layer < g.layers; layer++) {
        const int64_t mover = g.layer_actor[layer];
        const double *shares = shares_of<N>(g, mover, g.belief_of[actor], odds, choice);
        for (int64_t group = g.layer_group[layer]; group < g.layer_group[layer + 1]; group++) {
            const double *share = shares + g.group_slot[group] * (int64_t)N;
            int64_t edge = g.group_edge[group];
            for (int64_t node = g.group_node[group]; node < g.group_node[group + 1]; node++) {
                const Lanes<N> own = load<N>(reach + node * N);
                for (int64_t option = 0; option < g.group_options[group]; option++, edge++)
                    if (g.edge_child[edge] != g.nodes)
                        add<N>(reach + g.edge_child[edge] * (int64_t)N,
                               mover == actor ? own : own * load<N>(share + option * N));
            }
        }
    }
}

// Whether the profile's own reach weighs all of the actor's sets, in every lane. With perfect recall all nodes of a set
// come after the same choices of the actor's own, so that this reach weighs them as `reach_if_tried` does.
template <int N>
bool weighed(const Graph &g, int64_t actor, const int64_t *movers, const double *mass, const double *supported) {
    for (int64_t set = 0; set < g.sets; set++)
        if (movers[set] == actor &&
            any<N>((Flags<N>)((load<N>(supported + set * N) > 0.0) & ~(load<N>(mass + set * N) > 0.0))))
            return false;
    return true;
}

// Backward induction over the actor's information sets. `weight`: (nodes), of the nodes within the actor's sets. On
// entry `value`, (nodes + 1), are its values of the profile, which hold after its last move; on return those of its best
// choices. `gain`, (slots), and `chosen`, (information sets), are working memory. At a set that lies in several layers
// the actor has to choose before all later nodes have their final values, so the pass is repeated once for each such set.
template <int N>
void reply_best(const Graph &g, int64_t actor, const double *odds, const double *pay, const double *choice,
                const double *weight, double *value, double *gain, double *chosen) {
    int64_t passes = 1, last = -1;
    for (int64_t layer = 0; layer < g.layers; layer++) {
        if (g.layer_actor[layer] != actor) continue;
        last = layer;
        for (int64_t group = g.layer_group[layer]; group < g.layer_group[layer + 1]; group++) {
            passes += g.opens[group] && !g.closes[group];
            store<N>(chosen + g.group_set[group] * (int64_t)N, fill<N>(0.0));
        }
    }
    for (int64_t pass = 0; pass < passes; pass++) {
        for (int64_t layer = last; layer >= 0; layer--) {
            const int64_t mover = g.layer_actor[layer];
            const double *shares = shares_of<N>(g, mover, g.belief_of[actor], odds, choice);
            for (int64_t group = g.layer_group[layer]; group < g.layer_group[layer + 1]; group++) {
                const int64_t first = g.group_slot[group] * (int64_t)N, options = g.group_options[group];
                const int64_t begin = g.group_node[group], end = g.group_node[group + 1];
                double *picked = mover == actor ? chosen + g.group_set[group] * (int64_t)N : nullptr;
                if (mover == actor) {
                    if (g.opens[group]) memset(gain + first, 0, options * N * sizeof(double));
                    int64_t edge = g.group_edge[group];
                    for (int64_t node = begin; node < end; node++) {
                        const Lanes<N> own = load<N>(weight + node * N);
                        for (int64_t option = 0; option < options; option++, edge++) {
                            const int64_t row = g.edge_pay[edge * g.actors + actor];
                            Lanes<N> to_come = load<N>(value + g.edge_child[edge] * (int64_t)N);
                            to_come += load<N>(pay + row * N);
                            add<N>(gain + first + option * N, own * to_come);
                        }
                    }
                    if (g.closes[group]) {
                        Lanes<N> best = load<N>(gain + first), number = fill<N>(0.0);
                        for (int64_t option = 1; option < options; option++) {
                            const Lanes<N> other = load<N>(gain + first + option * N);
                            number = where<N>(other > best, fill<N>((double)option), number);
                            best = largest<N>(other, best);
                        }
                        store<N>(picked, number);
                    }
                }
                int64_t edge = g.group_edge[group];
                for (int64_t node = begin; node < end; node++) {
                    Lanes<N> total = fill<N>(0.0);
                    for (int64_t option = 0; option < options; option++, edge++) {
                        const int64_t row = g.edge_pay[edge * g.actors + actor];
                        Lanes<N> to_come = load<N>(value + g.edge_child[edge] * (int64_t)N);
                        to_come += load<N>(pay + row * N);
                        if (mover == actor)
                            total = where<N>(load<N>(picked) == (double)option, to_come, total);
                        else
                            total += load<N>(shares + first + option * N) * to_come;
                    }
                    store<N>(value + node * N, total);
                }
            }
        }
    }
}

}  // namespace audit
