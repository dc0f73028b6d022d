// The amounts of one payoff term in its contexts, in a block of draws.
#pragma once

#include "lanes.hpp"

// `first`: its first payoff, or payment row; one for each context. `term`: -1 stands for the endings, without amounts.
// `numbers`: (contexts, draws), with the steps, in numbers, from one context and one draw to the next.
struct Amounts {
    int64_t first, contexts, term;
    const double *numbers;
    int64_t by_context, by_draw;
};

// The amount in a context, of `count` draws from number `start` on; lanes beyond repeat the last.
template <int N> INLINE Lanes<N> amount_of(const Amounts &of, int64_t context, int64_t start, int64_t count) {
    const double *from = of.numbers + context * of.by_context + start * of.by_draw;
    if (count == N && of.by_draw == 1) return load<N>(from);
    Lanes<N> amount;
    for (int64_t lane = 0; lane < N; lane++) amount[lane] = from[(lane < count ? lane : count - 1) * of.by_draw];
    return amount;
}
