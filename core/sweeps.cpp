// Fixed points by sweeps, several draws side by side, one draw in each lane.
//
// A sweep carries reach forward and values backward, and updates each information set's choice to its logit response as
// it passes. Arrays of numbers are flat, the lane last: `reach` is (rows of reach), `value` (places and constants, actors),
// payoff to come in the actor's own odds, and `choice` (slots), the profile.

#include "acceleration.hpp"
#include "draws.hpp"
#include "sweep_plan.hpp"

namespace {

// How many lanes must be idle before they take new draws: what settles before play is settled again in all lanes then.
template <int N> int64_t refill_at(const PlayGraph &g) {
    const int64_t settled = g.settled_edge[g.settled], edges = g.group_edge[g.layer_group[g.layers]];
    return N == 1 ? 1 : settled * 8 > edges ? N - 1 : 2;
}

// Adds up a group's reach in `mass`, and each option's payoff to come, weighted by reach, in `logit`. `OPTIONS`: the
// number of options, or 0 if it is known only here.
template <int N, bool PAID, int OPTIONS>
INLINE void add_gains(const PlayGraph &g, const SweepPlan &plan, int64_t group, int64_t mover, const double *reach,
                      const double *value, const double *paid, double *mass, double *logit) {
    constexpr int64_t AT_ONCE = OPTIONS ? OPTIONS : 1;
    const int64_t options = OPTIONS ? OPTIONS : g.group_options[group];
    const int64_t nodes = g.group_node[group + 1] - g.group_node[group];
    double *in_mass = mass + g.group_set[group] * (int64_t)N, *gains = logit + g.group_slot[group] * (int64_t)N;
    const double *own = reach + g.group_reach[group] * (int64_t)N;
    const bool opens = g.opens[group];
    Lanes<N> weight = opens ? fill<N>(0.0) : load<N>(in_mass);
    for (int64_t node = 0; node < nodes; node++) weight += load<N>(own + node * N);
    store<N>(in_mass, weight);
    for (int64_t first = 0; first < options; first += AT_ONCE) {
        const int64_t edge = g.group_edge[group] + first;
        const int32_t *row = plan.edge_place + edge, *kind = g.edge_paid + edge;
        Lanes<N> gain[AT_ONCE];
        for (int64_t option = 0; option < AT_ONCE; option++)
            gain[option] = opens ? fill<N>(0.0) : load<N>(gains + (first + option) * N);
        for (int64_t node = 0; node < nodes; node++, row += options, kind += options) {
            const Lanes<N> here = load<N>(own + node * N);
            for (int64_t option = 0; option < AT_ONCE; option++) {
                Lanes<N> to_come = load<N>(value + (row[option] * g.actors + mover) * N);
                if (PAID && kind[option] >= 0) to_come += load<N>(paid + (kind[option] * g.actors + mover) * N);
                gain[option] += here * to_come;
            }
        }
        for (int64_t option = 0; option < AT_ONCE; option++) store<N>(gains + (first + option) * N, gain[option]);
    }
}

template <int N, bool PAID>
INLINE void gains_of_group(const PlayGraph &g, const SweepPlan &plan, int64_t group, int64_t mover, const double *reach,
                           const double *value, const double *paid, double *mass, double *logit) {
    if (g.group_options[group] == 2)
        add_gains<N, PAID, 2>(g, plan, group, mover, reach, value, paid, mass, logit);
    else if (g.group_options[group] == 3)
        add_gains<N, PAID, 3>(g, plan, group, mover, reach, value, paid, mass, logit);
    else
        add_gains<N, PAID, 0>(g, plan, group, mover, reach, value, paid, mass, logit);
}

// Updates an information set's choice to its logit response. `most_change`: the largest change of a choice probability;
// `underflowed`: 1 if the set's reach has underflowed though it is supported.
template <int N>
INLINE void respond(const PlayGraph &g, const Numbers &numbers, int64_t group, int64_t mover, const double *mass,
                    double *logit, double *choice, double *raised, Lanes<N> &most_change, Lanes<N> &underflowed) {
    const int64_t options = g.group_options[group], slot = g.group_slot[group], set = g.group_set[group];
    const Lanes<N> weight = load<N>(mass + set * N);
    const Flags<N> thin = weight < UNDERFLOW_REACH;
    underflowed = largest<N>(underflowed, where<N>(thin, load<N>(numbers.supported + set * N), fill<N>(0.0)));
    const Lanes<N> scale = where<N>(thin, fill<N>(0.0), load<N>(numbers.rationality + mover * N) / weight);
    const auto choose = [&](int64_t at, Lanes<N> probability) {
        most_change = largest<N>(magnitude<N>(probability - load<N>(choice + at * N)), most_change);
        store<N>(choice + at * N, probability);
    };
    if (options == 2) {
        const Lanes<N> one = load<N>(logit + slot * N) * scale, other = load<N>(logit + (slot + 1) * N) * scale;
        const Lanes<N> best = largest<N>(other, largest<N>(one, fill<N>(-INFINITE)));
        store<N>(logit + slot * N, one - best);
        store<N>(logit + (slot + 1) * N, other - best);
        const Pair<N> both = exponentials<N>(one - best, other - best);
        const Lanes<N> share = 1.0 / (both.one + both.other);
        choose(slot, both.one * share);
        choose(slot + 1, both.other * share);
        return;
    }
    Lanes<N> best = fill<N>(-INFINITE);
    for (int64_t at = slot; at < slot + options; at++) {
        const Lanes<N> gain = load<N>(logit + at * N) * scale;
        store<N>(logit + at * N, gain);
        best = largest<N>(gain, best);
    }
    Lanes<N> total = fill<N>(0.0);
    for (int64_t option = 0; option < options; option++) {
        const Lanes<N> gain = load<N>(logit + (slot + option) * N) - best;
        store<N>(logit + (slot + option) * N, gain);
        const Lanes<N> one = exponential<N>(gain);
        store<N>(raised + option * N, one);
        total += one;
    }
    total = 1.0 / total;
    for (int64_t option = 0; option < options; option++) choose(slot + option, load<N>(raised + option * N) * total);
}

// Every actor's value of a group's nodes, as far as it comes from `OPTIONS` options from number `first` on. `share`: the
// group's odds; those of a chance group differ between actors.
template <int N, bool CHANCE, bool PAID, int OPTIONS>
INLINE void value_options(const PlayGraph &g, const SweepPlan &plan, int64_t group, int64_t first, const double *share,
                          const double *paid, double *value) {
    const int64_t options = g.group_options[group], actors = g.actors, step = actors * N, system = g.odds_slots * N;
    const int64_t nodes = g.group_node[group + 1] - g.group_node[group];
    const int32_t *row = plan.edge_place + g.group_edge[group] + first, *kind = g.edge_paid + g.group_edge[group] + first;
    const int32_t *place = plan.node_place + g.group_node[group];
    share += first * N;
    Lanes<N> odds[OPTIONS];
    for (int option = 0; option < OPTIONS; option++) odds[option] = load<N>(share + option * N);
    for (int64_t node = 0; node < nodes; node++, row += options, kind += options) {
        const double *after[OPTIONS], *bill[OPTIONS];
        for (int option = 0; option < OPTIONS; option++) {
            after[option] = value + row[option] * step;
            bill[option] = PAID && kind[option] >= 0 ? paid + kind[option] * step : nullptr;
        }
        double *own = value + place[node] * step;
        for (int64_t actor = 0; actor < actors; actor++, own += N) {
            const double *own_odds = CHANCE ? share + g.belief_of[actor] * system : nullptr;
            Lanes<N> total = first ? load<N>(own) : fill<N>(0.0);
            for (int option = 0; option < OPTIONS; option++) {
                Lanes<N> to_come = load<N>(after[option] + actor * N);
                if (PAID && bill[option]) to_come += load<N>(bill[option] + actor * N);
                total += (CHANCE ? load<N>(own_odds + option * N) : odds[option]) * to_come;
            }
            store<N>(own, total);
        }
    }
}

// The whole value of a group's nodes, some options at a time.
template <int N, bool CHANCE, bool PAID>
INLINE void value_group(const PlayGraph &g, const SweepPlan &plan, int64_t group, const double *share, const double *paid,
                        double *value) {
    const int64_t options = g.group_options[group];
    int64_t first = 0;
    for (; options - first > 3; first += 2) value_options<N, CHANCE, PAID, 2>(g, plan, group, first, share, paid, value);
    if (options - first == 3)
        value_options<N, CHANCE, PAID, 3>(g, plan, group, first, share, paid, value);
    else if (options - first == 2)
        value_options<N, CHANCE, PAID, 2>(g, plan, group, first, share, paid, value);
    else
        value_options<N, CHANCE, PAID, 1>(g, plan, group, first, share, paid, value);
}

// Carries values backward, and updates each information set's choice on the way. `logit`: (slots), filled with
// rationality times each option's value, relative to the best. `change`: each draw's largest change of a choice
// probability; `lost`: 1 if the reach of a supported information set has underflowed.
template <int N>
void sweep_backward(const PlayGraph &g, const SweepPlan &plan, const Numbers &numbers, const double *reach,
                    double *choice, double *logit, double *mass, double *raised, double *value, double *change,
                    double *lost) {
    const double *paid = numbers.paid;
    Lanes<N> most_change = fill<N>(0.0), underflowed = fill<N>(0.0);
    for (int64_t turn = 0; turn < plan.turns; turn++) {
        const int64_t first = plan.first[turn], last = plan.first[turn + 1];
        for (int64_t at = first; at < last; at++) {
            const int64_t group = plan.group[at], mover = plan.mover[at];
            if (mover < 0) continue;
            if (g.group_paid[group])
                gains_of_group<N, true>(g, plan, group, mover, reach, value, paid, mass, logit);
            else
                gains_of_group<N, false>(g, plan, group, mover, reach, value, paid, mass, logit);
        }
        for (int64_t at = first; at < last; at++) {
            const int64_t group = plan.group[at], mover = plan.mover[at];
            if (mover >= 0 && g.closes[group])
                respond<N>(g, numbers, group, mover, mass, logit, choice, raised, most_change, underflowed);
        }
        for (int64_t at = first; at < last; at++) {
            const int64_t group = plan.group[at];
            const bool chance = plan.mover[at] < 0, pays = g.group_paid[group];
            const double *share = (chance ? numbers.odds : choice) + g.group_slot[group] * (int64_t)N;
            if (chance && pays)
                value_group<N, true, true>(g, plan, group, share, paid, value);
            else if (chance)
                value_group<N, true, false>(g, plan, group, share, paid, value);
            else if (pays)
                value_group<N, false, true>(g, plan, group, share, paid, value);
            else
                value_group<N, false, false>(g, plan, group, share, paid, value);
        }
    }
    store<N>(change, most_change);
    store<N>(lost, underflowed);
}

struct Results {
    double *choice, *logit;
    int64_t *sweeps;
    uint8_t *converged, *lost;
};

template <int N>
int64_t converge(const PlayGraph &g, const SweepPlan &plan, const Numbers &block, int64_t rows, int64_t draws,
                 const double *start, int64_t starts, double least, int64_t most_sweeps, const Results &results) {
    const auto &[choice, logit, sweeps, converged, lost] = results;
    Numbers numbers;
    Memory of_numbers(numbers.take<N>(g, rows, nullptr));
    Parts parts({g.reach_first[g.systems], (plan.places + g.constants) * g.actors, g.slots, g.slots, g.sets,
                 g.most_options, 1, 1, 1, 1, g.slots * KEPT, PRODUCTS}, N);
    if (of_numbers.failed() || parts.failed()) return 1;
    numbers.take<N>(g, rows, &of_numbers);
    const auto &[reach, value, current, gain, mass, raised, change, underflowed, fresh, plain, kept, products] = parts.of;
    Remembered past = {kept, products, 0};
    const int64_t first_kept = PLAIN - CHANGES;  // the first sweep whose gap counts; its input is kept the sweep before
    const int64_t enough = refill_at<N>(g);
    int64_t draw_of[N], waiting = 0, idle = N;
    for (int64_t lane = 0; lane < N; lane++) draw_of[lane] = -1;
    while (true) {
        if (waiting < draws && idle >= enough) {
            for (int64_t lane = 0; lane < N && waiting < draws; lane++) {
                if (draw_of[lane] >= 0) continue;
                take_draw<N>(g, block, rows, draws, waiting, numbers, lane);
                take<N>(start, g.slots, starts, starts == 1 ? 0 : waiting, current, lane);
                draw_of[lane] = waiting++;
                idle--;
            }
            settle<N>(g, numbers, value + plan.places * g.actors * N);
        }
        if (idle == N) return 0;
        bool early = true;
        reach_forward<N>(g, numbers.odds, current, reach);
        sweep_backward<N>(g, plan, numbers, reach, current, gain, mass, raised, value, change, underflowed);
        for (int64_t lane = 0; lane < N; lane++) {
            const int64_t draw = draw_of[lane];
            if (draw < 0) continue;
            sweeps[draw]++;
            early = early && sweeps[draw] < first_kept - 1;
            fresh[lane] = sweeps[draw] <= first_kept ? 1.0 : 0.0;
            plain[lane] = sweeps[draw] < PLAIN ? 1.0 : 0.0;
            // NaN, which never converges, goes on to the last sweep
            const bool settled_down = change[lane] <= least;
            if (underflowed[lane] == 0.0 && !settled_down && sweeps[draw] < most_sweeps) continue;
            lost[draw] = underflowed[lane] != 0.0;
            converged[draw] = !lost[draw] && settled_down;
            for (int64_t slot = 0; slot < g.slots; slot++) {
                choice[slot * draws + draw] = current[slot * N + lane];
                logit[slot * draws + draw] = gain[slot * N + lane];
            }
            draw_of[lane] = -1;
            idle++;
        }
        if (idle < N && !early) accelerate<N, true>(g, gain, fresh, plain, past, current);
    }
}

}  // namespace

// Sweeps every draw of a block, (rows, draws) in each array, from the profiles `start`, (slots, starts), one for all draws
// or one for each, until a sweep changes no choice by more than `least`, or it has had `most_sweeps`. Plain sweeps cycle
// in many games with hidden moves, so sweeps after the first `PLAIN` are accelerated. A lane that is done takes the next
// draw, so slow draws do not hold up the others. Results are `choice` and `logit`: (slots, draws), and for each draw the
// number of `sweeps`, whether it `converged`, and whether reach was `lost` to underflow. Returns 1 if there is not enough
// memory, else 0.
extern "C" int64_t converge_by_sweeps(const PlayGraph *graph, const SweepPlan *plan, double *odds, double *pay,
                                      double *rationality, double *supported, int64_t rows, int64_t draws,
                                      const double *start, int64_t starts, double least, int64_t most_sweeps,
                                      double *choice, double *logit, int64_t *sweeps, uint8_t *converged,
                                      uint8_t *lost) {
    const Numbers block = {odds, pay, rationality, supported, nullptr, nullptr};
    const Results results = {choice, logit, sweeps, converged, lost};
    if (draws == 1) return converge<1>(*graph, *plan, block, rows, draws, start, starts, least, most_sweeps, results);
    return converge<8>(*graph, *plan, block, rows, draws, start, starts, least, most_sweeps, results);
}
