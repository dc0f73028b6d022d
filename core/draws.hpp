// The numbers of several draws, one in each lane: what they are made of, what settles before play, and reach.
#pragma once

#include "graph.hpp"
#include "lanes.hpp"
#include "memory.hpp"
#include "play_graph.hpp"

namespace {

// A block of draws, the draw last: odds (belief systems, odds slots), payments (rows), rationality (actors), and
// `supported` (information sets), 1 if the odds allow some play to reach the set, else 0. In lanes also the payments of
// each kind, `paid` (kinds, actors), and values of settled nodes, `settled` (settled + 1, actors).
struct Numbers {
    double *odds, *pay, *rationality, *supported, *paid, *settled;

    // Gives every member its memory; with none, says how much is needed.
    template <int N> int64_t take(const PlayGraph &g, int64_t rows, Memory *memory) {
        const struct {
            double **member;
            int64_t numbers;
        } parts[] = {{&odds, g.systems * g.odds_slots}, {&pay, rows}, {&rationality, g.actors}, {&supported, g.sets},
                     {&paid, g.paid * g.actors}, {&settled, (g.settled + 1) * g.actors}};
        int64_t total = 0;
        for (const auto &part : parts) {
            if (memory) *part.member = memory->take(part.numbers * N);
            total += Memory::rounded(part.numbers * N);
        }
        return total;
    }
};

// Puts one draw of a block, (rows, draws), into a lane.
template <int N> void take(const double *block, int64_t rows, int64_t draws, int64_t draw, double *lanes, int64_t lane) {
    for (int64_t row = 0; row < rows; row++) lanes[row * N + lane] = block[row * draws + draw];
}

template <int N>
void take_draw(const PlayGraph &g, const Numbers &block, int64_t rows, int64_t draws, int64_t draw, Numbers &numbers,
               int64_t lane) {
    take<N>(block.odds, g.systems * g.odds_slots, draws, draw, numbers.odds, lane);
    take<N>(block.pay, rows, draws, draw, numbers.pay, lane);
    take<N>(block.rationality, g.actors, draws, draw, numbers.rationality, lane);
    take<N>(block.supported, g.sets, draws, draw, numbers.supported, lane);
}

// What is constant in a draw: values of settled nodes, payments by kind, and the rows of `constants`.
template <int N> void settle(const PlayGraph &g, Numbers &numbers, double *constants) {
    const int64_t actors = g.actors;
    for (int64_t node = g.settled - 1; node >= 0; node--) {
        const int64_t first = g.settled_edge[node], options = g.settled_edge[node + 1] - first;
        for (int64_t actor = 0; actor < actors; actor++) {
            const double *odds = numbers.odds + (g.belief_of[actor] * g.odds_slots + g.settled_slot[node]) * N;
            Lanes<N> total = fill<N>(0.0);
            for (int64_t option = 0; option < options; option++) {
                const int64_t edge = first + option;
                const Lanes<N> after = load<N>(numbers.settled + (g.settled_child[edge] * actors + actor) * N);
                const Lanes<N> paid = load<N>(numbers.pay + g.settled_pay[edge * actors + actor] * (int64_t)N);
                total += load<N>(odds + option * N) * (after + paid);
            }
            store<N>(numbers.settled + (node * actors + actor) * N, total);
        }
    }
    for (int64_t row = 0; row < g.constants; row++) {
        for (int64_t actor = 0; actor < actors; actor++) {
            const Lanes<N> after = load<N>(numbers.settled + (g.constant_child[row] * actors + actor) * N);
            const Lanes<N> paid = load<N>(numbers.pay + g.constant_pay[row * actors + actor] * (int64_t)N);
            store<N>(constants + (row * actors + actor) * N, after + paid);
        }
    }
    for (int64_t number = 0; number < g.paid * actors; number++)
        store<N>(numbers.paid + number * N, load<N>(numbers.pay + g.paid_pay[number] * (int64_t)N));
}

// Reach in every belief system, times `root`, that of the root.
template <int N>
void reach_forward(const PlayGraph &g, const double *odds, const double *choice, double *reach, double root = 1.0) {
    for (int64_t system = 0; system < g.systems; system++) {
        const double *own_odds = odds + system * g.odds_slots * N;
        const auto flow = [&](int64_t way) {
            const int64_t slot = g.way_slot[way];
            const double *share = slot >= 0 ? choice + slot * N : own_odds + ~slot * N;
            return load<N>(reach + g.way_from[way] * (int64_t)N) * load<N>(share);
        };
        for (int64_t row = g.reach_first[system]; row < g.reach_first[system + 1]; row++) {
            const int64_t first = g.ways[row], last = g.ways[row + 1];
            if (last - first == 1) {  // most nodes have one way in
                store<N>(reach + row * N, flow(first));
                continue;
            }
            Lanes<N> total = fill<N>(first == last ? root : 0.0);  // only the root has no way in
            for (int64_t way = first; way < last; way++) total += flow(way);
            store<N>(reach + row * N, total);
        }
    }
}

}  // namespace
