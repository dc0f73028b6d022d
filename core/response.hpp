// The response of one draw as a map of logits, with its exact derivative; see `offramp.equilibrium.response`. Values have
// one number for each actor, side by side, rounded up to whole lanes: `room_of` numbers.
#pragma once

#include "choice_rules.hpp"
#include "graph.hpp"
#include "lanes.hpp"

constexpr int WIDTH = 4;

// The arrays of `response_arrays.Draw`, `Point` and `ResponseDerivative`, in the same order.
struct Draw {
    double *odds, *own_odds, *paid, *rationality, *supported;
    int64_t in_turn;
};

struct Point {
    double *image, *log_choice, *choice, *answer, *gain, *value, *to_come, *reach, *inflow, *weight, *mass;
    double *concentration, *variance;
};

struct ResponseDerivative {
    double *log_choice, *log_reach, *value, *answer, *concentration, *variance;
    const uint8_t *open;
};

INLINE int64_t room_of(const Graph &g) { return (g.actors + WIDTH - 1) / WIDTH * WIDTH; }

using Four = Lanes<WIDTH>;
INLINE Four four(const double *from) { return load<WIDTH>(from); }

INLINE bool private_shocks(const Graph &g) {
    for (int64_t actor = 0; actor < g.actors; actor++)
        if (g.rules[actor] == PRIVATE) return true;
    return false;
}

// How much working memory `respond` and `differentiate` need.
INLINE int64_t spare_of(const Graph &g) { return g.sets + 3 * g.most_options; }

// Evaluates the map at `theta`, (slots), and a scale of all rationalities. Returns whether reach had to be carried in
// logarithms.
bool respond(const Graph &g, const Draw &draw, const double *theta, double scale, bool logarithms, const Point &point,
             double *spare);

// The derivative of the map at `point` in the direction of logits, `along`, and of the scale, `faster`: `out`, (slots).
void differentiate(const Graph &g, const Draw &draw, double scale, const Point &point,
                   const ResponseDerivative &change, const double *along, double faster, double *out, double *spare);
