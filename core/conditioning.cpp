// Play conditioned on known facts: one pass forward and one backward over the edges on which play agrees with them, as in
// a hidden Markov model (Rabiner 1989, Proceedings of the IEEE 77, equations 18 to 27), several draws side by side.

#include "open_edges.hpp"

namespace {

// What edges count for. `row`: (kinds, edges), the row of each kind for which an edge counts, or -1; `begins`: (kinds,),
// the row for which the beginning of play counts, or -1. Rows from `first_sum` on, in number `sums`, may be sums of two
// earlier rows, `left` and `right`, (sums,), counted from `first_sum`, and pass on to both what they have; 0 if they are
// none. `shown`: the rows that are wanted.
struct Counted {
    int64_t kinds, rows, shown_rows, first_sum, sums;
    const int32_t *row, *begins, *left, *right, *shown;
};

// Several draws, with working memory: `shares`, the profile and the odds, `reach`, `ahead` and what is added up.
template <int N> struct Working {
    Memory memory;
    const Shares &numbers;
    OpenEdges open;
    int64_t first, count;
    double *shares, *reach, *ahead, *sums;

    Working(const Edges &all, const Shares &shared, const uint8_t *opened, int64_t rows)
        : memory(Memory::rounded(shared.rows() * N) + 2 * Memory::rounded((all.nodes + 1) * N) +
                 Memory::rounded(rows * N) + OpenEdges::memory_needed(all.edges)),
          numbers(shared), open(all.edges, memory), first(-N), count(0) {
        if (memory.failed()) return;
        open.choose(all, numbers, opened, all.edges);
        shares = memory.take(numbers.rows() * N);
        reach = memory.take((all.nodes + 1) * N);
        ahead = memory.take((all.nodes + 1) * N);
        sums = memory.take(rows * N);
    }

    // Takes the next draws, and spreads their reach; false after the last.
    bool next(const double *start) {
        first += N;
        if (first >= numbers.draws) return false;
        count = numbers.draws - first < N ? numbers.draws - first : N;
        take_shares<N>(numbers, first, count, shares);
        for (int64_t node = 0; node <= open.nodes; node++) store<N>(reach + node * N, fill<N>(start[node]));
        spread_forward<N>(open, shares, reach);
        return true;
    }

    void give_rows(const double *lanes, int64_t rows, double *block) const {
        give<N>(lanes, rows, numbers.draws, first, count, block);
    }
};

// Adds the joint probability of each edge and the facts to the rows that it counts for.
template <int N> void add_edges(int64_t edges, const Counted &counted, Working<N> &at) {
    const OpenEdges &open = at.open;
    memset(at.sums, 0, counted.rows * N * sizeof(double));
    for (int64_t kind = 0; kind < counted.kinds; kind++)
        if (counted.begins[kind] >= 0)
            store<N>(at.sums + counted.begins[kind] * (int64_t)N, load<N>(at.reach + open.nodes * N));
    for (int64_t edge = 0; edge < open.edges; edge++) {
        const double *source = at.reach + open.from[edge] * (int64_t)N;
        Lanes<N> flow = load<N>(source) * load<N>(at.shares + open.share[edge] * (int64_t)N);
        flow = flow * load<N>(at.ahead + open.to[edge] * (int64_t)N);
        for (int64_t kind = 0; kind < counted.kinds; kind++) {
            const int64_t row = counted.row[kind * edges + open.place[edge]];
            if (row >= 0) store<N>(at.sums + row * N, load<N>(at.sums + row * N) + flow);
        }
    }
    double *summed = at.sums + counted.first_sum * N;
    for (int64_t row = counted.sums - 1; row >= 0; row--) {
        if (counted.left[row] <= 0) continue;
        const Lanes<N> whole = load<N>(summed + row * N);
        double *left = summed + counted.left[row] * (int64_t)N, *right = summed + counted.right[row] * (int64_t)N;
        store<N>(left, load<N>(left) + whole);
        store<N>(right, load<N>(right) + whole);
    }
    // rows that are shown stand in rising order, so none is lost
    for (int64_t place = 0; place < counted.shown_rows; place++)
        store<N>(at.sums + place * N, load<N>(at.sums + counted.shown[place] * (int64_t)N));
}

template <int N>
int64_t joint(const Edges &all, const Shares &numbers, const uint8_t *opened, const double *start,
              const Counted &counted, double *likelihood, double *found) {
    Working<N> at(all, numbers, opened, counted.rows);
    if (at.memory.failed()) return 1;
    const OpenEdges &open = at.open;
    while (at.next(start)) {
        at.give_rows(at.reach + open.nodes * N, 1, likelihood);
        if (!counted.kinds) continue;
        gather_backward<N>(open, at.shares, at.ahead);
        add_edges<N>(all.edges, counted, at);
        at.give_rows(at.sums, counted.shown_rows, found);
    }
    return 0;
}

template <int N>
int64_t reached(const Edges &all, const Shares &numbers, const uint8_t *opened, const double *start,
                const int64_t *nodes, int64_t count, double *reach) {
    Working<N> at(all, numbers, opened, count);
    if (at.memory.failed()) return 1;
    while (at.next(start)) {
        for (int64_t place = 0; place < count; place++)
            store<N>(at.sums + place * N, load<N>(at.reach + nodes[place] * N));
        at.give_rows(at.sums, count, reach);
    }
    return 0;
}

template <int N>
int64_t ahead(const Edges &all, const Shares &numbers, const uint8_t *opened, const double *start, double *found) {
    Working<N> at(all, numbers, opened, 0);
    if (at.memory.failed()) return 1;
    while (at.next(start)) {
        gather_backward<N>(at.open, at.shares, at.ahead);
        at.give_rows(at.ahead, at.open.nodes + 1, found);
    }
    return 0;
}

template <int N>
int64_t derivatives(const Edges &all, const Shares &numbers, const uint8_t *opened, const double *start,
                    double *likelihood, double *found) {
    Working<N> at(all, numbers, opened, numbers.rows());
    if (at.memory.failed()) return 1;
    const OpenEdges &open = at.open;
    while (at.next(start)) {
        at.give_rows(at.reach + open.nodes * N, 1, likelihood);
        gather_backward<N>(open, at.shares, at.ahead);
        memset(at.sums, 0, numbers.rows() * N * sizeof(double));
        for (int64_t edge = 0; edge < open.edges; edge++) {
            double *sum = at.sums + open.share[edge] * (int64_t)N;
            const Lanes<N> reach = load<N>(at.reach + open.from[edge] * (int64_t)N);
            store<N>(sum, load<N>(sum) + reach * load<N>(at.ahead + open.to[edge] * (int64_t)N));
        }
        at.give_rows(at.sums, numbers.rows(), found);
    }
    return 0;
}

}  // namespace

// The probability that play stays on the open edges, `likelihood`, (draws,), and its joint probability with what edges
// count for: `found`, (shown rows, draws). `open`: (edges,), 1 if an edge is open; `start`: (nodes + 1,), the probability
// of beginning at each node. Without kinds only the likelihood is found.
extern "C" int64_t joint_probabilities(const Edges *all, const Shares *numbers, const uint8_t *open,
                                       const double *start, const Counted *counted, double *likelihood,
                                       double *found) {
    if (numbers->draws == 1) return joint<1>(*all, *numbers, open, start, *counted, likelihood, found);
    return joint<8>(*all, *numbers, open, start, *counted, likelihood, found);
}

// The probability of reaching each of some `nodes`, `count` in number, on open edges: `reach`, (count, draws).
extern "C" int64_t reached_on_edges(const Edges *all, const Shares *numbers, const uint8_t *open, const double *start,
                                    const int64_t *nodes, int64_t count, double *reach) {
    if (numbers->draws == 1) return reached<1>(*all, *numbers, open, start, nodes, count, reach);
    return reached<8>(*all, *numbers, open, start, nodes, count, reach);
}

// The probability, from each node, of staying on open edges to the end of play: `found`, (nodes + 1, draws).
extern "C" int64_t ahead_on_edges(const Edges *all, const Shares *numbers, const uint8_t *open, const double *start,
                                  double *found) {
    if (numbers->draws == 1) return ahead<1>(*all, *numbers, open, start, found);
    return ahead<8>(*all, *numbers, open, start, found);
}

// The `likelihood`, (draws,), that play stays on the open edges, and its derivatives by the profile and, behind them, by
// the odds: `found`, (slots + odds slots, draws).
extern "C" int64_t likelihood_derivatives(const Edges *all, const Shares *numbers, const uint8_t *open,
                                          const double *start, double *likelihood, double *found) {
    if (numbers->draws == 1) return derivatives<1>(*all, *numbers, open, start, likelihood, found);
    return derivatives<8>(*all, *numbers, open, start, likelihood, found);
}

// Passes what rows, (rows, draws), have on to the two earlier rows that they are sums of; 0 if they are none.
extern "C" int64_t share_sums(const int32_t *left, const int32_t *right, int64_t rows, int64_t draws, double *parts) {
    for (int64_t row = rows - 1; row >= 0; row--) {
        if (left[row] <= 0) continue;
        for (int64_t draw = 0; draw < draws; draw++) {
            parts[left[row] * draws + draw] += parts[row * draws + draw];
            parts[right[row] * draws + draw] += parts[row * draws + draw];
        }
    }
    return 0;
}
