// What edges pay each actor: sums of the actor's payoff terms in their contexts.

#include "amounts.hpp"
#include "memory.hpp"

#include <string.h>

namespace {

constexpr int64_t TOGETHER = 64;  // draws at a time: rows lie far apart, so more than a cache line of each

template <int64_t MOST>
int64_t pay_edges(const Amounts *amounts, int64_t terms, const int32_t *left, const int32_t *right, int64_t rows,
                  const int32_t *shown, int64_t shown_rows, int64_t draws, double *pay) {
    Memory memory(Memory::rounded(rows * MOST));
    if (memory.failed()) return 1;
    double *all = memory.take(rows * MOST);
    for (int64_t start = 0; start < draws; start += MOST) {
        const int64_t count = MOST == 1 || draws - start > MOST ? MOST : draws - start;
        for (int64_t term = 0; term < terms; term++) {
            const Amounts &of = amounts[term];
            for (int64_t context = 0; context < of.contexts; context++) {
                const double *from = of.numbers + context * of.by_context + start * of.by_draw;
                double *to = all + (of.first + context) * MOST;
                if (of.by_draw == 1)
                    memcpy(to, from, count * sizeof(double));
                else
                    for (int64_t draw = 0; draw < count; draw++) to[draw] = from[draw * of.by_draw];
            }
        }
        for (int64_t row = 0; row < rows; row++) {
            if (left[row] <= 0) continue;
            const double *one = all + left[row] * MOST, *other = all + right[row] * MOST;
            for (int64_t draw = 0; draw < count; draw++) all[row * MOST + draw] = one[draw] + other[draw];
        }
        for (int64_t row = 0; row < shown_rows; row++)
            memcpy(pay + row * draws + start, all + shown[row] * MOST, count * sizeof(double));
    }
    return 0;
}

}  // namespace

// Fills `pay`, (shown rows, draws): the rows `shown` of all rows, which are a term's amounts, or the sums of two earlier
// rows, `left` and `right`, (rows), 0 if they are none, or nothing.
extern "C" int64_t edge_payments(const Amounts *amounts, int64_t terms, const int32_t *left, const int32_t *right,
                                 int64_t rows, const int32_t *shown, int64_t shown_rows, int64_t draws, double *pay) {
    return draws == 1 ? pay_edges<1>(amounts, terms, left, right, rows, shown, shown_rows, draws, pay)
                      : pay_edges<TOGETHER>(amounts, terms, left, right, rows, shown, shown_rows, draws, pay);
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
