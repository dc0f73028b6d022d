// The exact derivative of one draw's response, for every choice rule.

#include "memory.hpp"
#include "response.hpp"

namespace {

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

// The change of `value_nodes`, of open nodes alone; `more`: of the shares.
template <bool CHANCE>
INLINE void value_nodes_along(const int32_t *child, const double *shares, const double *more, const double *to_come,
                              const uint8_t *open, int64_t first, int64_t last, int64_t options, int64_t room,
                              double *value) {
    for (int64_t node = first; node < last; node++, child += options) {
        const double *after = CHANCE ? nullptr : to_come + (node - first) * options * room;
        for (int64_t at = 0; open[node] && at < room; at += WIDTH) {
            Four total = fill<WIDTH>(0.0);
            for (int64_t option = 0; option < options; option++) {
                const Four ahead = four(value + child[option] * room + at);
                if (CHANCE) {
                    total += four(shares + option * room + at) * ahead;
                } else {
                    total += shares[option] * ahead;
                    total += more[option] * four(after + option * room + at);
                }
            }
            store<WIDTH>(value + node * room + at, total);
        }
    }
}

}  // namespace

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
    double *value = change.value;
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
                        const double ahead = value[g.edge_child[edge] * room + mover];
                        out[slot + option] += point.weight[node] * (more + ahead);
                    }
                if (g.closes[group]) answer_along(g, draw, scale, point, change, group, mover, faster, out, spare);
                if (!(g.closes[group] && draw.in_turn)) {
                    share = point.choice;
                    for (int64_t index = slot; index < slot + options; index++)
                        change.answer[index] = point.choice[index] * change.log_choice[index];
                }
            }
            if (mover >= 0)
                value_nodes_along<false>(g.edge_child + start, share + slot, change.answer + slot,
                                         point.to_come + start * room, change.open, first, last, options, room, value);
            else
                value_nodes_along<true>(g.edge_child + start, draw.own_odds + slot * room, nullptr, nullptr,
                                        change.open, first, last, options, room, value);
            if (shocks) concentrate_along(g, draw, point, change, group, mover, share);
        }
    }
}

extern "C" int64_t differentiate_response(const Graph *graph, const Draw *draw, double scale, const Point *point,
                                          const ResponseDerivative *change, const double *along, double faster,
                                          double *out) {
    Memory memory(spare_of(*graph));
    if (memory.failed()) return 1;
    differentiate(*graph, *draw, scale, *point, *change, along, faster, out, memory.take(spare_of(*graph)));
    return 0;
}
