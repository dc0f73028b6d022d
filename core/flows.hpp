// The probability of everything that play pays, in the analyst's odds, and what it comes to: endings and payoff terms.
#pragma once

#include "amounts.hpp"
#include "audit.hpp"

// What a game pays: `edge_payoff` (edges), `left` and `right` (payoffs), the parts of a payoff that is a sum, else 0.
// `amounts`: (positions), for the payoffs of one term, or of the endings.
struct Payoffs {
    const int32_t *edge_payoff, *left, *right;
    const Amounts *amounts;
    int64_t root_payoff, payoffs, positions, endings, terms;
};

namespace audit {

// The probability of each node in the analyst's odds, `reach`, (nodes + 1), and of each payoff, `flow`, (payoffs). A sum
// of payoffs passes its probability on to its two parts. Payoff 0 is nothing.
template <int N>
void flow_of(const Graph &g, const Payoffs &paid, const double *odds, const double *choice, double *reach, double *flow) {
    memset(reach, 0, (g.nodes + 1) * N * sizeof(double));
    memset(flow, 0, paid.payoffs * N * sizeof(double));
    store<N>(reach + g.root * N, fill<N>(1.0));
    store<N>(flow + paid.root_payoff * N, fill<N>(1.0));
    for (int64_t layer = 0; layer < g.layers; layer++) {
        const double *shares = shares_of<N>(g, g.layer_actor[layer], 0, odds, choice);
        for (int64_t group = g.layer_group[layer]; group < g.layer_group[layer + 1]; group++) {
            const double *share = shares + g.group_slot[group] * (int64_t)N;
            const int64_t options = g.group_options[group];
            const int32_t *child = g.edge_child + g.group_edge[group];
            const int32_t *payoff = paid.edge_payoff + g.group_edge[group];
            for (int64_t node = g.group_node[group]; node < g.group_node[group + 1]; node++) {
                const Lanes<N> own = load<N>(reach + node * N);
                for (int64_t option = 0; option < options; option++, child++, payoff++) {
                    const Lanes<N> along = own * load<N>(share + option * N);
                    if (*child != g.nodes) add<N>(reach + *child * (int64_t)N, along);
                    if (*payoff) add<N>(flow + *payoff * (int64_t)N, along);
                }
            }
        }
    }
    for (int64_t payoff = paid.payoffs - 1; payoff >= 0; payoff--) {
        if (paid.left[payoff] <= 0) continue;
        const Lanes<N> own = load<N>(flow + payoff * N);
        add<N>(flow + paid.left[payoff] * (int64_t)N, own);
        add<N>(flow + paid.right[payoff] * (int64_t)N, own);
    }
}

// The probability of each ending, (endings), and the expected amount of each payoff term, (terms).
template <int N>
void pay_out(const Payoffs &paid, const Part &part, const double *flow, double *endings, double *terms) {
    memset(endings, 0, paid.endings * N * sizeof(double));
    memset(terms, 0, paid.terms * N * sizeof(double));
    for (int64_t position = 0; position < paid.positions; position++) {
        const Amounts &of = paid.amounts[position];
        for (int64_t context = 0; context < of.contexts; context++) {
            const Lanes<N> probability = load<N>(flow + (of.first + context) * N);
            if (of.term < 0)
                add<N>(endings + context * N, probability);
            else
                add<N>(terms + of.term * N, probability * amount_of<N>(of, context, part.first, part.count));
        }
    }
}

}  // namespace audit
