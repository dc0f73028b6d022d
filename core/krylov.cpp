// Linear systems of the logit response's derivative, without forming its matrix; see `offramp.equilibrium.branch.krylov`.
// The operator is (J - I) x + h y with a border row c x + d y.

#include <math.h>

#include "memory.hpp"
#include "response.hpp"

namespace {

constexpr int PARTS = 8;             // partial sums of an inner product: their order is fixed, so its bits are
constexpr double INVARIANT = 1e-14;  // a new direction this small, relative to the old ones, is rounding

// The arrays of `krylov.Krylov`: `basis`, (room + 1, n), `hessenberg` and `rotated`, (room + 1, room).
struct Krylov {
    double *basis, *hessenberg, *rotated;
    int64_t room;
};

// A linear system at a point: the scale of rationality changes by `speed` times the branch parameter.
struct System {
    const Graph &graph;
    const Draw &draw;
    double scale, speed;
    const Point &point;
    const ResponseDerivative &change;
    const double *border;
    double *spare;
};

double inner(const double *left, const double *right, int64_t size) {
    Lanes<PARTS> parts = fill<PARTS>(0.0);
    int64_t index = 0;
    for (; index + PARTS <= size; index += PARTS) parts += load<PARTS>(left + index) * load<PARTS>(right + index);
    double total = 0.0;
    for (int part = 0; part < PARTS; part++) total += parts[part];
    for (; index < size; index++) total += left[index] * right[index];
    return total;
}

// Length of a vector in the plane, without overflow.
double length_of(double across, double up) {
    const double far = fmax(fabs(across), fabs(up)), near = fmin(fabs(across), fabs(up));
    return far > 0.0 ? far * sqrt(1.0 + (near / far) * (near / far)) : 0.0;
}

// Applies the operator to `along`, (slots + 1), whose last entry is the branch parameter.
void apply(const System &system, const double *along, double *out) {
    const int64_t slots = system.graph.slots;
    differentiate(system.graph, system.draw, system.scale, system.point, system.change, along,
                  system.speed * along[slots], out, system.spare);
    for (int64_t index = 0; index < slots; index++) out[index] -= along[index];
    out[slots] = inner(system.border, along, slots + 1);
}

// One Arnoldi step: basis vector `size + 1` and column `size` of the Hessenberg matrix (Gram-Schmidt twice).
void extend(const System &system, const Krylov &krylov, int64_t size) {
    const int64_t n = system.graph.slots + 1, room = krylov.room;
    double *next = krylov.basis + (size + 1) * n, *column = krylov.hessenberg + size;
    apply(system, krylov.basis + size * n, next);
    for (int64_t row = 0; row < size + 2; row++) column[row * room] = 0.0;
    for (int pass = 0; pass < 2; pass++) {
        for (int64_t row = 0; row < size + 1; row++) {
            const double *known = krylov.basis + row * n, share = inner(known, next, n);
            column[row * room] += share;
            for (int64_t index = 0; index < n; index++) next[index] -= share * known[index];
        }
    }
    const double length = sqrt(inner(next, next, n));
    column[(size + 1) * room] = length;
    for (int64_t index = 0; length > 0.0 && index < n; index++) next[index] /= length;
}

}  // namespace

extern "C" int64_t extend_krylov(const Graph *graph, const Draw *draw, double scale, double speed, const Point *point,
                                 const ResponseDerivative *change, const double *border, const Krylov *krylov,
                                 int64_t size) {
    Memory memory(spare_of(*graph));
    if (memory.failed()) return 1;
    extend({*graph, *draw, scale, speed, *point, *change, border, memory.take(spare_of(*graph))}, *krylov, size);
    return 0;
}

// Solves a linear system by GMRES (Saad & Schultz 1986), starting from zero: `solution`, (slots + 1). `steps`: their
// number and the side, the sign of the operator's determinant on the Krylov space relative to the determinant of -I. It
// is the sign of the product of the rotated diagonal, whose entries but the last are positive. `residual`: relative.
extern "C" int64_t solve_bordered(const Graph *graph, const Draw *draw, double scale, double speed, const Point *point,
                                  const ResponseDerivative *change, const double *border, const double *right,
                                  double tolerance, const Krylov *krylov, double *solution, int64_t *steps,
                                  double *residual) {
    const int64_t n = graph->slots + 1, room = krylov->room;
    Memory memory(Memory::rounded(spare_of(*graph)) + 3 * Memory::rounded(room + 1));
    if (memory.failed()) return 1;
    const System system = {*graph, *draw, scale, speed, *point, *change, border, memory.take(spare_of(*graph))};
    double *cosine = memory.take(room + 1), *sine = memory.take(room + 1), *left = memory.take(room + 1);
    for (int64_t index = 0; index < n; index++) solution[index] = 0.0;
    const double norm = sqrt(inner(right, right, n));
    steps[0] = 0, steps[1] = 1, *residual = 0.0;
    if (norm == 0.0) return 0;
    left[0] = norm;
    for (int64_t index = 0; index < n; index++) krylov->basis[index] = right[index] / norm;
    int64_t size = 0, side = 1;
    while (size < room && fabs(left[size]) > tolerance * norm) {
        extend(system, *krylov, size);
        double *column = krylov->rotated + size;
        for (int64_t row = 0; row < size + 2; row++) column[row * room] = krylov->hessenberg[row * room + size];
        for (int64_t row = 0; row < size; row++) {
            const double upper = column[row * room], lower = column[(row + 1) * room];
            column[row * room] = cosine[row] * upper + sine[row] * lower;
            column[(row + 1) * room] = cosine[row] * lower - sine[row] * upper;
        }
        const double upper = column[size * room], lower = column[(size + 1) * room];
        side = (upper > 0.0 ? 1 : -1) * (size % 2 ? 1 : -1);
        const double length = length_of(upper, lower);
        if (length == 0.0) break;
        cosine[size] = upper / length, sine[size] = lower / length;
        column[size * room] = length;
        left[size + 1] = -sine[size] * left[size];
        left[size] *= cosine[size];
        size++;
        if (lower <= INVARIANT * length) break;
    }
    *residual = fabs(left[size]) / norm;
    for (int64_t row = size - 1; row >= 0; row--) {
        double total = left[row];
        for (int64_t column = row + 1; column < size; column++)
            total -= krylov->rotated[row * room + column] * left[column];
        left[row] = total / krylov->rotated[row * room + row];
    }
    for (int64_t row = 0; row < size; row++)
        for (int64_t index = 0; index < n; index++) solution[index] += left[row] * krylov->basis[row * n + index];
    steps[0] = size, steps[1] = side;
    return 0;
}

extern "C" int64_t length_of_vector(const double *vector, int64_t size, double *length) {
    *length = sqrt(inner(vector, vector, size));
    return 0;
}

// I - J as a matrix, (free, free), in the coordinates "logit minus the logit of the set's last option".
extern "C" int64_t response_jacobian(const Graph *graph, const Draw *draw, double scale, const Point *point,
                                     const ResponseDerivative *change, double *matrix) {
    const Graph &g = *graph;
    const int64_t free = g.slots - g.sets;
    Memory memory(Memory::rounded(spare_of(g)) + 2 * Memory::rounded(g.slots));
    if (memory.failed()) return 1;
    double *spare = memory.take(spare_of(g)), *along = memory.take(g.slots), *out = memory.take(g.slots);
    int64_t column = 0;
    for (int64_t source = 0; source < g.groups; source++) {
        if (!g.closes[source]) continue;
        for (int64_t option = 0; option < g.group_options[source] - 1; option++, column++) {
            along[g.group_slot[source] + option] = 1.0;
            differentiate(g, *draw, scale, *point, *change, along, 0.0, out, spare);
            along[g.group_slot[source] + option] = 0.0;
            int64_t row = 0;
            for (int64_t group = 0; group < g.groups; group++) {
                if (!g.closes[group]) continue;
                const int64_t slot = g.group_slot[group], last = slot + g.group_options[group] - 1;
                for (int64_t other = slot; other < last; other++, row++)
                    matrix[row * free + column] = out[last] - out[other];
            }
            matrix[column * free + column] += 1.0;
        }
    }
    return 0;
}
