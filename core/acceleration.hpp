// Anderson's step in logits, which accelerates sweeps, one draw in each lane; and when sweeps use it and end.
#pragma once

#include "lanes.hpp"

namespace {

constexpr double CONVERGED = 1e-10;
constexpr double DEPENDENT = 1e-10;  // a change is left out if newer ones explain all but this part of its square
constexpr int64_t PLAIN = 10;        // plain sweeps before acceleration: enough to reach the basin where they would end
constexpr int64_t CHANGES = 3;       // past changes that acceleration uses
constexpr int64_t KEPT = 8;          // numbers kept for every logit, for acceleration

// Anderson's step in logits from the last three changes (Walker & Ni 2011): `choice`, (slots), the next profile.
//
// `image`: (slots), the logits that a sweep answered with; overwritten. `fresh`: 1 if nothing is remembered yet; `plain`:
// 1 if the next profile is the answer itself. `memory`: (slots, `KEPT`), for each logit the input, the last gap and
// answer, the last two changes of the gap, and the last three changes of the answer.
template <int N, class SomeGraph>
void accelerate(const SomeGraph &g, double *image, const double *fresh, const double *plain, double *memory,
                double *choice) {
    const Lanes<N> zero = fill<N>(0.0);
    const Flags<N> is_new = load<N>(fresh) > 0.0;
    Lanes<N> aa = zero, ab = zero, ac = zero, bb = zero, bc = zero, cc = zero, ag = zero, bg = zero, cg = zero;
    for (int64_t group = 0; group < g.layer_group[g.layers]; group++) {
        if (!g.closes[group]) continue;
        const int64_t slot = g.group_slot[group], end = slot + g.group_options[group];
        Lanes<N> mean = zero;
        for (int64_t index = slot; index < end; index++) mean += load<N>(image + index * N);
        mean = mean / (double)(end - slot);
        for (int64_t index = slot; index < end; index++) {
            double *kept = memory + index * KEPT * N;
            const Lanes<N> answer = load<N>(image + index * N) - mean;
            const Lanes<N> gap = answer - load<N>(kept);
            const Lanes<N> a = where<N>(is_new, zero, gap - load<N>(kept + N));
            const Lanes<N> b = where<N>(is_new, zero, load<N>(kept + 3 * N));
            const Lanes<N> c = where<N>(is_new, zero, load<N>(kept + 4 * N));
            store<N>(kept + 7 * N, where<N>(is_new, zero, load<N>(kept + 6 * N)));
            store<N>(kept + 6 * N, where<N>(is_new, zero, load<N>(kept + 5 * N)));
            store<N>(kept + 5 * N, where<N>(is_new, zero, answer - load<N>(kept + 2 * N)));
            store<N>(kept + N, gap);
            store<N>(kept + 2 * N, answer);
            store<N>(kept + 3 * N, a);
            store<N>(kept + 4 * N, b);
            aa += a * a, ab += a * b, ac += a * c, bb += b * b, bc += b * c, cc += c * c;
            ag += a * gap, bg += b * gap, cg += c * gap;
        }
    }
    // least squares by L D L', newest first
    const Flags<N> keep = aa > zero;
    const Lanes<N> ab_ = where<N>(keep, ab / aa, zero), ac_ = where<N>(keep, ac / aa, zero);
    const Lanes<N> left = bb - ab_ * ab;
    const Flags<N> bound = left > bb * DEPENDENT;
    const Lanes<N> bc_ = where<N>(bound, (bc - ab_ * ac) / left, zero);
    const Lanes<N> rest = cc - ac_ * ac - bc_ * bc_ * left;
    bg = bg - ab_ * ag;
    cg = cg - ac_ * ag - bc_ * bg;
    const Flags<N> still = load<N>(plain) > 0.0;
    Lanes<N> third = where<N>(rest > cc * DEPENDENT, cg / rest, zero);
    Lanes<N> second = where<N>(bound, bg / left, zero) - bc_ * third;
    Lanes<N> first = where<N>(keep, ag / aa, zero) - ab_ * second - ac_ * third;
    first = where<N>(still, zero, first), second = where<N>(still, zero, second), third = where<N>(still, zero, third);
    for (int64_t group = 0; group < g.layer_group[g.layers]; group++) {
        if (!g.closes[group]) continue;
        const int64_t slot = g.group_slot[group], end = slot + g.group_options[group];
        Lanes<N> best = fill<N>(-INFINITE), total = zero;
        for (int64_t index = slot; index < end; index++) {
            double *kept = memory + index * KEPT * N;
            Lanes<N> ahead = load<N>(kept + 2 * N) - first * load<N>(kept + 5 * N);
            ahead = ahead - second * load<N>(kept + 6 * N) - third * load<N>(kept + 7 * N);
            store<N>(kept, ahead);
            best = largest<N>(ahead, best);
        }
        for (int64_t index = slot; index < end; index++) {
            const Lanes<N> raised = exponential<N>(load<N>(memory + index * KEPT * N) - best);
            store<N>(image + index * N, raised);
            total += raised;
        }
        const Lanes<N> scale = 1.0 / total;
        for (int64_t index = slot; index < end; index++) {
            const Lanes<N> kept = load<N>(choice + index * N);
            store<N>(choice + index * N, where<N>(still, kept, load<N>(image + index * N) * scale));
        }
    }
}

}  // namespace
