// Steps of a certificate, several draws side by side, one draw in each lane. They share nothing with the loops that find
// solutions, so a mistake there shows in the certificate.
//
// Arrays of numbers are flat, the lane last: `odds` (belief systems, odds slots), `choice` (slots), `pay` (rows),
// `reach` and `value` (nodes + 1), of one belief system and of one actor; `weight` (nodes), a decision node's reach in
// its mover's own odds, and `mass` (information sets), their sums: weight over mass is the mover's belief at the node.
#pragma once

#include <string.h>

#include "graph.hpp"
#include "lanes.hpp"
#include "memory.hpp"

namespace audit {

constexpr double NOT_A_NUMBER = __builtin_nan("");

// The draws of a block that the lanes hold: `count` of them from number `first`; lanes beyond repeat the last.
struct Part {
    int64_t draws, first, count;
};

template <int N> INLINE Part part_of(int64_t draws, int64_t first) {
    return {draws, first, draws - first < N ? draws - first : N};
}

// Copies rows of a block, (rows, draws), into lanes, (rows).
template <int N> void take(const double *block, int64_t rows, const Part &part, double *lanes) {
    for (int64_t row = 0; row < rows; row++) {
        const double *from = block + row * part.draws + part.first;
        if (part.count == N)
            memcpy(lanes + row * N, from, N * sizeof(double));
        else
            for (int64_t lane = 0; lane < N; lane++)
                lanes[row * N + lane] = from[lane < part.count ? lane : part.count - 1];
    }
}

// Copies rows in lanes back into a block.
template <int N> void give(const double *lanes, int64_t rows, const Part &part, double *block) {
    for (int64_t row = 0; row < rows; row++)
        memcpy(block + row * part.draws + part.first, lanes + row * N, part.count * sizeof(double));
}

template <int N> INLINE void add(double *to, Lanes<N> lanes) { store<N>(to, load<N>(to) + lanes); }

template <int N> INLINE bool any(Flags<N> flags) {
    int64_t found = 0;
    for (int64_t lane = 0; lane < N; lane++) found |= flags[lane];
    return found != 0;
}

// The shares of a layer's edges: the odds of one belief system, or the choices.
template <int N>
INLINE const double *shares_of(const Graph &g, int64_t mover, int64_t system, const double *odds, const double *choice) {
    return mover < 0 ? odds + system * g.odds_slots * N : choice;
}

// The probability of each node up to node number `until`, in one belief system. Those after it are partly added up.
template <int N>
void reach_of(const Graph &g, int64_t system, int64_t until, const double *odds, const double *choice, double *reach) {
    memset(reach, 0, (g.nodes + 1) * N * sizeof(double));
    store<N>(reach + g.root * N, fill<N>(1.0));
    for (int64_t layer = 0; layer < g.layers; layer++) {
        if (g.group_node[g.layer_group[layer]] >= until) break;
        const double *shares = shares_of<N>(g, g.layer_actor[layer], system, odds, choice);
        for (int64_t group = g.layer_group[layer]; group < g.layer_group[layer + 1]; group++) {
            const double *share = shares + g.group_slot[group] * (int64_t)N;
            const int64_t options = g.group_options[group];
            const int32_t *child = g.edge_child + g.group_edge[group];
            for (int64_t node = g.group_node[group]; node < g.group_node[group + 1]; node++, child += options) {
                const Lanes<N> own = load<N>(reach + node * N);
                for (int64_t option = 0; option < options; option++)
                    if (child[option] != g.nodes)
                        add<N>(reach + child[option] * (int64_t)N, own * load<N>(share + option * N));
            }
        }
    }
}

// Like `reach_of`, in logarithms, of the whole graph.
template <int N>
void log_reach_of(const Graph &g, int64_t system, const double *odds, const double *log_choice, double *reach) {
    for (int64_t node = 0; node <= g.nodes; node++) store<N>(reach + node * N, fill<N>(node == g.root ? 0.0 : -INFINITE));
    for (int64_t layer = 0; layer < g.layers; layer++) {
        const bool chance = g.layer_actor[layer] < 0;
        const double *shares = shares_of<N>(g, g.layer_actor[layer], system, odds, log_choice);
        for (int64_t group = g.layer_group[layer]; group < g.layer_group[layer + 1]; group++) {
            const double *share = shares + g.group_slot[group] * (int64_t)N;
            const int64_t options = g.group_options[group];
            const int32_t *child = g.edge_child + g.group_edge[group];
            for (int64_t node = g.group_node[group]; node < g.group_node[group + 1]; node++, child += options) {
                const Lanes<N> own = load<N>(reach + node * N);
                for (int64_t option = 0; option < options; option++) {
                    if (child[option] == g.nodes) continue;
                    const Lanes<N> step = load<N>(share + option * N);
                    const Lanes<N> more = own + (chance ? logarithm<N>(step) : step);
                    double *to = reach + child[option] * (int64_t)N;
                    const Lanes<N> old = load<N>(to), high = largest<N>(more, old);
                    const Lanes<N> low = where<N>(more > old, old, more);
                    const Lanes<N> both = high + logarithm<N>(1.0 + exponential<N>(low - high));
                    store<N>(to, where<N>(low > -INFINITE, both, high));
                }
            }
        }
    }
}

// Each option's logarithm of its choice probability, from logits, (slots): `log_choice`, (slots).
template <int N> void log_choices_of(const Graph &g, const double *logit, double *log_choice) {
    for (int64_t group = 0; group < g.groups; group++) {
        if (!g.closes[group]) continue;
        const int64_t first = g.group_slot[group], last = first + g.group_options[group];
        Lanes<N> best = fill<N>(-INFINITE), total = fill<N>(0.0);
        for (int64_t slot = first; slot < last; slot++) best = largest<N>(load<N>(logit + slot * N), best);
        for (int64_t slot = first; slot < last; slot++) {
            const Lanes<N> relative = load<N>(logit + slot * N) - best;
            store<N>(log_choice + slot * N, relative);
            total += where<N>(relative > -INFINITE, exponential<N>(relative), fill<N>(0.0));
        }
        total = logarithm<N>(total);
        for (int64_t slot = first; slot < last; slot++)
            store<N>(log_choice + slot * N, load<N>(log_choice + slot * N) - total);
    }
}

// Adds up the reach of the information sets of movers with these odds: fills their rows of `weight` and `mass`, which is
// zero before.
template <int N>
void weigh_sets(const Graph &g, int64_t system, const double *reach, double *weight, double *mass) {
    for (int64_t layer = 0; layer < g.layers; layer++) {
        const int64_t mover = g.layer_actor[layer];
        if (mover < 0 || g.belief_of[mover] != system) continue;
        for (int64_t group = g.layer_group[layer]; group < g.layer_group[layer + 1]; group++) {
            double *own = mass + g.group_set[group] * (int64_t)N;
            for (int64_t node = g.group_node[group]; node < g.group_node[group + 1]; node++) {
                const Lanes<N> lanes = load<N>(reach + node * N);
                store<N>(weight + node * N, lanes);
                add<N>(own, lanes);
            }
        }
    }
}

// The lanes in which the reach of a set underflows though the odds allow some play to reach it.
template <int N> INLINE Flags<N> lost_lanes(const Graph &g, const double *mass, const double *supported) {
    Flags<N> lost = {};
    for (int64_t set = 0; set < g.sets; set++)
        lost |= (load<N>(mass + set * N) < UNDERFLOW_REACH) & (load<N>(supported + set * N) > 0.0);
    return lost;
}

// Weighs the sets again in lanes that are `lost`, in logarithms, relative to the likeliest node of each set. `reach`,
// (nodes + 1), and `high`, (information sets), are working memory.
template <int N>
void weigh_rare_sets(const Graph &g, const Flags<N> &lost, const double *odds, const double *log_choice, double *reach,
                     double *high, double *weight, double *mass) {
    for (int64_t set = 0; set < g.sets; set++) {
        store<N>(high + set * N, fill<N>(-INFINITE));
        store<N>(mass + set * N, where<N>(lost, fill<N>(0.0), load<N>(mass + set * N)));
    }
    for (int64_t system = 0; system < g.systems; system++) {
        log_reach_of<N>(g, system, odds, log_choice, reach);
        for (int64_t pass = 0; pass < 2; pass++) {
            for (int64_t layer = 0; layer < g.layers; layer++) {
                const int64_t mover = g.layer_actor[layer];
                if (mover < 0 || g.belief_of[mover] != system) continue;
                for (int64_t group = g.layer_group[layer]; group < g.layer_group[layer + 1]; group++) {
                    const int64_t set = g.group_set[group] * (int64_t)N;
                    for (int64_t node = g.group_node[group]; node < g.group_node[group + 1]; node++) {
                        const Lanes<N> own = load<N>(reach + node * N), top = load<N>(high + set);
                        if (pass == 0) {
                            store<N>(high + set, largest<N>(own, top));
                            continue;
                        }
                        const Lanes<N> share = where<N>(own > -INFINITE, exponential<N>(own - top), fill<N>(0.0));
                        store<N>(weight + node * N, where<N>(lost, share, load<N>(weight + node * N)));
                        add<N>(mass + set, where<N>(lost, share, fill<N>(0.0)));
                    }
                }
            }
        }
    }
}

// The actor's values of a group's nodes; if the group is its `OWN`, adds to what each option is worth, too.
template <int N, bool OWN>
INLINE void value_group(const Graph &g, int64_t group, int64_t actor, const double *share, const double *pay,
                        const double *weight, const double *mass, double *value, double *worth) {
    const int64_t options = g.group_options[group];
    const int32_t *child = g.edge_child + g.group_edge[group];
    const int32_t *row = g.edge_pay + g.group_edge[group] * g.actors + actor;
    Lanes<N> reached = fill<N>(0.0), belief = fill<N>(0.0);
    if (OWN) reached = load<N>(mass + g.group_set[group] * (int64_t)N);
    for (int64_t node = g.group_node[group]; node < g.group_node[group + 1]; node++, child += options) {
        Lanes<N> total = fill<N>(0.0);
        if (OWN) {
            const Lanes<N> own = load<N>(weight + node * N);
            belief = where<N>(reached > 0.0, own / reached, own);
        }
        for (int64_t option = 0; option < options; option++, row += g.actors) {
            const Lanes<N> to_come = load<N>(value + child[option] * (int64_t)N) + load<N>(pay + *row * (int64_t)N);
            total += load<N>(share + option * N) * to_come;
            if (OWN) add<N>(worth + option * N, belief * to_come);
        }
        store<N>(value + node * N, total);
    }
}

// An actor's value of each node, payoff to come in its own odds, and what each of its options is worth, (slots): the sum
// over its set's nodes of weight over mass times payoff to come. The rows of `worth` of its sets are zero before.
template <int N>
void values_of(const Graph &g, int64_t actor, const double *odds, const double *pay, const double *choice,
               const double *weight, const double *mass, double *value, double *worth) {
    store<N>(value + g.nodes * N, fill<N>(0.0));
    for (int64_t layer = g.layers - 1; layer >= 0; layer--) {
        const int64_t mover = g.layer_actor[layer];
        const double *shares = shares_of<N>(g, mover, g.belief_of[actor], odds, choice);
        for (int64_t group = g.layer_group[layer]; group < g.layer_group[layer + 1]; group++) {
            const int64_t first = g.group_slot[group] * (int64_t)N;
            if (mover == actor)
                value_group<N, true>(g, group, actor, shares + first, pay, weight, mass, value, worth + first);
            else
                value_group<N, false>(g, group, actor, shares + first, pay, weight, mass, value, nullptr);
        }
    }
}

}  // namespace audit
