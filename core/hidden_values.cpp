// What is expected jointly with the hidden values that play begins from, several draws side by side.
//
// One backward pass gives what is still to come at every node; for each combination of values only the few layers up to
// the last step with a hidden value are computed again.

#include "open_edges.hpp"

namespace {

// For the nodes from which these edges lead: the probability of staying on open edges to the end, and the payment if so.
template <int N>
void expect(const OpenEdges &open, const double *shares, const int32_t *payoff, const double *amount, double *ahead,
            double *value) {
    for (int64_t end = open.edges; end > 0;) {
        int64_t first = end - 1;
        const int64_t node = open.from[first];
        while (first > 0 && open.from[first - 1] == node) first--;
        Lanes<N> stays = fill<N>(0.0), paid = fill<N>(0.0);
        for (int64_t edge = first; edge < end; edge++) {
            const Lanes<N> share = load<N>(shares + open.share[edge] * (int64_t)N);
            const Lanes<N> child = load<N>(ahead + open.to[edge] * (int64_t)N);
            const Lanes<N> here = load<N>(amount + payoff[open.place[edge]] * (int64_t)N);
            stays += share * child;
            paid += share * (here * child + load<N>(value + open.to[edge] * (int64_t)N));
        }
        store<N>(ahead + node * N, stays);
        store<N>(value + node * N, paid);
        end = first;
    }
}

}  // namespace

// The probability that play stays on each of some sets of open edges, `likelihood`, and what is paid on such plays, times
// their probability, `worth`: (sets, draws) each. `known`: (edges,), the edges that are open anyway; `open`: (sets,
// edges), of which each set has its own among the first `first_edges`, those of the first `first_nodes` nodes. `payoff`:
// (edges,), what is paid on each edge, and `root_payoff` before the first node, by row of `amount`, (payoffs, draws).
extern "C" int64_t expected_by_hidden_values(const Edges *all, const Shares *numbers, const uint8_t *known,
                                             const uint8_t *open, int64_t sets, int64_t first_edges,
                                             int64_t first_nodes, const int32_t *payoff, const double *amount,
                                             int64_t payoffs, int64_t root, int64_t root_payoff, double *likelihood,
                                             double *worth) {
    constexpr int N = 8;
    const int64_t nodes = all->nodes + 1, draws = numbers->draws;
    Memory memory(Memory::rounded(numbers->rows() * N) + Memory::rounded(payoffs * N) +
                  2 * Memory::rounded(nodes * N) + Memory::rounded(N) + OpenEdges::memory_needed(all->edges) +
                  OpenEdges::memory_needed(first_edges));
    if (memory.failed()) return 1;
    double *shares = memory.take(numbers->rows() * N), *amounts = memory.take(payoffs * N);
    double *ahead = memory.take(nodes * N), *value = memory.take(nodes * N), *paid = memory.take(N);
    OpenEdges always(all->edges, memory), own(first_edges, memory);
    always.choose(*all, *numbers, known, all->edges);
    store<N>(ahead + all->nodes * N, fill<N>(1.0));
    for (int64_t first = 0; first < draws; first += N) {
        const int64_t count = draws - first < N ? draws - first : N;
        take_shares<N>(*numbers, first, count, shares);
        take<N>(amount, payoffs, draws, first, count, amounts);
        memset(ahead, 0, all->nodes * N * sizeof(double));
        memset(value, 0, all->nodes * N * sizeof(double));
        expect<N>(always, shares, payoff, amounts, ahead, value);
        for (int64_t set = 0; set < sets; set++) {
            own.choose(*all, *numbers, open + set * all->edges, first_edges);
            memset(ahead, 0, first_nodes * N * sizeof(double));
            memset(value, 0, first_nodes * N * sizeof(double));
            expect<N>(own, shares, payoff, amounts, ahead, value);
            const Lanes<N> stays = load<N>(ahead + root * N);
            store<N>(paid, load<N>(value + root * N) + load<N>(amounts + root_payoff * N) * stays);
            give<N>(ahead + root * N, 1, draws, first, count, likelihood + set * draws);
            give<N>(paid, 1, draws, first, count, worth + set * draws);
        }
    }
    return 0;
}
