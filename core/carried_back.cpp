// Derivatives through an equilibrium, several draws side by side.
//
// At a fixed point of sweeps, the derivatives x with respect to the logits solve (I - J') x = g: J is the Jacobian of a
// sweep, and its transpose is a sweep carried back. J' has no rows but the first ones, since choices after the last
// information set of several nodes change no belief. So x is g plus a z that has no others: (I - J') z = J' g, which is
// solved by GMRES (Saad & Schultz 1986).

#include "carried_back.hpp"
#include "gmres.hpp"

namespace {

constexpr double SETTLED = 1e-12;  // largest residual of a settled draw, relative to the larger of g and z
constexpr int64_t FIRST_STEPS = 16, MOST_STEPS = 64;  // steps before the first restart, which each restart doubles

// The largest magnitude in each lane; NaN if a number is not finite.
template <int N> Lanes<N> most_of(const double *numbers, int64_t rows) {
    Lanes<N> most = fill<N>(0.0), rest = most;
    for (int64_t row = 0; row < rows; row++) {
        most = largest<N>(magnitude<N>(load<N>(numbers + row * N)), most);
        rest += load<N>(numbers + row * N) * 0.0;
    }
    return most + rest;
}

// The first `rows` rows of J' times a vector of which the first `given` numbers are given and the others are 0.
template <int N>
void carry(Carried<N> &c, const int64_t *last_layer, const double *vector, int64_t given, int64_t rows, double *product) {
    const Graph &g = c.g;
    memcpy(c.toward, vector, given * N * sizeof(double));
    memset(c.toward + given * N, 0, (g.slots - given) * N * sizeof(double));
    carry_back<N, false>(c, last_layer);
    for (int64_t group = 0; group < g.groups; group++) {
        const int64_t slot = g.group_slot[group], end = slot + g.group_options[group];
        if (!g.closes[group] || slot >= rows) continue;
        Lanes<N> total = fill<N>(0.0);
        for (int64_t index = slot; index < end; index++) total += load<N>(c.log_choice + index * N);
        for (int64_t index = slot; index < end; index++)
            store<N>(product + index * N, load<N>(c.log_choice + index * N) - load<N>(c.at.choice + index * N) * total);
    }
}

// A Krylov space of each lane.
template <int N> struct Spaces {
    Gmres of[N];

    // Gives every member its memory; with none, says how much is needed.
    int64_t take_memory(int64_t rows, int64_t room, Memory *memory) {
        int64_t total = 0;
        const auto part = [&](double *&member, int64_t count) {
            if (memory) member = memory->take(count);
            total += Memory::rounded(count);
        };
        for (Gmres &space : of) {
            space.length = rows;
            part(space.basis, (room + 1) * rows);
            part(space.hessenberg, (room + 1) * room), part(space.rotated, (room + 1) * room);
            part(space.cosine, room + 1), part(space.sine, room + 1), part(space.left, room + 1);
        }
        return total;
    }
};

// Adds to z, (rows), the solution of (I - J') z = `missing` in the lanes that are `on`, in Krylov spaces of at most so
// many dimensions. `allowed`: the residual at which a lane is done; `vector`, `product`: (rows), working memory.
template <int N>
void solve_on(Carried<N> &c, Spaces<N> &spaces, const int64_t *last_layer, int64_t rows, int64_t steps,
              const double *missing, Flags<N> on, Lanes<N> allowed, double *vector, double *product, double *z) {
    bool busy = false;
    for (int64_t lane = 0; lane < N; lane++) {
        Gmres &space = spaces.of[lane];
        space.room = steps, space.solved = true;
        if (!on[lane]) continue;
        for (int64_t row = 0; row < rows; row++) space.basis[row] = missing[row * N + lane];
        begin_system(space, 0.0);
        space.tolerance = allowed[lane] / space.norm;
        busy = busy || !space.solved;
    }
    while (busy) {
        for (int64_t lane = 0; lane < N; lane++) {
            const Gmres &space = spaces.of[lane];
            for (int64_t row = 0; row < rows; row++) vector[row * N + lane] = space.solved ? 0.0 : space.newest()[row];
        }
        carry<N>(c, last_layer, vector, rows, rows, product);
        busy = false;
        for (int64_t lane = 0; lane < N; lane++) {
            Gmres &space = spaces.of[lane];
            if (space.solved) continue;
            for (int64_t row = 0; row < rows; row++)
                space.next()[row] = space.newest()[row] - product[row * N + lane];
            extend_system(space);
            busy = busy || !space.solved;
        }
    }
    for (int64_t lane = 0; lane < N; lane++) {
        if (!on[lane]) continue;
        solve_system(spaces.of[lane], product);
        for (int64_t row = 0; row < rows; row++) z[row * N + lane] += product[row];
    }
}

// Overwrites g, (slots), with x; which lanes `settled`. `parts`: working memory, (rows) each.
template <int N>
Flags<N> solve_transposed(Carried<N> &c, Spaces<N> &spaces, const int64_t *last_layer, int64_t rows, double *g,
                          double *const *parts) {
    double *known = parts[0], *missing = parts[1], *vector = parts[2], *product = parts[3], *z = parts[4];
    const Lanes<N> zero = fill<N>(0.0), unit = most_of<N>(g, c.g.slots);
    for (int64_t slot = 0; slot < c.g.slots; slot++)
        store<N>(g + slot * N, where<N>(unit == zero, zero, load<N>(g + slot * N) / unit));
    carry<N>(c, last_layer, g, c.g.slots, rows, known);
    memcpy(missing, known, rows * N * sizeof(double));
    memset(z, 0, rows * N * sizeof(double));
    Flags<N> on = zero == zero;
    for (int64_t steps = FIRST_STEPS;; steps *= 2) {
        const Lanes<N> most = most_of<N>(z, rows), allowed = SETTLED * largest<N>(most, fill<N>(1.0));
        on &= ~(most_of<N>(missing, rows) <= allowed);
        bool some = false;
        for (int64_t lane = 0; lane < N; lane++) some = some || on[lane];
        if (!some || steps > 4 * rows + FIRST_STEPS) break;
        int64_t room = steps < rows ? steps : rows;
        room = room < MOST_STEPS ? room : MOST_STEPS;
        solve_on<N>(c, spaces, last_layer, rows, room, missing, on, allowed, vector, product, z);
        carry<N>(c, last_layer, z, rows, rows, product);
        for (int64_t row = 0; row < rows; row++) {
            const Lanes<N> more = load<N>(known + row * N) - load<N>(z + row * N) + load<N>(product + row * N);
            store<N>(missing + row * N, more);
        }
    }
    for (int64_t row = 0; row < rows; row++) add<N>(g + row * N, load<N>(z + row * N));
    for (int64_t slot = 0; slot < c.g.slots; slot++) store<N>(g + slot * N, unit * load<N>(g + slot * N));
    return ~on;
}

template <int N>
int64_t adjoint(const Graph &g, const Place &block, const int64_t *last_layer, int64_t rows, double *toward,
                uint8_t *settled, double *odds, double *pay, double *rationality) {
    const int64_t draws = block.draws, room = rows < MOST_STEPS ? rows : MOST_STEPS;
    Carried<N> carried(g, block);
    Spaces<N> spaces;
    Memory memory(carried.take_memory(nullptr) + spaces.take_memory(rows, room, nullptr) +
                  Memory::rounded(g.slots * N) + 5 * Memory::rounded(rows * N));
    if (memory.failed()) return 1;
    carried.take_memory(&memory);
    spaces.take_memory(rows, room, &memory);
    double *x = memory.take(g.slots * N), *parts[5];
    for (double *&part : parts) part = memory.take(rows * N);
    for (int64_t first = 0; first < draws; first += N) {
        carried.take_draws(block, first);
        memset(x, 0, g.slots * N * sizeof(double));
        take<N>(toward, g.slots, draws, first, carried.count, x);
        if (rows) {
            const Flags<N> done = solve_transposed<N>(carried, spaces, last_layer, rows, x, parts);
            for (int64_t lane = 0; lane < carried.count; lane++) settled[first + lane] = done[lane] != 0;
            give<N>(x, g.slots, draws, first, carried.count, toward);
        }
        memcpy(carried.toward, x, g.slots * N * sizeof(double));
        take<N>(odds, g.systems * g.odds_slots, draws, first, carried.count, carried.odds);
        take<N>(pay, block.pay_rows, draws, first, carried.count, carried.pay);
        take<N>(rationality, g.actors, draws, first, carried.count, carried.rationality);
        carry_back<N, true>(carried, last_layer);
        give<N>(carried.odds, g.systems * g.odds_slots, draws, first, carried.count, odds);
        give<N>(carried.pay, block.pay_rows, draws, first, carried.count, pay);
        give<N>(carried.rationality, g.actors, draws, first, carried.count, rationality);
    }
    return 0;
}

}  // namespace

// Derivatives of a number through the equilibria of a block. `toward`, (slots, draws): its derivatives at a given profile
// with respect to the logits, which add up to 0 in each information set; overwritten with those through the equilibrium.
// `rows`: the number of slots that can change beliefs, `settled`: (draws,), set to whether each draw's system is solved,
// if there are any. The derivatives with respect to `odds`, `pay` and `rationality`, as in `place`, are added to these.
extern "C" int64_t derivatives_through_equilibrium(const Graph *graph, const Place *place, const int64_t *last_layer,
                                                   int64_t rows, double *toward, uint8_t *settled, double *odds,
                                                   double *pay, double *rationality) {
    if (place->draws == 1)
        return adjoint<1>(*graph, *place, last_layer, rows, toward, settled, odds, pay, rationality);
    return adjoint<8>(*graph, *place, last_layer, rows, toward, settled, odds, pay, rationality);
}
