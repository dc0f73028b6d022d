// One sweep at a fixed point, carried back: the transpose of the derivative of the response, several draws side by side.
//
// A sweep spreads reach forward and values backward. Its transpose carries derivatives of values forward over the layers,
// through each answer to the values behind it, and derivatives of reach backward (reverse accumulation: Griewank &
// Walther 2008, Evaluating Derivatives, chapter 3). Arrays in lanes are flat, the lane last.
#pragma once

#include "blocks.hpp"
#include "choice_rules.hpp"
#include "graph.hpp"
#include "memory.hpp"

namespace {

// Fixed points, at which derivatives are taken: of a block, (rows, draws) in each array, or in lanes. Members are those
// of `carried_back.Place`; `inflow_edges`: the edges of each belief system in `inflow`; `squared`: 1 if there is
// `concentration`.
struct Place {
    int64_t draws, pay_rows, inflow_edges, squared;
    const double *odds, *pay, *rationality, *choice, *gain, *weight, *value, *inflow, *reach, *concentration;
};

// Some draws of a block in lanes, `count` of them in use: the fixed points, and the derivatives of one number.
//
// `odds`, `pay`, `rationality`, `concentration`: with respect to the same of `Place`. `log_choice`: (slots), the
// logarithms of choices; `gain`: (slots); `value`: (nodes + 1, actors); `log_reach`: (nodes + 1), the logarithm of reach
// in its mover's belief system. `toward`: (slots), with respect to the logits that the sweep answers; they add up to 0 in
// each information set. `ahead`: (nodes + 1), `share`: (options) and `spare`: (10 options) are working memory.
template <int N> struct Carried {
    const Graph &g;
    int64_t count;
    Place at;
    double *odds, *pay, *rationality, *log_choice, *gain, *value, *log_reach, *concentration;
    double *toward, *ahead, *share, *spare;
    double *places[10];

    Carried(const Graph &graph, const Place &block) : g(graph), count(0), at(block) {}

    // Gives every member its memory; with none, says how much is needed.
    int64_t take_memory(Memory *memory) {
        const int64_t nodes = g.nodes + 1, squares = at.squared ? g.systems * nodes : 0;
        int64_t total = 0;
        const auto part = [&](double *&member, int64_t rows) {
            if (memory) member = memory->take(rows * N);
            total += Memory::rounded(rows * N);
        };
        for (int64_t place = 0; place < 10; place++) part(places[place], rows_of(place));
        part(odds, g.systems * g.odds_slots), part(pay, at.pay_rows), part(rationality, g.actors);
        part(log_choice, g.slots), part(gain, g.slots), part(value, nodes * g.actors), part(log_reach, nodes);
        part(concentration, squares), part(toward, g.slots), part(ahead, nodes), part(share, g.most_options);
        part(spare, 10 * g.most_options);
        return total;
    }

    // The rows of the arrays of `Place`.
    int64_t rows_of(int64_t place) const {
        const int64_t nodes = g.nodes + 1;
        const int64_t rows[] = {g.systems * g.odds_slots, at.pay_rows, g.actors, g.slots, g.slots, g.nodes,
                                nodes * g.actors, g.systems * at.inflow_edges, at.inflow_edges ? g.systems * nodes : 0,
                                at.squared ? g.systems * nodes : 0};
        return rows[place];
    }

    // Takes draws of a block from `first` on.
    void take_draws(const Place &block, int64_t first) {
        count = block.draws - first < N ? block.draws - first : N;
        const double *arrays[] = {block.odds, block.pay, block.rationality, block.choice, block.gain,
                                  block.weight, block.value, block.inflow, block.reach, block.concentration};
        for (int64_t place = 0; place < 10; place++)
            take<N>(arrays[place], rows_of(place), block.draws, first, count, places[place]);
        at = {block.draws, block.pay_rows, block.inflow_edges, block.squared, places[0], places[1], places[2], places[3],
              places[4], places[5], places[6], places[7], places[8], places[9]};
    }
};

template <int N> INLINE void add(double *to, Lanes<N> lanes) { store<N>(to, load<N>(to) + lanes); }

// From the logarithms of a group's choices, in `share`, to what its mover's rule takes.
template <int N, bool WHOLE> void through_rule(Carried<N> &c, int64_t group, int64_t mover) {
    const Graph &g = c.g;
    const int64_t options = g.group_options[group], slot = g.group_slot[group], edge = g.group_edge[group];
    const int64_t system = g.belief_of[mover], nodes = g.nodes + 1;
    const bool is_private = g.rules[mover] == PRIVATE;
    double *gain = c.spare, *variance = gain + options, *log_choice = variance + options, *toward = log_choice + options;
    double *to_gain = toward + options, *to_variance = to_gain + options;
    for (int64_t lane = 0; lane < c.count; lane++) {
        for (int64_t option = 0; option < options; option++) {
            const int64_t at = (slot + option) * N + lane;
            gain[option] = c.at.gain[at], log_choice[option] = log_of(c.at.choice[at]);
            toward[option] = c.share[option * N + lane];
            const int64_t child = (system * nodes + g.edge_child[edge + option]) * N + lane;
            variance[option] = is_private ? c.at.concentration[child] : 0.0;
        }
        const double to_rationality =
            response_back(g.rules[mover], c.at.rationality[mover * N + lane], options, gain, variance, log_choice, toward,
                          to_gain, to_variance, to_variance + options);
        for (int64_t option = 0; option < options; option++) {
            c.gain[(slot + option) * N + lane] = to_gain[option];
            const int64_t child = (system * nodes + g.edge_child[edge + option]) * N + lane;
            if (is_private) c.concentration[child] += to_variance[option];
        }
        if (WHOLE) c.rationality[mover * N + lane] += to_rationality;
    }
}

// From the values of a group's nodes to its choices, and from the choices to the values of its options.
template <int N, bool WHOLE> void through_answer(Carried<N> &c, int64_t group, int64_t mover) {
    const Graph &g = c.g;
    const int64_t options = g.group_options[group], slot = g.group_slot[group], nodes = g.nodes + 1;
    const int64_t first = g.group_node[group], last = g.group_node[group + 1];
    for (int64_t option = 0; option < options; option++) {
        const Lanes<N> choice = load<N>(c.at.choice + (slot + option) * N);
        Lanes<N> total = fill<N>(0.0);
        int64_t edge = g.group_edge[group] + option;
        for (int64_t node = first; node < last; node++, edge += options) {
            for (int64_t actor = 0; actor < g.actors; actor++) {
                const int64_t child = g.edge_child[edge] * g.actors + actor, row = g.edge_pay[edge * g.actors + actor];
                const Lanes<N> to_come = load<N>(c.at.value + child * N) + load<N>(c.at.pay + row * N);
                total += load<N>(c.value + (node * g.actors + actor) * N) * to_come;
            }
        }
        edge = g.group_edge[group] + option;
        for (int64_t node = first; c.at.squared && node < last; node++, edge += options) {
            for (int64_t system = 0; system < g.systems; system++) {
                const int64_t child = system * nodes + g.edge_child[edge];
                const Lanes<N> more = 2.0 * choice * load<N>(c.at.concentration + child * N);
                total += more * load<N>(c.concentration + (system * nodes + node) * N);
            }
        }
        if (g.closes[group])
            store<N>(c.share + option * N, total * choice + load<N>(c.toward + (slot + option) * N));
        else  // the group keeps the choices that the sweep starts from
            add<N>(c.log_choice + (slot + option) * N, choice * total);
    }
    if (!g.closes[group]) return;
    if (g.rules[mover] != LOGIT) return through_rule<N, WHOLE>(c, group, mover);
    Lanes<N> total = fill<N>(0.0), to_rationality = load<N>(c.rationality + mover * N);
    for (int64_t option = 0; option < options; option++) total += load<N>(c.share + option * N);
    for (int64_t option = 0; option < options; option++) {
        const int64_t at = (slot + option) * N;
        const Lanes<N> here = load<N>(c.share + option * N) - load<N>(c.at.choice + at) * total;
        store<N>(c.gain + at, load<N>(c.at.rationality + mover * N) * here);
        to_rationality += load<N>(c.at.gain + at) * here;
    }
    if (WHOLE) store<N>(c.rationality + mover * N, to_rationality);
}

// From the values of a group's nodes and options to the values of the nodes behind them, and to reach.
template <int N, bool WHOLE> void through_move(Carried<N> &c, int64_t group, int64_t mover) {
    const Graph &g = c.g;
    const int64_t options = g.group_options[group], slot = g.group_slot[group];
    int64_t edge = g.group_edge[group];
    for (int64_t node = g.group_node[group]; node < g.group_node[group + 1]; node++) {
        for (int64_t index = slot; index < slot + options; index++, edge++) {
            const Lanes<N> choice = load<N>(c.at.choice + index * N);
            for (int64_t actor = 0; actor < g.actors; actor++) {
                const int64_t child = g.edge_child[edge] * g.actors + actor, row = g.edge_pay[edge * g.actors + actor];
                const Lanes<N> by_choice = choice * load<N>(c.value + (node * g.actors + actor) * N);
                Lanes<N> here = by_choice;
                if (actor == mover) {
                    const Lanes<N> to_come = load<N>(c.at.value + child * N) + load<N>(c.at.pay + row * N) -
                                             load<N>(c.at.gain + index * N);
                    here = load<N>(c.at.weight + node * N) * load<N>(c.gain + index * N);
                    add<N>(c.log_reach + node * N, here * to_come);
                    here += by_choice;
                }
                add<N>(c.value + child * N, here);
                if (WHOLE) add<N>(c.pay + row * N, here);
            }
        }
    }
}

// From the values of a chance group's nodes to the values of the nodes behind them, and to each actor's odds.
template <int N, bool WHOLE> void through_chance(Carried<N> &c, int64_t group) {
    const Graph &g = c.g;
    const int64_t options = g.group_options[group], slot = g.group_slot[group];
    int64_t edge = g.group_edge[group];
    for (int64_t node = g.group_node[group]; node < g.group_node[group + 1]; node++) {
        for (int64_t index = slot; index < slot + options; index++, edge++) {
            for (int64_t actor = 0; actor < g.actors; actor++) {
                const int64_t child = g.edge_child[edge] * g.actors + actor, row = g.edge_pay[edge * g.actors + actor];
                const int64_t odds = g.belief_of[actor] * g.odds_slots + index;
                const Lanes<N> back = load<N>(c.value + (node * g.actors + actor) * N);
                const Lanes<N> here = load<N>(c.at.odds + odds * N) * back;
                add<N>(c.value + child * N, here);
                if (!WHOLE) continue;
                add<N>(c.odds + odds * N, back * (load<N>(c.at.value + child * N) + load<N>(c.at.pay + row * N)));
                add<N>(c.pay + row * N, here);
            }
        }
    }
}

// From the concentration of the ends after a group's nodes to that after the nodes behind them, and to odds.
template <int N, bool WHOLE> void through_concentration(Carried<N> &c, int64_t group, bool is_move) {
    const Graph &g = c.g;
    const int64_t options = g.group_options[group], slot = g.group_slot[group], nodes = g.nodes + 1;
    int64_t edge = g.group_edge[group];
    for (int64_t node = g.group_node[group]; node < g.group_node[group + 1]; node++) {
        for (int64_t index = slot; index < slot + options; index++, edge++) {
            for (int64_t system = 0; system < g.systems; system++) {
                const int64_t odds = system * g.odds_slots + index, child = system * nodes + g.edge_child[edge];
                const Lanes<N> share = load<N>(is_move ? c.at.choice + index * N : c.at.odds + odds * N);
                const Lanes<N> here = share * load<N>(c.concentration + (system * nodes + node) * N);
                add<N>(c.concentration + child * N, share * here);
                if (WHOLE && !is_move)
                    add<N>(c.odds + odds * N, 2.0 * here * load<N>(c.at.concentration + child * N));
            }
        }
    }
}

// From the reach of nodes in one belief system, in its first layers, to the choices and the odds on the ways to them.
template <int N, bool WHOLE> void through_reach(Carried<N> &c, int64_t system, int64_t layers) {
    const Graph &g = c.g;
    const Lanes<N> zero = fill<N>(0.0);
    const double *inflow = c.at.inflow + system * c.at.inflow_edges * N;
    const double *reach = c.at.reach + system * (g.nodes + 1) * N;
    memset(c.ahead, 0, (g.nodes + 1) * N * sizeof(double));
    for (int64_t layer = layers - 1; layer >= 0; layer--) {
        const int64_t mover = g.layer_actor[layer];
        const bool own = mover >= 0 && g.belief_of[mover] == system;
        for (int64_t group = g.layer_group[layer]; group < g.layer_group[layer + 1]; group++) {
            const int64_t options = g.group_options[group], slot = g.group_slot[group];
            int64_t edge = g.group_edge[group];
            for (int64_t node = g.group_node[group]; node < g.group_node[group + 1]; node++) {
                Lanes<N> total = own ? load<N>(c.log_reach + node * N) : zero;
                for (int64_t index = slot; index < slot + options; index++, edge++) {
                    const int64_t child = g.edge_child[edge];
                    const Lanes<N> behind = load<N>(c.ahead + child * N), here = load<N>(inflow + edge * N) * behind;
                    total += here;
                    if (mover >= 0) {
                        add<N>(c.log_choice + index * N, here);
                    } else if (WHOLE) {
                        const int64_t at = (system * g.odds_slots + index) * N;
                        const Lanes<N> odds = load<N>(c.at.odds + at), there = load<N>(reach + child * N);
                        const Lanes<N> if_impossible = load<N>(reach + node * N) / there * behind;
                        const Lanes<N> more = where<N>(there > zero, if_impossible, zero);
                        add<N>(c.odds + at, where<N>(odds > zero, here / odds, more));
                    }
                }
                store<N>(c.ahead + node * N, total);
            }
        }
    }
}

// Carries derivatives with respect to the answering logits, `toward`, back through one sweep. `last_layer`: (belief
// systems), the number of layers up to the last information set of several nodes that uses the system. `WHOLE`: whether
// derivatives with respect to odds, payments and rationality are added up as well. `log_choice` is filled with those with
// respect to the logarithms of the choices that the sweep starts from.
template <int N, bool WHOLE> void carry_back(Carried<N> &c, const int64_t *last_layer) {
    const Graph &g = c.g;
    const int64_t nodes = g.nodes + 1;
    memset(c.value, 0, nodes * g.actors * N * sizeof(double));
    memset(c.log_reach, 0, nodes * N * sizeof(double));
    memset(c.log_choice, 0, g.slots * N * sizeof(double));
    if (c.at.squared) memset(c.concentration, 0, g.systems * nodes * N * sizeof(double));
    // choices after the last information set of several nodes change no belief
    int64_t layers = WHOLE ? g.layers : 0;
    for (int64_t system = 0; system < g.systems; system++)
        if (last_layer[system] > layers) layers = last_layer[system];
    for (int64_t layer = 0; layer < layers; layer++) {
        const int64_t mover = g.layer_actor[layer];
        for (int64_t group = g.layer_group[layer]; group < g.layer_group[layer + 1]; group++) {
            if (mover >= 0) {
                through_answer<N, WHOLE>(c, group, mover);
                through_move<N, WHOLE>(c, group, mover);
            } else {
                through_chance<N, WHOLE>(c, group);
            }
            if (c.at.squared) through_concentration<N, WHOLE>(c, group, mover >= 0);
        }
    }
    for (int64_t system = 0; system < g.systems; system++)
        if (last_layer[system] > 0) through_reach<N, WHOLE>(c, system, last_layer[system]);
}

}  // namespace
