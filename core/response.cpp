// The response of one draw as a map of logits, with its exact derivative, for every choice rule.

#include "response.hpp"

#include "choice_rules.hpp"
#include "memory.hpp"

namespace {

using Four = Lanes<WIDTH>;
INLINE Four four(const double *from) { return load<WIDTH>(from); }

bool private_shocks(const Graph &g) {
    for (int64_t actor = 0; actor < g.actors; actor++)
        if (g.rules[actor] == PRIVATE) return true;
    return false;
}

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
            if (total > 0.0)
                for (int64_t way = first; way < last; way++) inflow[way] /= total;
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
            if (total > 0.0)
                for (int64_t way = first; way < last; way++) inflow[way] /= total;
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

// The change of the response at one information set from that of gains, in `out`.
void answer_along(const Graph &g, const Draw &draw, double scale, const Point &point, const ResponseDerivative &change,
                  int64_t group, int64_t mover, double faster, double *out, double *spare) {
    const int64_t slot = g.group_slot[group], options = g.group_options[group];
    const double rationality = draw.rationality[mover];
    const double *answered = point.answer + slot;
    double *more = change.answer + slot, mean = 0.0, tilt = 0.0;
    out += slot;
    if (g.rules[mover] == LOGIT) {
        for (int64_t option = 0; option < options; option++) {
            out[option] = rationality * (scale * out[option] + faster * point.gain[slot + option]);
            mean += out[option];
            tilt += answered[option] * out[option];
        }
        mean /= (double)options;
        for (int64_t option = 0; option < options; option++) {
            more[option] = answered[option] * (out[option] - tilt);
            out[option] -= mean;
        }
        return;
    }
    const double *ahead = change.concentration + g.belief_of[mover] * (g.nodes + 1);
    for (int64_t option = 0; g.rules[mover] == PRIVATE && option < options; option++)
        change.variance[slot + option] = ahead[g.edge_child[g.group_edge[group] + option]];
    response_along(g.rules[mover], scale * rationality, options, point.gain + slot, point.variance + slot,
                   point.image + slot, faster * rationality, out, change.variance + slot, more, spare);
    for (int64_t option = 0; option < options; option++) mean += more[option];
    mean /= (double)options;
    for (int64_t option = 0; option < options; option++) {
        out[option] = more[option] - mean;
        more[option] *= answered[option];
    }
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

// The change of `concentrate`; `change.answer` is that of the mover's choices.
void concentrate_along(const Graph &g, const Draw &draw, const Point &point, const ResponseDerivative &change,
                       int64_t group, int64_t mover, const double *share) {
    const int64_t slot = g.group_slot[group], options = g.group_options[group];
    for (int64_t belief = 0; belief < g.systems; belief++) {
        const double *own = point.concentration + belief * (g.nodes + 1);
        double *ahead = change.concentration + belief * (g.nodes + 1);
        const double *odds = (mover >= 0 ? share : draw.odds + belief * g.odds_slots) + slot;
        int64_t edge = g.group_edge[group];
        for (int64_t node = g.group_node[group]; node < g.group_node[group + 1]; node++, edge += options) {
            double total = 0.0;
            for (int64_t option = 0; option < options; option++) {
                const int64_t child = g.edge_child[edge + option];
                if (mover >= 0) total += 2.0 * odds[option] * change.answer[slot + option] * own[child];
                total += odds[option] * odds[option] * ahead[child];
            }
            ahead[node] = total;
        }
    }
}

// Every actor's payoff on a group's edges and after them, (edges, room).
INLINE void add_payments(const Graph &g, const Draw &draw, const Point &point, int64_t first, int64_t last,
                         int64_t room) {
    for (int64_t edge = first; edge < last; edge++)
        for (int64_t at = 0; at < room; at += WIDTH) {
            const Four after = four(point.value + g.edge_child[edge] * room + at) + four(draw.paid + edge * room + at);
            store<WIDTH>(point.to_come + edge * room + at, after);
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
    for (int64_t layer = g.layers - 1; layer >= 0; layer--) {
        const int64_t mover = g.layer_actor[layer];
        for (int64_t group = g.layer_group[layer]; group < g.layer_group[layer + 1]; group++) {
            const int64_t options = g.group_options[group], slot = g.group_slot[group], start = g.group_edge[group];
            const int64_t first = g.group_node[group], last = g.group_node[group + 1];
            add_payments(g, draw, point, start, start + (last - first) * options, room);
            const double *share = point.answer;
            if (mover >= 0) {
                double *gain = point.gain + slot;
                for (int64_t option = 0; g.opens[group] && option < options; option++) gain[option] = 0.0;
                const double *to_come = point.to_come + start * room + mover;
                for (int64_t node = first; node < last; node++)
                    for (int64_t option = 0; option < options; option++, to_come += room)
                        gain[option] += point.weight[node] * *to_come;
                if (g.closes[group]) {
                    const double *ahead = point.concentration + g.belief_of[mover] * (g.nodes + 1);
                    for (int64_t option = 0; g.rules[mover] == PRIVATE && option < options; option++)
                        point.variance[slot + option] = ahead[g.edge_child[start + option]];
                    answer(point, slot, options, g.rules[mover], scale * draw.rationality[mover], spare);
                }
                if (!(g.closes[group] && draw.in_turn)) share = point.choice;
            }
            const double *to_come = point.to_come + start * room;
            for (int64_t node = first; node < last; node++, to_come += options * room)
                for (int64_t at = 0; at < room; at += WIDTH) {
                    Four total = fill<WIDTH>(0.0);
                    for (int64_t option = 0; option < options; option++) {
                        const Four after = four(to_come + option * room + at);
                        if (mover >= 0)
                            total += share[slot + option] * after;
                        else
                            total += four(draw.own_odds + (slot + option) * room + at) * after;
                    }
                    store<WIDTH>(point.value + node * room + at, total);
                }
            if (shocks) concentrate(g, draw, point, group, mover, share);
        }
    }
    return logarithms;
}

void differentiate(const Graph &g, const Draw &draw, double scale, const Point &point,
                   const ResponseDerivative &change, const double *along, double faster, double *out, double *spare) {
    for (int64_t group = 0; group < g.groups; group++) {
        if (!g.closes[group]) continue;
        const int64_t slot = g.group_slot[group], end = slot + g.group_options[group];
        double mean = 0.0;
        for (int64_t index = slot; index < end; index++) mean += point.choice[index] * along[index];
        for (int64_t index = slot; index < end; index++) change.log_choice[index] = along[index] - mean;
    }
    const int64_t ways = g.ways[g.nodes], room = room_of(g);
    for (int64_t belief = 0; belief < g.systems; belief++) {
        double *ahead = change.log_reach + belief * (g.nodes + 1);
        const double *inflow = point.inflow + belief * ways;
        for (int64_t node = 0; node < g.until[belief]; node++) {
            double total = 0.0;
            for (int64_t way = g.ways[node]; way < g.ways[node + 1]; way++) {
                const int64_t slot = g.way_slot[way];
                total += inflow[way] * (ahead[g.way_from[way]] + (slot >= 0 ? change.log_choice[slot] : 0.0));
            }
            ahead[node] = total;
        }
    }
    const bool shocks = private_shocks(g);
    for (int64_t layer = g.layers - 1; layer >= 0; layer--) {
        const int64_t mover = g.layer_actor[layer];
        for (int64_t group = g.layer_group[layer]; group < g.layer_group[layer + 1]; group++) {
            const int64_t options = g.group_options[group], slot = g.group_slot[group], start = g.group_edge[group];
            const int64_t first = g.group_node[group], last = g.group_node[group + 1];
            const double *share = point.answer;
            if (mover >= 0) {
                for (int64_t option = 0; g.opens[group] && option < options; option++) out[slot + option] = 0.0;
                const double *towards = change.log_reach + g.belief_of[mover] * (g.nodes + 1);
                int64_t edge = start;
                for (int64_t node = first; node < last; node++)
                    for (int64_t option = 0; option < options; option++, edge++) {
                        const double to_come = point.to_come[edge * room + mover];
                        const double more = towards[node] * (to_come - point.gain[slot + option]);
                        const double ahead = change.value[g.edge_child[edge] * room + mover];
                        out[slot + option] += point.weight[node] * (more + ahead);
                    }
                if (g.closes[group]) answer_along(g, draw, scale, point, change, group, mover, faster, out, spare);
                if (!(g.closes[group] && draw.in_turn)) {
                    share = point.choice;
                    for (int64_t index = slot; index < slot + options; index++)
                        change.answer[index] = point.choice[index] * change.log_choice[index];
                }
            }
            int64_t edge = start;
            for (int64_t node = first; node < last; node++, edge += options)
                for (int64_t at = 0; at < room; at += WIDTH) {
                    Four total = fill<WIDTH>(0.0);
                    for (int64_t option = 0; option < options; option++) {
                        const Four ahead = four(change.value + g.edge_child[edge + option] * room + at);
                        if (mover >= 0) {
                            total += share[slot + option] * ahead;
                            total += change.answer[slot + option] * four(point.to_come + (edge + option) * room + at);
                        } else {
                            total += four(draw.own_odds + (slot + option) * room + at) * ahead;
                        }
                    }
                    store<WIDTH>(change.value + node * room + at, total);
                }
            if (shocks) concentrate_along(g, draw, point, change, group, mover, share);
        }
    }
}

// `respond` for one call; `logarithms` becomes whether reach was carried in logarithms.
extern "C" int64_t respond_to_logits(const Graph *graph, const Draw *draw, const double *theta, double scale,
                                     uint8_t *logarithms, const Point *point) {
    Memory memory(spare_of(*graph));
    if (memory.failed()) return 1;
    *logarithms = respond(*graph, *draw, theta, scale, *logarithms, *point, memory.take(spare_of(*graph)));
    return 0;
}

extern "C" int64_t differentiate_response(const Graph *graph, const Draw *draw, double scale, const Point *point,
                                          const ResponseDerivative *change, const double *along, double faster,
                                          double *out) {
    Memory memory(spare_of(*graph));
    if (memory.failed()) return 1;
    differentiate(*graph, *draw, scale, *point, *change, along, faster, out, memory.take(spare_of(*graph)));
    return 0;
}
