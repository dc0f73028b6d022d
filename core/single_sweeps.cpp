// Sweeps of one draw after another, by its response: for choice rules other than logit, and if reach underflows.

#include <math.h>

#include "acceleration.hpp"
#include "memory.hpp"
#include "response.hpp"

namespace {

// The largest difference of a choice from its answer, NaN if one is NaN.
double moved_of(const Graph &g, const Point &point) {
    double change = 0.0;
    for (int64_t slot = 0; slot < g.slots; slot++) {
        // `not ... <=` so that NaN, which never converges, is kept
        const double moved = fabs(point.answer[slot] - point.choice[slot]);
        if (!(moved <= change)) change = moved;
    }
    return change;
}

// Loads a draw's numbers from a block, (rows, draws) in each array.
void take(const Graph &g, const double *odds, const double *pay, const double *rationality, const double *supported,
          int64_t draws, int64_t number, const Draw &draw) {
    const int64_t room = room_of(g);
    for (int64_t index = 0; index < g.systems * g.odds_slots; index++) draw.odds[index] = odds[index * draws + number];
    for (int64_t actor = 0; actor < g.actors; actor++) {
        draw.rationality[actor] = rationality[actor * draws + number];
        const double *own = draw.odds + g.belief_of[actor] * g.odds_slots;
        for (int64_t slot = 0; slot < g.odds_slots; slot++) draw.own_odds[slot * room + actor] = own[slot];
        for (int64_t edge = 0; edge < g.edges; edge++)
            draw.paid[edge * room + actor] = pay[g.edge_pay[edge * g.actors + actor] * draws + number];
    }
    for (int64_t set = 0; set < g.sets; set++) draw.supported[set] = supported[set * draws + number];
}

}  // namespace

// Plain sweeps of one draw, with reach in logarithms, from the logits `theta`, which become the last answer. `sweeps`:
// their number, at most `most_sweeps`; `converged`: whether the last one changed nothing.
extern "C" int64_t converge_in_logarithms(const Graph *graph, const Draw *draw, double *theta, int64_t most_sweeps,
                                          const Point *point, int64_t *sweeps, uint8_t *converged) {
    const Graph &g = *graph;
    Memory memory(spare_of(g));
    if (memory.failed()) return 1;
    double *spare = memory.take(spare_of(g));
    *sweeps = most_sweeps;
    *converged = g.slots == 0;
    for (int64_t sweep = 1; sweep <= most_sweeps; sweep++) {
        respond(g, *draw, theta, 1.0, true, *point, spare);
        for (int64_t slot = 0; slot < g.slots; slot++) theta[slot] = point->image[slot];
        if (moved_of(g, *point) <= CONVERGED) {
            *sweeps = sweep;
            *converged = true;
            return 0;
        }
    }
    return 0;
}

// Sweeps every draw of a block from the logits `start`, (slots), as `converge_by_sweeps`, for every choice rule. `draw`,
// `point`: working arrays. Results are `choice` and `logit`: (slots, draws), and for each draw the number of `sweeps`
// and whether it `converged`.
extern "C" int64_t converge_each(const Graph *graph, const double *odds, const double *pay, const double *rationality,
                                 const double *supported, int64_t draws, const double *start, int64_t most_sweeps,
                                 const Draw *draw, const Point *point, double *choice, double *logit, int64_t *sweeps,
                                 uint8_t *converged) {
    const Graph &g = *graph;
    const int64_t slots = Memory::rounded(g.slots);
    Memory memory(Memory::rounded(spare_of(g)) + 3 * slots + Memory::rounded(g.slots * KEPT) +
                  Memory::rounded(PRODUCTS));
    if (memory.failed()) return 1;
    double *spare = memory.take(spare_of(g)), *theta = memory.take(slots), *image = memory.take(slots);
    double *profile = memory.take(slots), *kept = memory.take(g.slots * KEPT);
    Remembered past = {kept, memory.take(PRODUCTS), 0};
    const int64_t first_kept = PLAIN - CHANGES;  // the first sweep whose gap counts; its input is kept the sweep before
    for (int64_t number = 0; number < draws; number++) {
        take(g, odds, pay, rationality, supported, draws, number, *draw);
        for (int64_t slot = 0; slot < g.slots; slot++) theta[slot] = start[slot];
        bool logarithms = false;
        for (int64_t sweep = 1; sweep <= most_sweeps; sweep++) {
            logarithms = respond(g, *draw, theta, 1.0, logarithms, *point, spare);
            sweeps[number] = sweep;
            for (int64_t slot = 0; slot < g.slots; slot++) theta[slot] = image[slot] = point->image[slot];
            if (moved_of(g, *point) <= CONVERGED) {
                converged[number] = true;
                break;
            }
            if (sweep < first_kept - 1) continue;
            const double fresh = sweep <= first_kept ? 1.0 : 0.0, plain = sweep < PLAIN ? 1.0 : 0.0;
            accelerate<1, false>(g, image, &fresh, &plain, past, profile);
            for (int64_t slot = 0; slot < g.slots; slot++) theta[slot] = kept[slot * KEPT];
        }
        for (int64_t slot = 0; slot < g.slots; slot++) {
            choice[slot * draws + number] = point->answer[slot];
            logit[slot * draws + number] = point->image[slot];
        }
    }
    return 0;
}
