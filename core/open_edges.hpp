// The edges on which play agrees with known facts, and one pass over them forward and one backward.
#pragma once

#include "blocks.hpp"
#include "lanes.hpp"
#include "memory.hpp"

// All edges of a game, in the order of its layers, those of a node together. `share`: the place of the edge's probability
// in the profile or, inverted (`~share`), in the odds. Node number `nodes` is the end of play.
struct Edges {
    int64_t edges, nodes;
    const int32_t *from, *to, *share;
};

// The probabilities of edges: the profile, (slots, draws), and the odds of one belief system, (odds slots, draws).
struct Shares {
    int64_t slots, odds_slots, draws;
    const double *choice, *odds;

    int64_t rows() const { return slots + odds_slots; }
};

// Edges that are open. `share`: the row in the profile followed by the odds; `place`: the
// number among all edges.
struct OpenEdges {
    int64_t edges, nodes;
    int32_t *from, *to, *share, *place;

    static int64_t memory_needed(int64_t edges) { return 4 * Memory::rounded((edges + 1) / 2); }

    // With room for so many edges.
    OpenEdges(int64_t most, Memory &memory) : edges(0) {
        int32_t **lists[] = {&from, &to, &share, &place};
        for (int32_t **list : lists) *list = (int32_t *)memory.take((most + 1) / 2);
    }

    // Takes those of the first `count` edges that are open.
    void choose(const Edges &all, const Shares &numbers, const uint8_t *open, int64_t count) {
        edges = 0, nodes = all.nodes;
        for (int64_t edge = 0; edge < count; edge++) {
            from[edges] = all.from[edge];
            to[edges] = all.to[edge];
            share[edges] = all.share[edge] >= 0 ? all.share[edge] : (int32_t)numbers.slots + ~all.share[edge];
            place[edges] = (int32_t)edge;
            edges += open[edge];
        }
    }
};

// In lanes, `shares` is the profile followed by the odds, and `reach` and `ahead` are (nodes + 1).

// Takes `count` draws, from `first` on.
template <int N> void take_shares(const Shares &numbers, int64_t first, int64_t count, double *shares) {
    take<N>(numbers.choice, numbers.slots, numbers.draws, first, count, shares);
    take<N>(numbers.odds, numbers.odds_slots, numbers.draws, first, count, shares + numbers.slots * N);
}

// Spreads the probabilities with which play begins at each node, `reach`, over the edges.
template <int N> void spread_forward(const OpenEdges &open, const double *shares, double *reach) {
    Lanes<N> ended = load<N>(reach + open.nodes * N);
    for (int64_t edge = 0; edge < open.edges; edge++) {
        const double *source = reach + open.from[edge] * (int64_t)N;
        const Lanes<N> flow = load<N>(source) * load<N>(shares + open.share[edge] * (int64_t)N);
        if (open.to[edge] == open.nodes) {
            ended += flow;
        } else {
            double *child = reach + open.to[edge] * (int64_t)N;
            store<N>(child, load<N>(child) + flow);
        }
    }
    store<N>(reach + open.nodes * N, ended);
}

// The probability, from each node, that play stays on these edges to the end.
template <int N> void gather_backward(const OpenEdges &open, const double *shares, double *ahead) {
    memset(ahead, 0, open.nodes * N * sizeof(double));
    store<N>(ahead + open.nodes * N, fill<N>(1.0));
    for (int64_t end = open.edges; end > 0;) {
        int64_t first = end - 1;
        const int64_t node = open.from[first];
        while (first > 0 && open.from[first - 1] == node) first--;
        Lanes<N> total = fill<N>(0.0);
        for (int64_t edge = first; edge < end; edge++) {
            const double *child = ahead + open.to[edge] * (int64_t)N;
            total += load<N>(child) * load<N>(shares + open.share[edge] * (int64_t)N);
        }
        store<N>(ahead + node * N, total);
        end = first;
    }
}
