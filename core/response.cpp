// The response of one draw as a map of logits, for every choice rule.

#include "response.hpp"

#include "memory.hpp"

namespace {

// Choice probabilities and their logarithms from logits.
void normalise(const Graph &g, const double *theta, const Point &point) {
    for (int64_t group = 0; group < g.groups; group++) {
        if (!g.closes[group]) continue;
        const int64_t slot = g.group_slot[group], end = slot + g.group_options[group];
        double best = -INFINITE, total = 0.0;
        for (int64_t index = slot; index < end; index++) best = larger(best, theta[index]);
        for (int64_t index = slot; index < end; index++) total += exp_of(theta[index] - best);
        const double level = log_of(total);
        for (int64_t index = slot; index < end; index++) {
            point.log_choice[index] = theta[index] - best - level;
            point.choice[index] = exp_of(point.log_choice[index]);
        }
    }
}

// Divides what comes in on the ways into a node by its total; most nodes have one way.
INLINE void share_out(double *inflow, int64_t first, int64_t last, double total) {
    if (!(total > 0.0)) return;
    if (last - first == 1)
        inflow[first] = 1.0;
    else
        for (int64_t way = first; way < last; way++) inflow[way] /= total;
}

// Probabilities of nodes, and the share of each way into them.
void reach_forward(const Graph &g, const Draw &draw, const Point &point) {
    const int64_t ways = g.ways[g.nodes];
    for (int64_t belief = 0; belief < g.systems; belief++) {
        double *reach = point.reach + belief * (g.nodes + 1), *inflow = point.inflow + belief * ways;
        const double *odds = draw.odds + belief * g.odds_slots;
        for (int64_t node = 0; node < g.until[belief]; node++) {
            const int64_t first = g.ways[node], last = g.ways[node + 1];
            double total = node == g.root ? 1.0 : 0.0;
            for (int64_t way = first; way < last; way++) {
                const int64_t slot = g.way_slot[way];
                inflow[way] = reach[g.way_from[way]] * (slot >= 0 ? point.choice[slot] : odds[~slot]);
                total += inflow[way];
            }
            reach[node] = total;
            share_out(inflow, first, last, total);
        }
    }
}

// Weights within information sets; true if a supported set's reach has underflowed.
bool weigh(const Graph &g, const Draw &draw, const Point &point) {
    for (int64_t set = 0; set < g.sets; set++) point.mass[set] = 0.0;
    for (int64_t layer = 0; layer < g.layers; layer++) {
        if (g.layer_actor[layer] < 0) continue;
        const double *reach = point.reach + g.belief_of[g.layer_actor[layer]] * (g.nodes + 1);
        for (int64_t group = g.layer_group[layer]; group < g.layer_group[layer + 1]; group++)
            for (int64_t node = g.group_node[group]; node < g.group_node[group + 1]; node++)
                point.mass[g.group_set[group]] += reach[node];
    }
    for (int64_t layer = 0; layer < g.layers; layer++) {
        if (g.layer_actor[layer] < 0) continue;
        const double *reach = point.reach + g.belief_of[g.layer_actor[layer]] * (g.nodes + 1);
        for (int64_t group = g.layer_group[layer]; group < g.layer_group[layer + 1]; group++) {
            const double mass = point.mass[g.group_set[group]];
            if (mass < UNDERFLOW_REACH && draw.supported[g.group_set[group]] > 0.0) return true;
            for (int64_t node = g.group_node[group]; node < g.group_node[group + 1]; node++)
                point.weight[node] = mass > 0.0 ? reach[node] / mass : 0.0;
        }
    }
    return false;
}

// Like `reach_forward`, in logarithms.
void log_reach_forward(const Graph &g, const Draw &draw, const Point &point) {
    const int64_t ways = g.ways[g.nodes];
    for (int64_t belief = 0; belief < g.systems; belief++) {
        double *reach = point.reach + belief * (g.nodes + 1), *inflow = point.inflow + belief * ways;
        const double *odds = draw.odds + belief * g.odds_slots;
        for (int64_t node = 0; node < g.until[belief]; node++) {
            const int64_t first = g.ways[node], last = g.ways[node + 1];
            double best = node == g.root ? 0.0 : -INFINITE, total = node == g.root ? 1.0 : 0.0;
            for (int64_t way = first; way < last; way++) {
                const int64_t slot = g.way_slot[way];
                inflow[way] = reach[g.way_from[way]] + (slot >= 0 ? point.log_choice[slot] : log_of(odds[~slot]));
                best = larger(best, inflow[way]);
            }
            for (int64_t way = first; way < last; way++) {
                inflow[way] = best > -INFINITE ? exp_of(inflow[way] - best) : 0.0;
                total += inflow[way];
            }
            reach[node] = best > -INFINITE ? best + log_of(total) : -INFINITE;
            share_out(inflow, first, last, total);
        }
    }
}

// Like `weigh`, in logarithms; `mass` is the largest logarithm of each information set. `total`: (sets).
void log_weigh(const Graph &g, const Point &point, double *total) {
    for (int64_t set = 0; set < g.sets; set++) point.mass[set] = -INFINITE, total[set] = 0.0;
    for (int stage = 0; stage < 3; stage++) {
        for (int64_t layer = 0; layer < g.layers; layer++) {
            if (g.layer_actor[layer] < 0) continue;
            const double *reach = point.reach + g.belief_of[g.layer_actor[layer]] * (g.nodes + 1);
            for (int64_t group = g.layer_group[layer]; group < g.layer_group[layer + 1]; group++) {
                const int64_t set = g.group_set[group];
                for (int64_t node = g.group_node[group]; node < g.group_node[group + 1]; node++) {
                    if (stage == 0) {
                        point.mass[set] = larger(point.mass[set], reach[node]);
                    } else if (stage == 1) {
                        const double high = point.mass[set];
                        point.weight[node] = high > -INFINITE ? exp_of(reach[node] - high) : 0.0;
                        total[set] += point.weight[node];
                    } else if (total[set] > 0.0) {
                        point.weight[node] /= total[set];
                    }
                }
            }
        }
    }
}

// The response at one information set.
void answer(const Point &point, int64_t slot, int64_t options, int32_t rule, double rationality, double *spare) {
    double *image = point.image + slot, *answered = point.answer + slot;
    const double *gain = point.gain + slot;
    double mean = 0.0, best = -INFINITE, total = 0.0;
    if (rule != LOGIT) {
        log_response(rule, rationality, options, gain, point.variance + slot, image, spare);
        for (int64_t option = 0; option < options; option++) answered[option] = exp_of(image[option]);
        for (int64_t option = 0; option < options; option++) mean += image[option];
        mean /= (double)options;
        for (int64_t option = 0; option < options; option++) image[option] -= mean;
        return;
    }
    for (int64_t option = 0; option < options; option++) {
        image[option] = rationality * gain[option];
        mean += image[option];
        best = larger(best, image[option]);
    }
    mean /= (double)options;
    for (int64_t option = 0; option < options; option++) {
        answered[option] = exp_of(image[option] - best);
        total += answered[option];
        image[option] -= mean;
    }
    for (int64_t option = 0; option < options; option++) answered[option] /= total;
}

// The concentration of the ends after a group's nodes, in each belief system.
void concentrate(const Graph &g, const Draw &draw, const Point &point, int64_t group, int64_t mover,
                 const double *share) {
    const int64_t slot = g.group_slot[group], options = g.group_options[group];
    for (int64_t belief = 0; belief < g.systems; belief++) {
        double *own = point.concentration + belief * (g.nodes + 1);
        const double *odds = (mover >= 0 ? share : draw.odds + belief * g.odds_slots) + slot;
        int64_t edge = g.group_edge[group];
        for (int64_t node = g.group_node[group]; node < g.group_node[group + 1]; node++, edge += options) {
            double total = 0.0;
            for (int64_t option = 0; option < options; option++)
                total += odds[option] * odds[option] * own[g.edge_child[edge + option]];
            own[node] = total;
        }
    }
}

// Every actor's payoff on a group's edges and after them, (edges, room).
INLINE void add_payments(const int32_t *child, const double *value, const double *paid, int64_t first, int64_t last,
                         int64_t room, double *to_come) {
    for (int64_t edge = first; edge < last; edge++) {
        const double *after = value + child[edge] * room;
        for (int64_t at = 0; at < room; at += WIDTH)
            store<WIDTH>(to_come + edge * room + at, four(after + at) + four(paid + edge * room + at));
    }
}

// Every actor's value of a group's nodes: by each option's share, the same for all, or each actor's own odds.
template <bool CHANCE>
INLINE void value_nodes(const double *shares, const double *to_come, int64_t nodes, int64_t options, int64_t room,
                        double *value) {
    for (int64_t node = 0; node < nodes; node++, to_come += options * room, value += room)
        for (int64_t at = 0; at < room; at += WIDTH) {
            Four total = fill<WIDTH>(0.0);
            for (int64_t option = 0; option < options; option++) {
                const Four after = four(to_come + option * room + at);
                if (CHANCE)
                    total += four(shares + option * room + at) * after;
                else
                    total += shares[option] * after;
            }
            store<WIDTH>(value + at, total);
        }
}

}  // namespace

bool respond(const Graph &g, const Draw &draw, const double *theta, double scale, bool logarithms, const Point &point,
             double *spare) {
    normalise(g, theta, point);
    if (!logarithms) {
        reach_forward(g, draw, point);
        logarithms = weigh(g, draw, point);
    }
    if (logarithms) {
        log_reach_forward(g, draw, point);
        log_weigh(g, point, spare);
    }
    const int64_t room = room_of(g);
    const bool shocks = private_shocks(g);
    double *value = point.value, *to_come = point.to_come;
    for (int64_t layer = g.layers - 1; layer >= 0; layer--) {
        const int64_t mover = g.layer_actor[layer];
        for (int64_t group = g.layer_group[layer]; group < g.layer_group[layer + 1]; group++) {
            const int64_t options = g.group_options[group], slot = g.group_slot[group], start = g.group_edge[group];
            const int64_t first = g.group_node[group], last = g.group_node[group + 1];
            add_payments(g.edge_child, value, draw.paid, start, start + (last - first) * options, room, to_come);
            const double *share = point.answer;
            if (mover >= 0) {
                double *gain = point.gain + slot;
                for (int64_t option = 0; g.opens[group] && option < options; option++) gain[option] = 0.0;
                const double *own = to_come + start * room + mover;
                for (int64_t node = first; node < last; node++)
                    for (int64_t option = 0; option < options; option++, own += room)
                        gain[option] += point.weight[node] * *own;
                if (g.closes[group]) {
                    const double *ahead = point.concentration + g.belief_of[mover] * (g.nodes + 1);
                    for (int64_t option = 0; g.rules[mover] == PRIVATE && option < options; option++)
                        point.variance[slot + option] = ahead[g.edge_child[start + option]];
                    answer(point, slot, options, g.rules[mover], scale * draw.rationality[mover], spare);
                }
                if (!(g.closes[group] && draw.in_turn)) share = point.choice;
            }
            if (mover >= 0)
                value_nodes<false>(share + slot, to_come + start * room, last - first, options, room,
                                   value + first * room);
            else
                value_nodes<true>(draw.own_odds + slot * room, to_come + start * room, last - first, options, room,
                                  value + first * room);
            if (shocks) concentrate(g, draw, point, group, mover, share);
        }
    }
    return logarithms;
}

// `respond` for one call; `logarithms` becomes whether reach was carried in logarithms.
extern "C" int64_t respond_to_logits(const Graph *graph, const Draw *draw, const double *theta, double scale,
                                     uint8_t *logarithms, const Point *point) {
    Memory memory(spare_of(*graph));
    if (memory.failed()) return 1;
    *logarithms = respond(*graph, *draw, theta, scale, *logarithms, *point, memory.take(spare_of(*graph)));
    return 0;
}
