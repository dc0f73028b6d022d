// The principal branch of several draws, one in each lane: the regular case of `continuation.py` and `principal.py`.
//
// A lane is at its own place on its own branch. Each turn evaluates the map, or applies its derivative to a vector, in all
// lanes at once, whichever more lanes wait for; between turns every lane decides on its own what it needs next. So a
// draw's bits do not depend on the draws beside it. Whatever is out of the ordinary ends the lane's draw without an answer,
// for the tracer of single draws to follow.

#include "eigenvalues.hpp"
#include "gmres.hpp"
#include "response_lanes.hpp"

namespace {

constexpr double TINY = 2.2250738585072014e-308;

// The numbers of `continuation.py` and `index.py` by which a branch is followed, in the order of `lane_tracing.Settings`.
struct Settings {
    double corrected, still, tangent, watched, polished, real, newton, near, straight, first_step;
    double fork, corner, sharp, smallest_step;
    int64_t corrections, most_steps, dense, room;
};

// Where the results go: logits (slots, draws); for each draw the number of steps along the branch, how often the scale
// turned back or forth, the work in sweeps, and 1 if the branch was `followed`.
struct Results {
    double *logit;
    int64_t *steps, *turns, *sweeps;
    uint8_t *followed;
    int64_t draws;
};

enum class Want { NOTHING, RESPONSE, PRODUCT };

// What a lane does with what it waits for: `SPREAD` finds the branch parameter's unit, `ORIGIN` evaluates the start,
// `CORRECTING` has Newton's method under way, `SETTLED` evaluates a point that it moved no further, `TANGENT` and
// `WATCHING` solve for the branch's direction and its signs, `INDEX` has the derivative as a matrix, and `POLISHING` ends.
enum class Stage { SPREAD, ORIGIN, CORRECTING, SETTLED, TANGENT, WATCHING, INDEX, POLISHING };

// A lane's place. `along`: whether the border of its linear system is the parameter's, else it is the direction of the
// last point; `last`: whether it tries the point at the target; `side` and `counts` are the signs of its last point.
// Vectors, (slots + 1): the point where the map is evaluated, its answer less the point, the last point of the branch, the
// direction there, the guess of the next, and the solution of the last linear system. `matrix`: (free, free).
struct Lane {
    int64_t draw;
    Want want;
    Stage stage;
    bool started, last, along;
    double unit, step, taken, reach, least;
    int64_t tries, side, next_side, steps, turns, sweeps, column;
    Counts counts;
    double *at, *gap, *here, *heading, *guess, *solution, *matrix;
    Gmres space;
};

template <int N> struct Tracing {
    const PlayGraph &g;
    const Settings &set;
    const double *random;
    const Results &results;
    const int64_t slots, length, free, room;
    Response<N> response;
    Lane lanes[N] = {};
    double *newest, *product, *scratch;  // a vector for the derivative in every lane, and the product: (slots + 1)
    int64_t *free_slot, *tied_slot;      // each free logit, and the last one of its set

    Tracing(const PlayGraph &g, const Settings &set, const double *random, const Results &results)
        : g(g), set(set), random(random), results(results), slots(g.slots), length(g.slots + 1), free(g.slots - g.sets),
          room(set.room < length ? set.room : length) {}

    // Gives every member its memory; with none, says how much is needed.
    int64_t take(int64_t rows, Memory *memory) {
        int64_t total = response.take(g, rows, memory);
        const auto part = [&](auto *&member, int64_t count) {
            static_assert(sizeof *member == sizeof(double), "memory is counted in numbers");
            if (memory) member = reinterpret_cast<__typeof__(&*member)>(memory->take(count));
            total += Memory::rounded(count);
        };
        part(newest, length * N);
        part(product, length * N);
        part(scratch, room * room);
        part(free_slot, free);
        part(tied_slot, free);
        for (Lane &own : lanes) {
            double **vectors[] = {&own.at, &own.gap, &own.here, &own.heading, &own.guess, &own.solution};
            for (double **vector : vectors) part(*vector, length);
            part(own.matrix, free <= set.dense ? free * free : 0);
            part(own.space.basis, (room + 1) * length);
            part(own.space.hessenberg, (room + 1) * room);
            part(own.space.rotated, (room + 1) * room);
            double **lines[] = {&own.space.cosine, &own.space.sine, &own.space.left};
            for (double **line : lines) part(*line, room + 1);
            own.space.length = length, own.space.room = room;
            own.draw = -1;
        }
        return total;
    }

    void number_logits() {
        int64_t place = 0;
        for (int64_t group = 0; group < g.layer_group[g.layers]; group++) {
            if (!g.closes[group]) continue;
            const int64_t end = g.group_slot[group] + g.group_options[group] - 1;
            for (int64_t slot = g.group_slot[group]; slot < end; slot++, place++)
                free_slot[place] = slot, tied_slot[place] = end;
        }
    }

    double size_of(const double *vector) const { return sqrt(inner(vector, vector, length)); }

    void copy(const double *from, double *to) const { memcpy(to, from, length * sizeof(double)); }

    int64_t number_of(const Lane &own) const { return &own - lanes; }

    // Asks for an evaluation at the lane's point.
    void evaluate(Lane &own, Stage stage) {
        own.stage = stage;
        own.want = Want::RESPONSE;
        for (int64_t index = 0; index < length; index++) response.logit[index * N + number_of(own)] = own.at[index];
    }

    // Starts the linear system whose right side is in the first vector of the basis.
    void begin(Lane &own, Stage stage, double tolerance) {
        own.stage = stage;
        own.want = Want::PRODUCT;
        begin_system(own.space, tolerance);
        if (own.space.solved) hand_over(own);
    }

    // Starts a step of Newton's method.
    void correct(Lane &own, Stage stage) {
        for (int64_t index = 0; index < slots; index++) own.space.basis[index] = -own.gap[index];
        own.space.basis[slots] = 0.0;
        begin(own, stage, set.newton);
    }

    void end_draw(Lane &own, bool followed) {
        results.followed[own.draw] = followed;
        results.steps[own.draw] = own.steps;
        results.turns[own.draw] = own.turns;
        results.sweeps[own.draw] = own.sweeps;
        for (int64_t slot = 0; followed && slot < slots; slot++)
            results.logit[slot * results.draws + own.draw] = own.here[slot];
        own.draw = -1;
        own.want = Want::NOTHING;
    }

    // Leaves the draw to the tracer of single draws.
    void hand_over(Lane &own) { end_draw(own, false); }

    void begin_draw(Lane &own, int64_t draw) {
        own.draw = draw;
        own.started = false;
        own.steps = own.turns = own.sweeps = 0;
        own.unit = response.unit[number_of(own)] = response.in_turn[number_of(own)] = 1.0;
        for (int64_t slot = 0; slot < slots; slot++) own.at[slot] = 0.0;
        own.at[slots] = 1.0;
        evaluate(own, Stage::SPREAD);
    }

    // Sets out from the last point.
    void step_ahead(Lane &own) {
        const double slope = own.heading[slots];
        const double remaining = slope > 0.0 ? (own.unit - own.here[slots]) / slope : INFINITE;
        own.last = own.along = remaining <= own.step;
        own.taken = own.last ? remaining : own.step;
        own.tries = 0;
        for (int64_t index = 0; index < length; index++) own.guess[index] = own.here[index] + own.taken * own.heading[index];
        if (own.last) own.guess[slots] = own.unit;
        copy(own.guess, own.at);
        evaluate(own, Stage::CORRECTING);
    }

    void smaller_step(Lane &own) {
        own.step = own.taken / 2.0;
        if (own.step < set.smallest_step * own.reach)
            hand_over(own);
        else
            step_ahead(own);
    }

    // At a point of the branch: solves for its direction.
    void look_ahead(Lane &own) {
        if (own.started && !own.last && !(own.at[slots] < own.unit)) return smaller_step(own);
        own.along = !own.started;
        for (int64_t slot = 0; slot < slots; slot++) own.space.basis[slot] = 0.0;
        own.space.basis[slots] = 1.0;
        begin(own, Stage::TANGENT, set.tangent);
    }

    // With the direction in `solution`, solves with a random right side.
    void watch(Lane &own) {
        const double norm = size_of(own.solution);
        for (int64_t index = 0; index < length; index++) own.solution[index] /= norm;
        own.next_side = own.space.side;
        copy(random, own.space.basis);
        begin(own, Stage::WATCHING, set.watched);
    }

    // With direction and signs, takes the point or a smaller step.
    void arrive(Lane &own) {
        const int64_t size = own.space.size;
        for (int64_t row = 0; row < size; row++)
            for (int64_t column = 0; column < size; column++)
                scratch[row * size + column] = own.space.hessenberg[row * room + column];
        const Counts counts = positive_eigenvalues(scratch, size, set.real);
        if (counts.positive < 0) return hand_over(own);
        if (own.started) {
            const double bend = inner(own.solution, own.heading, length);
            const double turned = sqrt(2.0 * fmax(1.0 - bend, 0.0));
            const bool corner = bend < 1.0 - set.sharp && own.taken < set.corner * turned * own.reach;
            if (bend >= set.straight && (corner || own.taken < set.fork * own.reach)) return hand_over(own);
            const bool both = counts.positive != own.counts.positive && counts.right != own.counts.right;
            if (!(bend >= set.straight) || own.next_side != own.side || both) return smaller_step(own);
            for (int64_t index = 0; index < length; index++) own.guess[index] = own.at[index] - own.guess[index];
            const double moved = size_of(own.guess) / (set.near * own.taken);
            const double part = sqrt((bend < 1.0 ? 1.0 - bend : 0.0) / (1.0 - set.straight));
            const double least = part > moved ? part : moved;
            const double growth = 0.7 / (least > 0.2 ? least : 0.2);
            own.step = own.taken * (growth < 0.5 ? 0.5 : growth > 3.0 ? 3.0 : growth);
            own.steps++;
            own.turns += own.solution[slots] * own.heading[slots] < 0.0;
        } else {
            own.step = set.first_step;
        }
        copy(own.at, own.here);
        copy(own.solution, own.heading);
        own.side = own.next_side, own.counts = counts;
        if (own.started && own.last) return free && free <= set.dense ? begin_index(own) : polish(own);
        if (own.here[slots] < 0.0 || own.steps == set.most_steps) return hand_over(own);
        own.started = true;
        own.reach = fmax(1.0, size_of(own.here));
        step_ahead(own);
    }

    void begin_index(Lane &own) {
        own.stage = Stage::INDEX;
        own.want = Want::PRODUCT;
        own.column = 0;
        own.sweeps += 1 + 2 * free;
        own.space.size = 0;
        for (int64_t index = 0; index < length; index++) own.space.basis[index] = 0.0;
        own.space.basis[free_slot[0]] = 1.0;
    }

    // Keeps a column of I - J, from the product (J - I) with a unit vector, and goes on with the next.
    void keep_column(Lane &own) {
        const double *column = own.space.next();
        for (int64_t row = 0; row < free; row++)
            own.matrix[row * free + own.column] = column[tied_slot[row]] - column[free_slot[row]];
        own.space.basis[free_slot[own.column]] = 0.0;
        if (++own.column < free) {
            own.space.basis[free_slot[own.column]] = 1.0;
            return;
        }
        const int64_t index = determinant_sign(own.matrix, free) * (own.heading[slots] >= 0.0 ? 1 : -1);
        if (index == 1)
            polish(own);
        else
            hand_over(own);
    }

    // All sets answer the same profile from here on.
    void polish(Lane &own) {
        response.in_turn[number_of(own)] = 0.0;
        own.least = INFINITE;
        own.tries = 0;
        own.along = true;
        evaluate(own, Stage::POLISHING);
    }

    void responded(Lane &own) {
        const int64_t lane = number_of(own);
        own.sweeps += own.stage < Stage::SETTLED;
        double gap = 0.0, worst = 0.0;
        for (int64_t slot = 0; slot < slots; slot++) {
            own.gap[slot] = response.image[slot * N + lane] - own.at[slot];
            // NaN stays
            if (!(fabs(own.gap[slot]) <= gap) && gap == gap) gap = fabs(own.gap[slot]);
        }
        if (response.lost[lane] != 0.0 || !(gap < INFINITE)) return hand_over(own);
        switch (own.stage) {
        case Stage::SPREAD:
            own.unit = response.unit[lane] = 2.0 * gap > TINY ? 2.0 * gap : 1.0;
            own.at[slots] = 0.0;
            return evaluate(own, Stage::ORIGIN);
        case Stage::CORRECTING:
            return gap <= set.corrected ? look_ahead(own) : correct(own, Stage::CORRECTING);
        case Stage::POLISHING:
            for (int64_t slot = lane; slot < slots * N; slot += N)
                worst = fmax(worst, fabs(response.choice[slot] - response.answer[slot]));
            if (worst <= set.polished) {
                copy(own.at, own.here);
                return end_draw(own, true);
            }
            // rounding may allow no better
            if (!(worst < own.least)) return hand_over(own);
            own.least = worst;
            return correct(own, Stage::POLISHING);
        default: return look_ahead(own);
        }
    }

    void solved(Lane &own) {
        const Gmres &space = own.space;
        if (own.stage != Stage::POLISHING) own.sweeps += 2 * space.size;
        if (space.size == room && room < length && space.residual() > space.tolerance) return hand_over(own);
        if (own.stage == Stage::WATCHING) return arrive(own);
        solve_system(space, own.solution);
        if (own.stage == Stage::TANGENT) return watch(own);
        own.tries++;
        double moved = 0.0;
        for (int64_t index = 0; index < length; index++) {
            own.at[index] += own.solution[index];
            moved += (own.at[index] - own.guess[index]) * (own.at[index] - own.guess[index]);
        }
        if (own.stage == Stage::POLISHING)
            return own.tries == set.corrections ? hand_over(own) : evaluate(own, Stage::POLISHING);
        if (!(sqrt(moved) <= set.near * own.taken)) return smaller_step(own);
        if (size_of(own.solution) <= set.still * size_of(own.at)) return evaluate(own, Stage::SETTLED);
        if (own.tries == set.corrections) return smaller_step(own);
        evaluate(own, Stage::CORRECTING);
    }

    // Applies the bordered operator in every lane that waits for a product.
    void apply() {
        for (Lane &own : lanes) {
            if (own.want != Want::PRODUCT) continue;
            const double *vector = own.space.newest();
            for (int64_t index = 0; index < length; index++) newest[index * N + number_of(own)] = vector[index];
        }
        differentiate<N>(g, response, newest, product);
        for (Lane &own : lanes) {
            if (own.want != Want::PRODUCT) continue;
            const double *vector = own.space.newest();
            double *next = own.space.next();
            for (int64_t index = 0; index < slots; index++) next[index] = product[index * N + number_of(own)] - vector[index];
            if (own.stage == Stage::INDEX) {
                keep_column(own);
                continue;
            }
            next[slots] = own.along ? vector[slots] : inner(own.heading, vector, length);
            extend_system(own.space);
            if (own.space.solved) solved(own);
        }
    }

    void follow(const Numbers &block, int64_t rows) {
        number_logits();
        for (int64_t waiting = 0;;) {
            int64_t responses = 0, products = 0;
            bool taken = false;
            for (Lane &own : lanes) {
                if (own.draw < 0 && waiting < results.draws) {
                    take_draw<N>(g, block, rows, results.draws, waiting, response.numbers, number_of(own));
                    begin_draw(own, waiting++);
                    taken = true;
                }
                responses += own.want == Want::RESPONSE;
                products += own.want == Want::PRODUCT;
            }
            if (taken) settle<N>(g, response.numbers, response.value + g.nodes * g.actors * N);
            if (!responses && !products) return;
            if (products > responses) {
                apply();
                continue;
            }
            respond<N>(g, response);
            for (Lane &own : lanes)
                if (own.want == Want::RESPONSE) responded(own);
        }
    }
};

template <int N>
int64_t trace(const PlayGraph &g, const Settings &set, const Numbers &block, int64_t rows, const double *random,
              const Results &results) {
    Tracing<N> tracing(g, set, random, results);
    Memory memory(tracing.take(rows, nullptr));
    if (memory.failed()) return 1;
    tracing.take(rows, &memory);
    tracing.follow(block, rows);
    return 0;
}

}  // namespace

// Follows the principal branch of every draw of a block, (rows, draws) in each array, from uniform play to its
// rationalities. `random`: (slots + 1), the right side by which crossing branches are detected. Results are `logit`,
// (slots, draws), and for each draw the `steps` along the branch, how often the branch `turns`, the work in `sweeps`, and
// whether the branch was `followed`; other draws are out of the ordinary. Returns 1 if there is not enough memory, else 0.
extern "C" int64_t trace_in_lanes(const PlayGraph *graph, const Settings *settings, double *odds, double *pay,
                                  double *rationality, double *supported, int64_t rows, int64_t draws,
                                  const double *random, double *logit, int64_t *steps, int64_t *turns, int64_t *sweeps,
                                  uint8_t *followed) {
    const Numbers block = {odds, pay, rationality, supported, nullptr, nullptr};
    const Results results = {logit, steps, turns, sweeps, followed, draws};
    if (draws == 1) return trace<1>(*graph, *settings, block, rows, random, results);
    // with more lanes their numbers do not stay in the cache
    return trace<4>(*graph, *settings, block, rows, random, results);
}
