// Linear systems without their matrix by GMRES (Saad & Schultz 1986), starting from zero: the caller applies the operator
// to the newest vector of the Krylov space, and this file does the rest.
#pragma once

#include <math.h>

#include "lanes.hpp"

namespace {

constexpr int INNER_PARTS = 8;       // partial sums of an inner product: their order is fixed, so its bits are
constexpr double INVARIANT = 1e-14;  // a new direction this small, relative to the old ones, is rounding

// A Krylov space and the system that it solves. `basis`: (room + 1, length); `hessenberg`, `rotated`: (room + 1, room);
// `cosine`, `sine`, `left`: (room + 1). `size`: its dimension; `norm`: of the right side; `solved`: whether the residual
// is small enough or the space ends; `side`: the sign of the operator's determinant on the space, relative to that of -I.
struct Gmres {
    double *basis, *hessenberg, *rotated;
    double *cosine, *sine, *left;
    int64_t length, room, size, side;
    double norm, tolerance;
    bool solved;

    double *newest() const { return basis + size * length; }
    double *next() const { return basis + (size + 1) * length; }
    double residual() const { return norm > 0.0 ? fabs(left[size]) / norm : 0.0; }
};

INLINE double inner(const double *one, const double *other, int64_t length) {
    Lanes<INNER_PARTS> parts = fill<INNER_PARTS>(0.0);
    int64_t index = 0;
    for (; index + INNER_PARTS <= length; index += INNER_PARTS)
        parts += load<INNER_PARTS>(one + index) * load<INNER_PARTS>(other + index);
    double total = 0.0;
    for (int part = 0; part < INNER_PARTS; part++) total += parts[part];
    for (; index < length; index++) total += one[index] * other[index];
    return total;
}

// Length of a vector in the plane, without overflow.
INLINE double length_of(double across, double up) {
    const double far = fmax(fabs(across), fabs(up)), near = fmin(fabs(across), fabs(up));
    return far > 0.0 ? far * sqrt(1.0 + (near / far) * (near / far)) : 0.0;
}

// Makes `next` orthogonal to the basis (Gram-Schmidt twice) and of length 1; fills column `size` of the Hessenberg matrix.
static void orthogonalise(const Gmres &space) {
    double *next = space.next(), *column = space.hessenberg + space.size;
    for (int64_t row = 0; row < space.size + 2; row++) column[row * space.room] = 0.0;
    for (int pass = 0; pass < 2; pass++) {
        for (int64_t row = 0; row < space.size + 1; row++) {
            const double *known = space.basis + row * space.length, share = inner(known, next, space.length);
            column[row * space.room] += share;
            for (int64_t index = 0; index < space.length; index++) next[index] -= share * known[index];
        }
    }
    const double norm = sqrt(inner(next, next, space.length));
    column[(space.size + 1) * space.room] = norm;
    for (int64_t index = 0; norm > 0.0 && index < space.length; index++) next[index] /= norm;
}

// Begins with the right side in the first vector of the basis.
static void begin_system(Gmres &space, double tolerance) {
    space.norm = sqrt(inner(space.basis, space.basis, space.length));
    space.tolerance = tolerance;
    space.size = 0, space.side = 1;
    space.left[0] = space.norm;
    space.solved = !(space.norm > tolerance * space.norm);
    for (int64_t index = 0; !space.solved && index < space.length; index++) space.basis[index] /= space.norm;
}

// Takes in the operator's product with `newest`, which the caller has put in `next`.
static void extend_system(Gmres &space) {
    const int64_t size = space.size, room = space.room;
    orthogonalise(space);
    double *column = space.rotated + size;
    for (int64_t row = 0; row < size + 2; row++) column[row * room] = space.hessenberg[row * room + size];
    for (int64_t row = 0; row < size; row++) {
        const double upper = column[row * room], lower = column[(row + 1) * room];
        column[row * room] = space.cosine[row] * upper + space.sine[row] * lower;
        column[(row + 1) * room] = space.cosine[row] * lower - space.sine[row] * upper;
    }
    const double upper = column[size * room], lower = column[(size + 1) * room];
    // the sign of the product of the rotated diagonal, whose entries but the last are positive
    space.side = (upper > 0.0 ? 1 : -1) * (size % 2 ? 1 : -1);
    const double length = length_of(upper, lower);
    space.solved = !(length > 0.0);
    if (space.solved) return;
    space.cosine[size] = upper / length, space.sine[size] = lower / length;
    column[size * room] = length;
    space.left[size + 1] = -space.sine[size] * space.left[size];
    space.left[size] *= space.cosine[size];
    space.size++;
    space.solved = lower <= INVARIANT * length || space.size == room ||
                   !(fabs(space.left[space.size]) > space.tolerance * space.norm);
}

// The solution, (length).
static void solve_system(const Gmres &space, double *solution) {
    const int64_t size = space.size, room = space.room;
    double *left = space.left;
    for (int64_t row = size - 1; row >= 0; row--) {
        double total = left[row];
        for (int64_t column = row + 1; column < size; column++) total -= space.rotated[row * room + column] * left[column];
        left[row] = total / space.rotated[row * room + row];
    }
    for (int64_t index = 0; index < space.length; index++) solution[index] = 0.0;
    for (int64_t row = 0; row < size; row++)
        for (int64_t index = 0; index < space.length; index++)
            solution[index] += left[row] * space.basis[row * space.length + index];
}

}  // namespace
