// Games of perfect information, solved backward from their end by any choice rules, several draws side by side.

#include "blocks.hpp"
#include "choice_rules.hpp"
#include "graph.hpp"
#include "memory.hpp"

namespace {

// Several draws of a block, `count` of them in use. `odds`: (belief systems, odds slots); `pay`: (payment rows);
// `rationality`: (actors); `supported`: (information sets). `choice`, `log_choice`: (slots). `value`: (nodes + 1,
// actors), payoff to come, and `concentration`: (belief systems, nodes + 1), the sum of squared probabilities of the ways
// for play to end, if an actor has private shocks. `gains`, `variances`: (options). `spare`: (6 options), one draw's
// numbers.
struct Draws {
    int64_t count;
    double *odds, *pay, *rationality, *supported, *choice, *log_choice, *value, *concentration, *gains, *variances, *spare;
};

// The choice at a node, from the values of its children: every information set is a single node.
template <int N>
void choose(const Graph &g, const Draws &at, int64_t group, int64_t edge, int64_t mover) {
    const int64_t options = g.group_options[group], slot = g.group_slot[group], rule = g.rules[mover];
    const Lanes<N> supported = load<N>(at.supported + g.group_set[group] * (int64_t)N);
    const double *squares = at.concentration + g.belief_of[mover] * (g.nodes + 1) * N;
    for (int64_t option = 0; option < options; option++) {
        const int64_t child = g.edge_child[edge + option];
        const Lanes<N> to_come = load<N>(at.value + (child * g.actors + mover) * N) +
                                 load<N>(at.pay + g.edge_pay[(edge + option) * g.actors + mover] * (int64_t)N);
        store<N>(at.gains + option * N, to_come * supported);
        store<N>(at.variances + option * N, rule == PRIVATE ? load<N>(squares + child * N) : fill<N>(1.0));
    }
    double *gain = at.spare, *variance = gain + options, *answer = variance + options;
    for (int64_t lane = 0; lane < at.count; lane++) {
        for (int64_t option = 0; option < options; option++) {
            gain[option] = at.gains[option * N + lane];
            variance[option] = at.variances[option * N + lane];
        }
        const double rationality = at.rationality[mover * N + lane];
        log_response((int32_t)rule, rationality, options, gain, variance, answer, answer + options);
        for (int64_t option = 0; option < options; option++) {
            const double own = answer[option];
            at.log_choice[(slot + option) * N + lane] = own;
            at.choice[(slot + option) * N + lane] = own == own ? exp_of(own) : own;  // what is no number stays so
        }
    }
}

template <int N> void induce(const Graph &g, const Draws &at, bool squared) {
    for (int64_t layer = g.layers - 1; layer >= 0; layer--) {
        const int64_t mover = g.layer_actor[layer];
        for (int64_t group = g.layer_group[layer]; group < g.layer_group[layer + 1]; group++) {
            const int64_t options = g.group_options[group], slot = g.group_slot[group];
            int64_t edge = g.group_edge[group];
            for (int64_t node = g.group_node[group]; node < g.group_node[group + 1]; node++, edge += options) {
                if (mover >= 0) choose<N>(g, at, group, edge, mover);
                for (int64_t actor = 0; actor < g.actors; actor++) {
                    const double *share = mover >= 0 ? at.choice : at.odds + g.belief_of[actor] * g.odds_slots * N;
                    Lanes<N> total = fill<N>(0.0);
                    for (int64_t option = 0; option < options; option++) {
                        const int64_t child = g.edge_child[edge + option] * g.actors + actor;
                        const int64_t row = g.edge_pay[(edge + option) * g.actors + actor];
                        total += load<N>(share + (slot + option) * N) *
                                 (load<N>(at.value + child * N) + load<N>(at.pay + row * N));
                    }
                    store<N>(at.value + (node * g.actors + actor) * N, total);
                }
                for (int64_t system = 0; squared && system < g.systems; system++) {
                    const double *share = mover >= 0 ? at.choice : at.odds + system * g.odds_slots * N;
                    double *squares = at.concentration + system * (g.nodes + 1) * N;
                    Lanes<N> total = fill<N>(0.0);
                    for (int64_t option = 0; option < options; option++) {
                        const Lanes<N> own = load<N>(share + (slot + option) * N);
                        total += own * own * load<N>(squares + g.edge_child[edge + option] * (int64_t)N);
                    }
                    store<N>(squares + node * N, total);
                }
            }
        }
    }
}

template <int N>
int64_t backward(const Graph &g, const double *odds, const double *pay, const double *rationality,
                 const double *supported, int64_t rows, int64_t draws, bool squared, double *choice,
                 double *log_choice) {
    const int64_t odds_rows = g.systems * g.odds_slots, squares = squared ? g.systems * (g.nodes + 1) : 0;
    Parts parts({odds_rows, rows, g.actors, g.sets, g.slots, g.slots, (g.nodes + 1) * g.actors, squares, g.most_options,
                 g.most_options, 6 * g.most_options}, N);
    if (parts.failed()) return 1;
    const auto &of = parts.of;
    Draws at = {0, of[0], of[1], of[2], of[3], of[4], of[5], of[6], of[7], of[8], of[9], of[10]};
    for (int64_t system = 0; squared && system < g.systems; system++)
        store<N>(at.concentration + (system * (g.nodes + 1) + g.nodes) * N, fill<N>(1.0));
    for (int64_t first = 0; first < draws; first += N) {
        const int64_t count = at.count = draws - first < N ? draws - first : N;
        take<N>(odds, odds_rows, draws, first, count, at.odds);
        take<N>(pay, rows, draws, first, count, at.pay);
        take<N>(rationality, g.actors, draws, first, count, at.rationality);
        take<N>(supported, g.sets, draws, first, count, at.supported);
        induce<N>(g, at, squared);
        give<N>(at.choice, g.slots, draws, first, count, choice);
        give<N>(at.log_choice, g.slots, draws, first, count, log_choice);
    }
    return 0;
}

}  // namespace

// The profile, `choice`, and its logarithms, `log_choice`, (slots, draws), of a game in which every information set is a
// single node. The numbers are those of a block, (rows, draws) in each array; `pay_rows`: the number of payment rows;
// `squared`: 1 if an actor has private shocks. Options of sets that are not supported are equally likely.
extern "C" int64_t choices_backward(const Graph *graph, const double *odds, const double *pay,
                                    const double *rationality, const double *supported, int64_t pay_rows, int64_t draws,
                                    int64_t squared, double *choice, double *log_choice) {
    const Graph &g = *graph;
    if (draws == 1)
        return backward<1>(g, odds, pay, rationality, supported, pay_rows, draws, squared, choice, log_choice);
    return backward<8>(g, odds, pay, rationality, supported, pay_rows, draws, squared, choice, log_choice);
}
