// Anderson's step in logits, which accelerates sweeps, one draw in each lane; and when sweeps use it and end.
#pragma once

#include "lanes.hpp"

namespace {

constexpr double CONVERGED = 1e-10;
constexpr double DEPENDENT = 1e-10;  // a change is left out if newer ones explain all but this part of its square
constexpr int64_t PLAIN = 10;        // plain sweeps before acceleration: enough to reach the basin where they would end
constexpr int64_t CHANGES = 3;       // past changes that acceleration uses
constexpr int64_t KEPT = 9;          // numbers kept for every logit, for acceleration
constexpr int64_t PRODUCTS = 3;      // and for every draw

// What a step remembers: for each logit, (slots, `KEPT`), the input, the last gap and answer, and the last changes of the
// gap and of the answer; and the last products of changes of the gap, (`PRODUCTS`). `turn`: which changes are the oldest.
struct Remembered {
    double *numbers, *products;
    int64_t turn;
};

// The last three changes: how many numbers each lies behind a logit's first.
struct Places {
    int64_t newest, middle, oldest;
};

INLINE Places places_of(int64_t turn, int64_t first) {
    return {first + turn, first + (turn + CHANGES - 1) % CHANGES, first + (turn + CHANGES - 2) % CHANGES};
}

// Sums of products of the newest change of the gap, `a`, the two before, `b` and `c`, and the gap itself, `g`.
template <int N> struct Products {
    Lanes<N> aa, ab, ac, ag, bg, cg;
};

// Remembers one logit's `answer`, and adds its changes to the products; `times` is how many logits it stands for.
template <int N, int TIMES>
INLINE void remember(Lanes<N> answer, Flags<N> is_new, const Places &of_gap, const Places &of_answer, double *kept,
                     Products<N> &sum) {
    const Lanes<N> zero = fill<N>(0.0), gap = answer - load<N>(kept);
    const Lanes<N> a = where<N>(is_new, zero, gap - load<N>(kept + N));
    const Lanes<N> b = where<N>(is_new, zero, load<N>(kept + of_gap.middle * N));
    const Lanes<N> c = where<N>(is_new, zero, load<N>(kept + of_gap.oldest * N));
    store<N>(kept + of_gap.newest * N, a);
    store<N>(kept + of_answer.newest * N, where<N>(is_new, zero, answer - load<N>(kept + 2 * N)));
    store<N>(kept + N, gap);
    store<N>(kept + 2 * N, answer);
    const Lanes<N> aa = a * a, ab = a * b, ac = a * c, ag = a * gap, bg = b * gap, cg = c * gap;
    for (int time = 0; time < TIMES; time++) {  // one after another: the sums are those of equal logits
        sum.aa += aa, sum.ab += ab, sum.ac += ac;
        sum.ag += ag, sum.bg += bg, sum.cg += cg;
    }
}

// Anderson's step in logits from the last three changes (Walker & Ni 2011): `choice`, (slots), the next profile.
//
// `image`: (slots), the logits that a sweep answered with; overwritten. `fresh`: 1 if nothing is remembered yet; `plain`:
// 1 if the next profile is the answer itself. `RELATIVE`: the image's best logit at each information set is 0, so that
// less their mean two logits are each other's opposite, and one of them is enough.
template <int N, bool RELATIVE, class SomeGraph>
void accelerate(const SomeGraph &g, double *image, const double *fresh, const double *plain, Remembered &past,
                double *choice) {
    const Lanes<N> zero = fill<N>(0.0);
    const Flags<N> is_new = load<N>(fresh) > 0.0;
    past.turn = (past.turn + 1) % CHANGES;
    const Places of_gap = places_of(past.turn, 3), of_answer = places_of(past.turn, 3 + CHANGES);
    Products<N> sum = {};
    for (int64_t group = 0; group < g.layer_group[g.layers]; group++) {
        if (!g.closes[group]) continue;
        const int64_t slot = g.group_slot[group], end = slot + g.group_options[group];
        if (RELATIVE && end - slot == 2) {
            const Lanes<N> one = load<N>(image + slot * N), other = load<N>(image + (slot + 1) * N);
            remember<N, 2>(one - (one + other) * 0.5, is_new, of_gap, of_answer, past.numbers + slot * KEPT * N, sum);
            continue;
        }
        Lanes<N> mean = zero;
        for (int64_t index = slot; index < end; index++) mean += load<N>(image + index * N);
        mean = mean / (double)(end - slot);
        for (int64_t index = slot; index < end; index++) {
            double *numbers = past.numbers + index * KEPT * N;
            remember<N, 1>(load<N>(image + index * N) - mean, is_new, of_gap, of_answer, numbers, sum);
        }
    }
    const auto [aa, ab, ac, ag, plain_bg, plain_cg] = sum;
    // the other changes were the newest before: their products are known
    const Lanes<N> bb = where<N>(is_new, zero, load<N>(past.products));
    const Lanes<N> bc = where<N>(is_new, zero, load<N>(past.products + N));
    const Lanes<N> cc = where<N>(is_new, zero, load<N>(past.products + 2 * N));
    store<N>(past.products, aa);
    store<N>(past.products + N, ab);
    store<N>(past.products + 2 * N, bb);
    // least squares by L D L', newest first
    const Flags<N> keep = aa > zero;
    const Lanes<N> ab_ = where<N>(keep, ab / aa, zero), ac_ = where<N>(keep, ac / aa, zero);
    const Lanes<N> left = bb - ab_ * ab;
    const Flags<N> bound = left > bb * DEPENDENT;
    const Lanes<N> bc_ = where<N>(bound, (bc - ab_ * ac) / left, zero);
    const Lanes<N> rest = cc - ac_ * ac - bc_ * bc_ * left;
    const Lanes<N> bg = plain_bg - ab_ * ag;
    const Lanes<N> cg = plain_cg - ac_ * ag - bc_ * bg;
    const Flags<N> still = load<N>(plain) > 0.0;
    Lanes<N> third = where<N>(rest > cc * DEPENDENT, cg / rest, zero);
    Lanes<N> second = where<N>(bound, bg / left, zero) - bc_ * third;
    Lanes<N> first = where<N>(keep, ag / aa, zero) - ab_ * second - ac_ * third;
    first = where<N>(still, zero, first), second = where<N>(still, zero, second), third = where<N>(still, zero, third);
    const auto next = [&](double *kept) {
        Lanes<N> ahead = load<N>(kept + 2 * N) - first * load<N>(kept + of_answer.newest * N);
        ahead = ahead - second * load<N>(kept + of_answer.middle * N) - third * load<N>(kept + of_answer.oldest * N);
        store<N>(kept, ahead);
        return ahead;
    };
    const auto choose = [&](int64_t index, Lanes<N> probability) {
        store<N>(choice + index * N, where<N>(still, load<N>(choice + index * N), probability));
    };
    for (int64_t group = 0; group < g.layer_group[g.layers]; group++) {
        if (!g.closes[group]) continue;
        const int64_t slot = g.group_slot[group], end = slot + g.group_options[group];
        if (RELATIVE && end - slot == 2) {
            const Lanes<N> ahead = next(past.numbers + slot * KEPT * N), best = magnitude<N>(ahead);
            const Pair<N> raised = exponentials<N>(ahead - best, -ahead - best);
            const Lanes<N> scale = 1.0 / (raised.one + raised.other);
            choose(slot, raised.one * scale);
            choose(slot + 1, raised.other * scale);
            continue;
        }
        Lanes<N> best = fill<N>(-INFINITE), total = zero;
        for (int64_t index = slot; index < end; index++) best = largest<N>(next(past.numbers + index * KEPT * N), best);
        for (int64_t index = slot; index < end; index++) {
            const Lanes<N> raised = exponential<N>(load<N>(past.numbers + index * KEPT * N) - best);
            store<N>(image + index * N, raised);
            total += raised;
        }
        const Lanes<N> scale = 1.0 / total;
        for (int64_t index = slot; index < end; index++) choose(index, load<N>(image + index * N) * scale);
    }
}

}  // namespace
