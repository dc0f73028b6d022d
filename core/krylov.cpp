// Linear systems of the logit response's derivative, without forming its matrix; see `offramp.equilibrium.branch.krylov`.
// The operator is (J - I) x + h y with a border row c x + d y.

#include "gmres.hpp"
#include "memory.hpp"
#include "response.hpp"

namespace {

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

// Applies the operator to `along`, (slots + 1), whose last entry is the branch parameter.
void apply(const System &system, const double *along, double *out) {
    const int64_t slots = system.graph.slots;
    differentiate(system.graph, system.draw, system.scale, system.point, system.change, along,
                  system.speed * along[slots], out, system.spare);
    for (int64_t index = 0; index < slots; index++) out[index] -= along[index];
    out[slots] = inner(system.border, along, slots + 1);
}

// The space of `size` dimensions in these arrays.
Gmres space_of(const Krylov &krylov, int64_t length, int64_t size) {
    Gmres space = {};
    space.basis = krylov.basis, space.hessenberg = krylov.hessenberg, space.rotated = krylov.rotated;
    space.room = krylov.room, space.length = length, space.size = size;
    return space;
}

}  // namespace

// One Arnoldi step: basis vector `size + 1` and column `size` of the Hessenberg matrix (Gram-Schmidt twice).
extern "C" int64_t extend_krylov(const Graph *graph, const Draw *draw, double scale, double speed, const Point *point,
                                 const ResponseDerivative *change, const double *border, const Krylov *krylov,
                                 int64_t size) {
    Memory memory(spare_of(*graph));
    if (memory.failed()) return 1;
    const System system = {*graph, *draw, scale, speed, *point, *change, border, memory.take(spare_of(*graph))};
    const Gmres space = space_of(*krylov, graph->slots + 1, size);
    apply(system, space.newest(), space.next());
    orthogonalise(space);
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
    Gmres space = space_of(*krylov, n, 0);
    space.cosine = memory.take(room + 1), space.sine = memory.take(room + 1), space.left = memory.take(room + 1);
    for (int64_t index = 0; index < n; index++) space.basis[index] = right[index];
    begin_system(space, tolerance);
    while (!space.solved) {
        apply(system, space.newest(), space.next());
        extend_system(space);
    }
    solve_system(space, solution);
    steps[0] = space.size, steps[1] = space.side, *residual = space.residual();
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
