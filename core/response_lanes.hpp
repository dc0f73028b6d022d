// The logit response of several draws, one in each lane, as a map of logits, with its exact derivative: the map of
// `response.py`, for games in which every actor chooses by logit, as long as reach need not be carried in logarithms.
//
// Arrays of numbers are flat, the lane last. What would be one number an edge and actor, the payoff on an edge and after
// it, is added up again where it is needed: memory is the bottleneck, not arithmetic.
#pragma once

#include "draws.hpp"

namespace {

// Reach at the root. Only ratios of reach within an information set matter, so it may be any power of two: with this one,
// reach can fall by 420 orders of magnitude before digits are lost, as it does at the start of a game of 250 rounds.
constexpr double REACH_OF_ROOT = 0x1p480;

// An evaluation of the map at `logit`, (slots + 1), whose last number is the branch parameter, and its derivative in a
// direction of the same form, in members that end in `_along`.
//
// `unit`: the branch parameter at scale 1; `in_turn`: 1 if each set answers the answers of the later ones, 0 if all sets
// answer the same profile; `lost`: 1 if the reach of a supported set has underflowed; `least`: the smallest choice.
// `image`: the answering logits; `answer`, `choice`: the answering and the given choices; `played`: the choices that
// values are computed from; `gain`: each option's value; all (slots). `reach`: (rows of reach); `rarity`: (sets), one over
// the set's reach; `value`: (nodes + constants, actors); `value_along`: (nodes + 1, actors), the last for all constants.
template <int N> struct Response {
    Numbers numbers;
    double *logit, *unit, *in_turn, *lost, *least;
    double *image, *answer, *choice, *played, *gain, *reach, *rarity, *value;
    double *played_along, *gain_along, *reach_along, *value_along;

    // Gives every member its memory; with none, says how much is needed.
    int64_t take(const PlayGraph &g, int64_t rows, Memory *memory) {
        const int64_t reaches = g.reach_first[g.systems], values = (g.nodes + g.constants) * g.actors, slots = g.slots;
        const struct {
            double **member;
            int64_t numbers;
        } parts[] = {{&logit, slots + 1}, {&unit, 1}, {&in_turn, 1}, {&lost, 1}, {&least, 1},
                     {&image, slots}, {&answer, slots}, {&choice, slots}, {&played, slots}, {&gain, slots},
                     {&reach, reaches}, {&rarity, g.sets}, {&value, values}, {&played_along, slots}, {&gain_along, slots},
                     {&reach_along, reaches}, {&value_along, (g.nodes + 1) * g.actors}};
        int64_t total = numbers.take<N>(g, rows, memory);
        for (const auto &part : parts) {
            if (memory) *part.member = memory->take(part.numbers * N);
            total += Memory::rounded(part.numbers * N);
        }
        return total;
    }
};

// Choice probabilities from logits.
template <int N> void choose(const PlayGraph &g, Response<N> &at) {
    Lanes<N> least = fill<N>(1.0);
    for (int64_t group = 0; group < g.layer_group[g.layers]; group++) {
        if (!g.closes[group]) continue;
        const int64_t slot = g.group_slot[group], end = slot + g.group_options[group];
        Lanes<N> best = fill<N>(-INFINITE), total = fill<N>(0.0);
        for (int64_t index = slot; index < end; index++) best = largest<N>(load<N>(at.logit + index * N), best);
        for (int64_t index = slot; index < end; index++) {
            const Lanes<N> raised = exponential<N>(load<N>(at.logit + index * N) - best);
            store<N>(at.choice + index * N, raised);
            total += raised;
        }
        total = 1.0 / total;
        for (int64_t index = slot; index < end; index++) {
            const Lanes<N> choice = load<N>(at.choice + index * N) * total;
            least = where<N>(choice < least, choice, least);
            store<N>(at.choice + index * N, choice);
            store<N>(at.played + index * N, choice);
        }
    }
    store<N>(at.least, least);
}

// Reach in every belief system, and one over that of each information set.
template <int N> void weigh(const PlayGraph &g, Response<N> &at) {
    reach_forward<N>(g, at.numbers.odds, at.choice, at.reach, REACH_OF_ROOT);
    for (int64_t set = 0; set < g.sets; set++) store<N>(at.rarity + set * N, fill<N>(0.0));
    for (int64_t layer = 0; layer < g.layers; layer++) {
        if (g.layer_actor[layer] < 0) continue;
        for (int64_t group = g.layer_group[layer]; group < g.layer_group[layer + 1]; group++) {
            const int64_t nodes = g.group_node[group + 1] - g.group_node[group];
            const double *own = at.reach + g.group_reach[group] * (int64_t)N;
            double *mass = at.rarity + g.group_set[group] * (int64_t)N;
            Lanes<N> total = load<N>(mass);
            for (int64_t node = 0; node < nodes; node++) total += load<N>(own + node * N);
            store<N>(mass, total);
        }
    }
    // where a choice itself has underflowed, so may have what it leads to
    const Flags<N> rare = load<N>(at.least) < UNDERFLOW_REACH;
    const Lanes<N> floor = where<N>(rare, fill<N>(UNDERFLOW_REACH * REACH_OF_ROOT), fill<N>(UNDERFLOW_REACH));
    Lanes<N> lost = fill<N>(0.0);
    for (int64_t set = 0; set < g.sets; set++) {
        const Lanes<N> mass = load<N>(at.rarity + set * N);
        const Flags<N> thin = mass < floor;
        lost = largest<N>(lost, where<N>(thin, load<N>(at.numbers.supported + set * N), fill<N>(0.0)));
        store<N>(at.rarity + set * N, where<N>(thin, fill<N>(0.0), 1.0 / mass));
    }
    store<N>(at.lost, lost);
}

template <int K> struct Number {
    static constexpr int VALUE = K;
};

// Where the numbers after an edge are, one for each actor: the value after it, its payment, or null, and the value's change.
struct After {
    const double *value, *paid, *value_along;
};

template <int N, bool PAID> INLINE After after_edge(const PlayGraph &g, const Response<N> &at, int64_t edge) {
    const int64_t row = g.edge_row[edge], kind = PAID ? g.edge_paid[edge] : -1, step = g.actors * N;
    return {at.value + row * step, PAID && kind >= 0 ? at.numbers.paid + kind * step : nullptr,
            at.value_along + (row < g.nodes ? row : g.nodes) * step};
}

// The payoff on an edge and after it.
template <int N, bool PAID> INLINE Lanes<N> to_come(const After &after, int64_t actor) {
    const Lanes<N> value = load<N>(after.value + actor * N);
    return PAID && after.paid ? value + load<N>(after.paid + actor * N) : value;
}

// Calls `work`, (its first argument) the number of options at once as a constant, on a group's options, some at a time.
template <typename Work> INLINE void by_options(int64_t options, const Work &work) {
    int64_t first = 0;
    for (; options - first > 4 || options - first == 3; first += 3) work(Number<3>{}, first);
    if (options - first == 4) work(Number<4>{}, first);
    if (options - first == 2) work(Number<2>{}, first);
    if (options - first == 1) work(Number<1>{}, first);
}

// Each option's gain at a group's information set, so far weighted by reach; the whole gain where the group `closes`.
template <int N, bool PAID> INLINE void add_gains(const PlayGraph &g, Response<N> &at, int64_t group, int64_t mover) {
    const int64_t options = g.group_options[group], nodes = g.group_node[group + 1] - g.group_node[group];
    const double *own = at.reach + g.group_reach[group] * (int64_t)N;
    const Lanes<N> rarity = g.closes[group] ? load<N>(at.rarity + g.group_set[group] * (int64_t)N) : fill<N>(1.0);
    by_options(options, [&](auto at_once, int64_t first) {
        constexpr int K = decltype(at_once)::VALUE;
        double *gains = at.gain + (g.group_slot[group] + first) * N;
        Lanes<N> total[K];
        for (int option = 0; option < K; option++) total[option] = g.opens[group] ? fill<N>(0.0) : load<N>(gains + option * N);
        int64_t edge = g.group_edge[group] + first;
        for (int64_t node = 0; node < nodes; node++, edge += options) {
            const Lanes<N> weight = load<N>(own + node * N);
            for (int option = 0; option < K; option++)
                total[option] += weight * to_come<N, PAID>(after_edge<N, PAID>(g, at, edge + option), mover);
        }
        for (int option = 0; option < K; option++) store<N>(gains + option * N, total[option] * rarity);
    });
}

// The response at one information set.
template <int N> INLINE void answer(const PlayGraph &g, Response<N> &at, int64_t group, Lanes<N> rationality) {
    const int64_t slot = g.group_slot[group], end = slot + g.group_options[group];
    const Flags<N> in_turn = load<N>(at.in_turn) > 0.0;
    Lanes<N> best = fill<N>(-INFINITE), mean = fill<N>(0.0), total = fill<N>(0.0);
    for (int64_t index = slot; index < end; index++) {
        const Lanes<N> image = rationality * load<N>(at.gain + index * N);
        store<N>(at.image + index * N, image);
        mean += image;
        best = largest<N>(image, best);
    }
    mean = mean / (double)(end - slot);
    for (int64_t index = slot; index < end; index++) {
        const Lanes<N> image = load<N>(at.image + index * N), raised = exponential<N>(image - best);
        store<N>(at.answer + index * N, raised);
        store<N>(at.image + index * N, image - mean);
        total += raised;
    }
    total = 1.0 / total;
    for (int64_t index = slot; index < end; index++) {
        const Lanes<N> probability = load<N>(at.answer + index * N) * total;
        store<N>(at.answer + index * N, probability);
        store<N>(at.played + index * N, where<N>(in_turn, probability, load<N>(at.choice + index * N)));
    }
}

// Every actor's value of a group's nodes, from the values of their children.
template <int N, bool CHANCE, bool PAID> INLINE void value_nodes(const PlayGraph &g, Response<N> &at, int64_t group) {
    const int64_t options = g.group_options[group], actors = g.actors;
    by_options(options, [&](auto at_once, int64_t first) {
        constexpr int K = decltype(at_once)::VALUE;
        const double *shares = (CHANCE ? at.numbers.odds : at.played) + (g.group_slot[group] + first) * N;
        Lanes<N> share[K];
        for (int option = 0; option < K; option++) share[option] = load<N>(shares + option * N);
        int64_t edge = g.group_edge[group] + first;
        for (int64_t node = g.group_node[group]; node < g.group_node[group + 1]; node++, edge += options) {
            After after[K];
            for (int option = 0; option < K; option++) after[option] = after_edge<N, PAID>(g, at, edge + option);
            double *own = at.value + node * actors * N;
            for (int64_t actor = 0; actor < actors; actor++) {
                const double *odds = shares + g.belief_of[actor] * g.odds_slots * N;
                Lanes<N> total = first ? load<N>(own + actor * N) : fill<N>(0.0);
                for (int option = 0; option < K; option++)
                    total += (CHANCE ? load<N>(odds + option * N) : share[option]) * to_come<N, PAID>(after[option], actor);
                store<N>(own + actor * N, total);
            }
        }
    });
}

// A group's part of an evaluation.
template <int N, bool PAID>
INLINE void respond_group(const PlayGraph &g, Response<N> &at, int64_t group, int64_t mover, Lanes<N> scale) {
    if (mover < 0) return value_nodes<N, true, PAID>(g, at, group);
    add_gains<N, PAID>(g, at, group, mover);
    if (g.closes[group]) answer<N>(g, at, group, scale * load<N>(at.numbers.rationality + mover * N));
    value_nodes<N, false, PAID>(g, at, group);
}

// Evaluates the map at `logit`.
template <int N> void respond(const PlayGraph &g, Response<N> &at) {
    choose<N>(g, at);
    weigh<N>(g, at);
    const Lanes<N> scale = load<N>(at.logit + g.slots * N) / load<N>(at.unit);
    for (int64_t layer = g.layers - 1; layer >= 0; layer--)
        for (int64_t group = g.layer_group[layer]; group < g.layer_group[layer + 1]; group++)
            if (g.group_paid[group])
                respond_group<N, true>(g, at, group, g.layer_actor[layer], scale);
            else
                respond_group<N, false>(g, at, group, g.layer_actor[layer], scale);
}

// The change of choices and of reach in the direction `along`.
template <int N> void reach_along(const PlayGraph &g, Response<N> &at, const double *along) {
    for (int64_t group = 0; group < g.layer_group[g.layers]; group++) {
        if (!g.closes[group]) continue;
        const int64_t slot = g.group_slot[group], end = slot + g.group_options[group];
        Lanes<N> mean = fill<N>(0.0);
        for (int64_t index = slot; index < end; index++)
            mean += load<N>(at.choice + index * N) * load<N>(along + index * N);
        for (int64_t index = slot; index < end; index++) {
            const Lanes<N> more = load<N>(along + index * N) - mean;
            store<N>(at.played_along + index * N, load<N>(at.choice + index * N) * more);
        }
    }
    for (int64_t system = 0; system < g.systems; system++) {
        const double *odds = at.numbers.odds + system * g.odds_slots * N;
        for (int64_t row = g.reach_first[system]; row < g.reach_first[system + 1]; row++) {
            Lanes<N> total = fill<N>(0.0);
            for (int64_t way = g.ways[row]; way < g.ways[row + 1]; way++) {
                const int64_t slot = g.way_slot[way], from = g.way_from[way];
                const Lanes<N> more = load<N>(at.reach_along + from * N);
                if (slot >= 0) {
                    total += load<N>(at.choice + slot * N) * more;
                    total += load<N>(at.played_along + slot * N) * load<N>(at.reach + from * N);
                } else {
                    total += load<N>(odds + ~slot * N) * more;
                }
            }
            store<N>(at.reach_along + row * N, total);
        }
    }
}

// The change of each option's gain, as `add_gains` adds it up.
template <int N, bool PAID>
INLINE void add_gains_along(const PlayGraph &g, Response<N> &at, int64_t group, int64_t mover) {
    const int64_t options = g.group_options[group], nodes = g.group_node[group + 1] - g.group_node[group];
    const double *own = at.reach + g.group_reach[group] * (int64_t)N;
    const double *ahead = at.reach_along + g.group_reach[group] * (int64_t)N;
    const Lanes<N> rarity = g.closes[group] ? load<N>(at.rarity + g.group_set[group] * (int64_t)N) : fill<N>(1.0);
    by_options(options, [&](auto at_once, int64_t first) {
        constexpr int K = decltype(at_once)::VALUE;
        const int64_t slot = (g.group_slot[group] + first) * N;
        Lanes<N> gain[K], total[K];
        for (int option = 0; option < K; option++) {
            gain[option] = load<N>(at.gain + slot + option * N);
            total[option] = g.opens[group] ? fill<N>(0.0) : load<N>(at.gain_along + slot + option * N);
        }
        int64_t edge = g.group_edge[group] + first;
        for (int64_t node = 0; node < nodes; node++, edge += options) {
            const Lanes<N> weight = load<N>(own + node * N), more = load<N>(ahead + node * N);
            for (int option = 0; option < K; option++) {
                const After after = after_edge<N, PAID>(g, at, edge + option);
                total[option] += more * (to_come<N, PAID>(after, mover) - gain[option]);
                total[option] += weight * load<N>(after.value_along + mover * N);
            }
        }
        for (int option = 0; option < K; option++) store<N>(at.gain_along + slot + option * N, total[option] * rarity);
    });
}

// The change of the response at one information set: `out`, (slots), of its logits.
template <int N>
INLINE void answer_along(const PlayGraph &g, Response<N> &at, int64_t group, Lanes<N> rationality, Lanes<N> faster,
                         double *out) {
    const int64_t slot = g.group_slot[group], end = slot + g.group_options[group];
    const Flags<N> in_turn = load<N>(at.in_turn) > 0.0;
    Lanes<N> mean = fill<N>(0.0), tilt = fill<N>(0.0);
    for (int64_t index = slot; index < end; index++) {
        const Lanes<N> more =
            rationality * load<N>(at.gain_along + index * N) + faster * load<N>(at.gain + index * N);
        store<N>(out + index * N, more);
        mean += more;
        tilt += load<N>(at.answer + index * N) * more;
    }
    mean = mean / (double)(end - slot);
    for (int64_t index = slot; index < end; index++) {
        const Lanes<N> more = load<N>(out + index * N);
        const Lanes<N> answered = load<N>(at.answer + index * N) * (more - tilt);
        store<N>(at.played_along + index * N, where<N>(in_turn, answered, load<N>(at.played_along + index * N)));
        store<N>(out + index * N, more - mean);
    }
}

// The change of every actor's value of a group's nodes.
template <int N, bool CHANCE, bool PAID>
INLINE void value_nodes_along(const PlayGraph &g, Response<N> &at, int64_t group) {
    const int64_t options = g.group_options[group], actors = g.actors;
    by_options(options, [&](auto at_once, int64_t first) {
        constexpr int K = decltype(at_once)::VALUE;
        const int64_t slot = (g.group_slot[group] + first) * N;
        const double *shares = (CHANCE ? at.numbers.odds : at.played) + slot;
        Lanes<N> share[K], more[K];
        for (int option = 0; option < K; option++) {
            share[option] = load<N>(shares + option * N);
            more[option] = CHANCE ? fill<N>(0.0) : load<N>(at.played_along + slot + option * N);
        }
        int64_t edge = g.group_edge[group] + first;
        for (int64_t node = g.group_node[group]; node < g.group_node[group + 1]; node++, edge += options) {
            After after[K];
            for (int option = 0; option < K; option++) after[option] = after_edge<N, PAID>(g, at, edge + option);
            double *own = at.value_along + node * actors * N;
            for (int64_t actor = 0; actor < actors; actor++) {
                const double *odds = shares + g.belief_of[actor] * g.odds_slots * N;
                Lanes<N> total = first ? load<N>(own + actor * N) : fill<N>(0.0);
                for (int option = 0; option < K; option++) {
                    const Lanes<N> ahead = load<N>(after[option].value_along + actor * N);
                    total += (CHANCE ? load<N>(odds + option * N) : share[option]) * ahead;
                    if (!CHANCE) total += more[option] * to_come<N, PAID>(after[option], actor);
                }
                store<N>(own + actor * N, total);
            }
        }
    });
}

// The derivative at a point, group by group: `along` and `out` as below; `scale`, and `faster`, its change.
template <int N, bool PAID>
INLINE void differentiate_group(const PlayGraph &g, Response<N> &at, int64_t group, int64_t mover, Lanes<N> scale,
                                Lanes<N> faster, double *out) {
    if (mover < 0) return value_nodes_along<N, true, PAID>(g, at, group);
    add_gains_along<N, PAID>(g, at, group, mover);
    if (g.closes[group]) {
        const Lanes<N> rationality = load<N>(at.numbers.rationality + mover * N);
        answer_along<N>(g, at, group, scale * rationality, faster * rationality, out);
    }
    value_nodes_along<N, false, PAID>(g, at, group);
}

// The map's derivative in the direction `along`, (slots + 1), at the point where it was last evaluated: `out`, (slots).
template <int N> void differentiate(const PlayGraph &g, Response<N> &at, const double *along, double *out) {
    reach_along<N>(g, at, along);
    const Lanes<N> unit = load<N>(at.unit);
    const Lanes<N> scale = load<N>(at.logit + g.slots * N) / unit, faster = load<N>(along + g.slots * N) / unit;
    for (int64_t layer = g.layers - 1; layer >= 0; layer--)
        for (int64_t group = g.layer_group[layer]; group < g.layer_group[layer + 1]; group++)
            if (g.group_paid[group])
                differentiate_group<N, true>(g, at, group, g.layer_actor[layer], scale, faster, out);
            else
                differentiate_group<N, false>(g, at, group, g.layer_actor[layer], scale, faster, out);
}

}  // namespace
