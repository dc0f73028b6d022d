// What edges pay each actor: sums of the actor's payoff terms in their contexts.

#include "amounts.hpp"
#include "memory.hpp"

namespace {

template <int N>
int64_t pay_edges(const Amounts *amounts, int64_t terms, const int32_t *left, const int32_t *right, int64_t rows,
                  const int32_t *shown, int64_t shown_rows, int64_t draws, double *pay) {
    Memory memory(Memory::rounded(rows * N));
    if (memory.failed()) return 1;
    double *all = memory.take(rows * N);
    for (int64_t start = 0; start < draws; start += N) {
        const int64_t count = draws - start < N ? draws - start : N;
        for (int64_t term = 0; term < terms; term++)
            for (int64_t context = 0; context < amounts[term].contexts; context++)
                store<N>(all + (amounts[term].first + context) * N, amount_of<N>(amounts[term], context, start, count));
        for (int64_t row = 0; row < rows; row++)
            if (left[row] > 0)
                store<N>(all + row * N, load<N>(all + left[row] * (int64_t)N) + load<N>(all + right[row] * (int64_t)N));
        for (int64_t row = 0; row < shown_rows; row++)
            memcpy(pay + row * draws + start, all + shown[row] * (int64_t)N, count * sizeof(double));
    }
    return 0;
}

}  // namespace

// Fills `pay`, (shown rows, draws): the rows `shown` of all rows, which are a term's amounts, or the sums of two earlier
// rows, `left` and `right`, (rows), 0 if they are none, or nothing.
extern "C" int64_t edge_payments(const Amounts *amounts, int64_t terms, const int32_t *left, const int32_t *right,
                                 int64_t rows, const int32_t *shown, int64_t shown_rows, int64_t draws, double *pay) {
    return draws == 1 ? pay_edges<1>(amounts, terms, left, right, rows, shown, shown_rows, draws, pay)
                      : pay_edges<8>(amounts, terms, left, right, rows, shown, shown_rows, draws, pay);
}

// Fills the rows of `pay`, (rows, draws), that are sums of two earlier rows.
extern "C" int64_t add_payments(const int32_t *left, const int32_t *right, int64_t rows, int64_t draws, double *pay) {
    for (int64_t row = 0; row < rows; row++) {
        if (left[row] <= 0) continue;
        for (int64_t draw = 0; draw < draws; draw++)
            pay[row * draws + draw] = pay[left[row] * draws + draw] + pay[right[row] * draws + draw];
    }
    return 0;
}
