// The principal branch of several draws, one in each lane: the regular case of `continuation.py` and `principal.py`.
//
// A lane is at its own place on its own branch. Each turn evaluates the map, or applies its derivative to a vector, in all
// lanes at once, whichever more lanes wait for; between turns every lane decides on its own what it needs next. So a
// draw's bits do not depend on the draws beside it. Whatever is out of the ordinary ends the lane's draw without an answer,
// for the tracer of single draws to follow.

#include "eigenvalues.hpp"
#include "krylov_lanes.hpp"
#include "response_lanes.hpp"

namespace {

constexpr double TINY = 2.2250738585072014e-308;

// The numbers of `continuation.py` and `index.py` by which a branch is followed, in the order of `lane_tracing.Settings`.
struct Settings {
    double corrected, still, tangent, watched, polished, real, newton, near, straight, first_step, fork, smallest_step;
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
// last point; `last`: whether it tries the point at the target; `side` and `count` are the signs of its last point.
struct Lane {
    int64_t draw = -1;
    Want want = Want::NOTHING;
    Stage stage = Stage::SPREAD;
    bool started, last, along;
    double unit, step, taken, reach, least;
    int64_t tries, side, count, next_side, steps, turns, sweeps, column;
};

template <int N> struct Tracing {
    const PlayGraph &g;
    const Settings &set;
    const double *random;
    const Results &results;
    const int64_t slots, free;
    Response<N> at;
    Krylov<N> krylov;
    Lane lanes[N];
    // the last point, its direction, the guess of the next, and the solution of the last linear system: (slots + 1)
    double *here, *heading, *guess, *solution;
    double *scratch, *matrix;
    int64_t *free_slot, *tied_slot;  // each free logit, and the last one of its set

    Tracing(const PlayGraph &g, const Settings &set, const double *random, const Results &results)
        : g(g), set(set), random(random), results(results), slots(g.slots), free(g.slots - g.sets) {}

    // Gives every member its memory; with none, says how much is needed.
    int64_t take(int64_t rows, Memory *memory) {
        const int64_t room = set.room < slots + 1 ? set.room : slots + 1;
        int64_t total = at.take(g, rows, memory) + krylov.take(slots + 1, room, memory);
        const auto part = [&](double *&member, int64_t count) {
            if (memory) member = memory->take(count);
            total += Memory::rounded(count);
        };
        part(here, (slots + 1) * N);
        part(heading, (slots + 1) * N);
        part(guess, (slots + 1) * N);
        part(solution, (slots + 1) * N);
        part(scratch, room * room);
        if (memory) free_slot = (int64_t *)memory->take(free), tied_slot = (int64_t *)memory->take(free);
        total += 2 * Memory::rounded(free);
        part(matrix, free <= set.dense ? N * free * free : 0);
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

    double product(const double *one, const double *other, int64_t lane) const {
        return product_in_lane<N>(one, other, slots + 1, lane);
    }

    double length(const double *vector, int64_t lane) const { return sqrt(product(vector, vector, lane)); }

    void copy(const double *from, double *to, int64_t lane) {
        for (int64_t index = lane; index < (slots + 1) * N; index += N) to[index] = from[index];
    }

    double &parameter(double *vector, int64_t lane) const { return vector[slots * N + lane]; }

    void evaluate(int64_t lane, Stage stage) {
        lanes[lane].stage = stage;
        lanes[lane].want = Want::RESPONSE;
    }

    // Starts the linear system whose right side is in the lane of `newest`.
    void begin(int64_t lane, Stage stage, double tolerance) {
        lanes[lane].stage = stage;
        lanes[lane].want = Want::PRODUCT;
        if (!begin_solving<N>(krylov, lane, tolerance)) hand_over(lane);
    }

    // Starts a step of Newton's method.
    void correct(int64_t lane, Stage stage) {
        for (int64_t index = lane; index < slots * N; index += N) krylov.newest[index] = at.logit[index] - at.image[index];
        parameter(krylov.newest, lane) = 0.0;
        begin(lane, stage, set.newton);
    }

    void end_draw(int64_t lane, bool followed) {
        const int64_t draw = lanes[lane].draw;
        results.followed[draw] = followed;
        results.steps[draw] = lanes[lane].steps;
        results.turns[draw] = lanes[lane].turns;
        results.sweeps[draw] = lanes[lane].sweeps;
        for (int64_t slot = 0; followed && slot < slots; slot++)
            results.logit[slot * results.draws + draw] = here[slot * N + lane];
        lanes[lane].draw = -1;
        lanes[lane].want = Want::NOTHING;
    }

    // Leaves the draw to the tracer of single draws; numbers that are not finite must not stay in the lane.
    void hand_over(int64_t lane) {
        for (int64_t index = lane; index < (krylov.room + 1) * (slots + 1) * N; index += N) krylov.basis[index] = 0.0;
        krylov.solving[lane] = false;
        end_draw(lane, false);
    }

    void begin_draw(int64_t lane, int64_t draw) {
        lanes[lane] = Lane{};
        lanes[lane].draw = draw;
        lanes[lane].unit = at.unit[lane] = at.in_turn[lane] = 1.0;
        lanes[lane].steps = lanes[lane].turns = lanes[lane].sweeps = 0;
        lanes[lane].started = false;
        for (int64_t slot = 0; slot < slots; slot++) at.logit[slot * N + lane] = 0.0;
        parameter(at.logit, lane) = 1.0;
        evaluate(lane, Stage::SPREAD);
    }

    // Sets out from the last point.
    void step_ahead(int64_t lane) {
        Lane &own = lanes[lane];
        const double slope = parameter(heading, lane);
        const double remaining = slope > 0.0 ? (own.unit - parameter(here, lane)) / slope : INFINITE;
        own.last = remaining <= own.step;
        own.taken = own.last ? remaining : own.step;
        own.along = own.last;
        own.tries = 0;
        for (int64_t index = lane; index < (slots + 1) * N; index += N) guess[index] = here[index] + own.taken * heading[index];
        if (own.last) parameter(guess, lane) = own.unit;
        copy(guess, at.logit, lane);
        evaluate(lane, Stage::CORRECTING);
    }

    void smaller_step(int64_t lane) {
        lanes[lane].step = lanes[lane].taken / 2.0;
        if (lanes[lane].step < set.smallest_step * lanes[lane].reach)
            hand_over(lane);
        else
            step_ahead(lane);
    }

    // At a point of the branch: solves for its direction.
    void look_ahead(int64_t lane) {
        Lane &own = lanes[lane];
        if (own.started && !own.last && !(parameter(at.logit, lane) < own.unit)) return smaller_step(lane);
        own.along = !own.started;
        for (int64_t slot = 0; slot < slots; slot++) krylov.newest[slot * N + lane] = 0.0;
        parameter(krylov.newest, lane) = 1.0;
        begin(lane, Stage::TANGENT, set.tangent);
    }

    // With the direction in `solution`, solves with a random right side.
    void watch(int64_t lane) {
        const double norm = length(solution, lane);
        for (int64_t index = lane; index < (slots + 1) * N; index += N) solution[index] = solution[index] / norm;
        lanes[lane].next_side = krylov.side[lane];
        for (int64_t index = 0; index <= slots; index++) krylov.newest[index * N + lane] = random[index];
        begin(lane, Stage::WATCHING, set.watched);
    }

    // With direction and signs, takes the point or a smaller step.
    void arrive(int64_t lane) {
        Lane &own = lanes[lane];
        const int64_t size = krylov.size[lane], room = krylov.room;
        for (int64_t row = 0; row < size; row++)
            for (int64_t column = 0; column < size; column++)
                scratch[row * size + column] = krylov.hessenberg[lane][row * room + column];
        const int64_t count = positive_eigenvalues(scratch, size, set.real);
        if (count < 0) return hand_over(lane);
        if (own.started) {
            const double bend = product(solution, heading, lane);
            if (bend >= set.straight && own.taken < set.fork * own.reach) return hand_over(lane);
            if (!(bend >= set.straight) || own.next_side != own.side || count != own.count) return smaller_step(lane);
            const double moved = distance_in_lane<N>(at.logit, guess, slots + 1, lane) / (set.near * own.taken);
            const double turned = sqrt((bend < 1.0 ? 1.0 - bend : 0.0) / (1.0 - set.straight));
            const double least = turned > moved ? turned : moved;
            const double growth = 0.7 / (least > 0.2 ? least : 0.2);
            own.step = own.taken * (growth < 0.5 ? 0.5 : growth > 3.0 ? 3.0 : growth);
            own.steps++;
            own.turns += parameter(solution, lane) * parameter(heading, lane) < 0.0;
        } else {
            own.step = set.first_step;
        }
        copy(at.logit, here, lane);
        copy(solution, heading, lane);
        own.side = own.next_side, own.count = count;
        if (own.started && own.last) return free <= set.dense ? begin_index(lane) : polish(lane);
        if (parameter(here, lane) < 0.0 || own.steps == set.most_steps) return hand_over(lane);
        own.started = true;
        const double far = length(here, lane);
        own.reach = far > 1.0 ? far : 1.0;
        step_ahead(lane);
    }

    void begin_index(int64_t lane) {
        lanes[lane].stage = Stage::INDEX;
        lanes[lane].want = Want::PRODUCT;
        lanes[lane].column = 0;
        lanes[lane].sweeps += 1 + 2 * free;
        for (int64_t index = lane; index < (slots + 1) * N; index += N) krylov.newest[index] = 0.0;
        if (free)
            krylov.newest[free_slot[0] * N + lane] = 1.0;
        else
            polish(lane);
    }

    // Keeps a column of I - J, from the product J with a unit vector in `fresh`, and goes on with the next.
    void keep_column(int64_t lane) {
        Lane &own = lanes[lane];
        double *own_matrix = matrix + lane * free * free;
        for (int64_t row = 0; row < free; row++)
            own_matrix[row * free + own.column] =
                krylov.fresh[tied_slot[row] * N + lane] - krylov.fresh[free_slot[row] * N + lane];
        own_matrix[own.column * free + own.column] += 1.0;
        krylov.newest[free_slot[own.column] * N + lane] = 0.0;
        if (++own.column < free) {
            krylov.newest[free_slot[own.column] * N + lane] = 1.0;
            return;
        }
        const int64_t sign = determinant_sign(own_matrix, free);
        if (sign * (parameter(heading, lane) >= 0.0 ? 1 : -1) == 1)
            polish(lane);
        else
            hand_over(lane);
    }

    // All sets answer the same profile from here on.
    void polish(int64_t lane) {
        at.in_turn[lane] = 0.0;
        lanes[lane].least = INFINITE;
        lanes[lane].tries = 0;
        lanes[lane].along = true;
        evaluate(lane, Stage::POLISHING);
    }

    void responded(int64_t lane) {
        Lane &own = lanes[lane];
        own.sweeps += own.stage < Stage::SETTLED;
        const double gap = furthest_in_lane<N>(at.image, at.logit, slots, lane);
        if (at.lost[lane] != 0.0 || !(gap < INFINITE)) return hand_over(lane);
        switch (own.stage) {
        case Stage::SPREAD:
            own.unit = at.unit[lane] = 2.0 * gap > TINY ? 2.0 * gap : 1.0;
            parameter(at.logit, lane) = 0.0;
            return evaluate(lane, Stage::ORIGIN);
        case Stage::CORRECTING:
            return gap <= set.corrected ? look_ahead(lane) : correct(lane, Stage::CORRECTING);
        case Stage::POLISHING: {
            const double worst = furthest_in_lane<N>(at.choice, at.answer, slots, lane);
            if (!(worst < own.least)) return end_draw(lane, true);
            own.least = worst;
            copy(at.logit, here, lane);
            return worst <= set.polished ? end_draw(lane, true) : correct(lane, Stage::POLISHING);
        }
        default: return look_ahead(lane);
        }
    }

    void solved(int64_t lane) {
        Lane &own = lanes[lane];
        if (own.stage != Stage::POLISHING) own.sweeps += 2 * krylov.size[lane];
        const bool full = krylov.size[lane] == krylov.room && krylov.room < slots + 1;
        if (full && krylov.residual[lane] > krylov.tolerance[lane]) return hand_over(lane);
        if (own.stage == Stage::WATCHING) return arrive(lane);
        solve<N>(krylov, lane, solution);
        if (own.stage == Stage::TANGENT) return watch(lane);
        for (int64_t index = lane; index < (slots + 1) * N; index += N) at.logit[index] += solution[index];
        own.tries++;
        if (own.stage == Stage::POLISHING) {
            if (own.tries == set.corrections) return end_draw(lane, true);
            return evaluate(lane, Stage::POLISHING);
        }
        if (!(distance_in_lane<N>(at.logit, guess, slots + 1, lane) <= set.near * own.taken)) return smaller_step(lane);
        if (length(solution, lane) <= set.still * length(at.logit, lane)) return evaluate(lane, Stage::SETTLED);
        if (own.tries == set.corrections) return smaller_step(lane);
        evaluate(lane, Stage::CORRECTING);
    }

    // Applies the bordered operator to `newest` in every lane.
    void apply() {
        differentiate<N>(g, at, krylov.newest, krylov.fresh);
        Flags<N> along;
        bool some = false;
        for (int64_t lane = 0; lane < N; lane++) {
            along[lane] = lanes[lane].along ? -1 : 0;
            if (lanes[lane].stage == Stage::INDEX && lanes[lane].want == Want::PRODUCT) keep_column(lane);
            some = some || krylov.solving[lane];
        }
        if (!some) return;
        for (int64_t slot = 0; slot < slots; slot++)
            store<N>(krylov.fresh + slot * N, load<N>(krylov.fresh + slot * N) - load<N>(krylov.newest + slot * N));
        const Lanes<N> across = inner<N>(heading, krylov.newest, slots + 1);
        store<N>(krylov.fresh + slots * N, where<N>(along, load<N>(krylov.newest + slots * N), across));
        bool solving[N];
        for (int64_t lane = 0; lane < N; lane++) solving[lane] = krylov.solving[lane];
        extend<N>(krylov);
        for (int64_t lane = 0; lane < N; lane++)
            if (solving[lane] && !krylov.solving[lane]) solved(lane);
    }

    void follow(const Numbers &block, int64_t rows) {
        number_logits();
        for (int64_t waiting = 0;;) {
            int64_t responses = 0, products = 0;
            bool taken = false;
            for (int64_t lane = 0; lane < N; lane++) {
                if (lanes[lane].draw < 0 && waiting < results.draws) {
                    take_draw<N>(g, block, rows, results.draws, waiting, at.numbers, lane);
                    begin_draw(lane, waiting++);
                    taken = true;
                }
                responses += lanes[lane].want == Want::RESPONSE;
                products += lanes[lane].want == Want::PRODUCT;
            }
            if (taken) settle<N>(g, at.numbers, at.value + g.nodes * g.actors * N);
            if (!responses && !products) return;
            if (products >= responses) {
                apply();
                continue;
            }
            respond<N>(g, at);
            for (int64_t lane = 0; lane < N; lane++)
                if (lanes[lane].want == Want::RESPONSE) responded(lane);
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
    if (draws <= 4) return trace<4>(*graph, *settings, block, rows, random, results);
    return trace<8>(*graph, *settings, block, rows, random, results);
}
