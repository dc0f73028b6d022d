// A certificate's own responses by choice rules other than logit, straight from their definitions (`choice_rules`).
#pragma once

#include <math.h>

#include "audit.hpp"

// The information sets: (sets) each.
struct Sets {
    const int64_t *movers, *first_slots, *options;
};

// Points of a quadrature over a standard normal shock, and their weights times its density.
struct Quadrature {
    const double *shocks, *weights;
    int64_t points;
};

namespace audit {

constexpr int32_t LOGIT = 0, PRIVATE = 2;  // by number in `structure.RULES`
constexpr double SQUARE_ROOT_OF_2 = 1.41421356237309504880;

// The sum of squared probabilities of all ways for play to end after a node: `squares`, (nodes + 1).
template <int N>
void squares_of(const Graph &g, int64_t system, const double *odds, const double *choice, double *squares) {
    store<N>(squares + g.nodes * N, fill<N>(1.0));
    for (int64_t layer = g.layers - 1; layer >= 0; layer--) {
        const double *shares = shares_of<N>(g, g.layer_actor[layer], system, odds, choice);
        for (int64_t group = g.layer_group[layer]; group < g.layer_group[layer + 1]; group++) {
            const double *share = shares + g.group_slot[group] * (int64_t)N;
            int64_t edge = g.group_edge[group];
            for (int64_t node = g.group_node[group]; node < g.group_node[group + 1]; node++) {
                Lanes<N> total = fill<N>(0.0);
                for (int64_t option = 0; option < g.group_options[group]; option++, edge++) {
                    const Lanes<N> one = load<N>(share + option * N);
                    total += one * one * load<N>(squares + g.edge_child[edge] * (int64_t)N);
                }
                store<N>(squares + node * N, total);
            }
        }
    }
}

// The standard deviation of the difference of two options' shocks, times rationality: (information sets). Of private
// shocks, a set is a single node. `squares`: (nodes + 1), working memory.
template <int N>
void deviations_of(const Graph &g, const double *odds, const double *choice, double *squares, double *deviation) {
    for (int64_t set = 0; set < g.sets; set++) store<N>(deviation + set * N, fill<N>(SQUARE_ROOT_OF_2));
    for (int64_t system = 0; system < g.systems; system++) {
        bool needed = false;
        for (int64_t actor = 0; actor < g.actors; actor++)
            needed = needed || (g.rules[actor] == PRIVATE && g.belief_of[actor] == system);
        if (!needed) continue;
        squares_of<N>(g, system, odds, choice, squares);
        for (int64_t layer = 0; layer < g.layers; layer++) {
            const int64_t mover = g.layer_actor[layer];
            if (mover < 0 || g.rules[mover] != PRIVATE || g.belief_of[mover] != system) continue;
            for (int64_t group = g.layer_group[layer]; group < g.layer_group[layer + 1]; group++) {
                Lanes<N> total = fill<N>(0.0);
                for (int64_t option = 0; option < g.group_options[group]; option++)
                    total += load<N>(squares + g.edge_child[g.group_edge[group] + option] * (int64_t)N);
                for (int64_t lane = 0; lane < N; lane++) total[lane] = sqrt(total[lane]);
                store<N>(deviation + g.group_set[group] * (int64_t)N, total);
            }
        }
    }
}

INLINE double above(double lead) { return 0.5 * erfc(-lead / SQUARE_ROOT_OF_2); }

// Probabilities of options, (slots), of movers with other rules than logit; 0 elsewhere. `ahead`, (information sets): is
// added, `sign` times, to what an option is worth when its own probability is computed.
template <int N>
void responses_of(const Graph &g, const Sets &sets, const Quadrature &over, const double *worth,
                  const double *rationality, const double *deviation, const double *ahead, double sign,
                  double *response) {
    memset(response, 0, g.slots * N * sizeof(double));
    for (int64_t set = 0; set < g.sets; set++) {
        const int64_t mover = sets.movers[set], first = sets.first_slots[set], last = first + sets.options[set];
        if (g.rules[mover] == LOGIT) continue;
        for (int64_t slot = first; slot < last; slot++) {
            for (int64_t lane = 0; lane < N; lane++) {
                double &own = response[slot * N + lane];
                const double times = rationality[mover * N + lane];
                const double value = worth[slot * N + lane] + sign * ahead[set * N + lane];
                if (last - first == 1) {
                    own = 1.0;
                } else if (last - first == 2) {
                    const double lead = times * (value - worth[(first + last - 1 - slot) * N + lane]);
                    own = 0.5 * erfc(-lead / deviation[set * N + lane] / SQUARE_ROOT_OF_2);
                } else {
                    for (int64_t point = 0; point < over.points; point++) {
                        double chance = over.weights[point];
                        for (int64_t other = first; other < last; other++)
                            if (other != slot)
                                chance *= above(over.shocks[point] + times * (value - worth[other * N + lane]));
                        own += chance;
                    }
                }
            }
        }
    }
}

}  // namespace audit
