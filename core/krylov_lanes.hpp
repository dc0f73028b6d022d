// Linear systems without their matrix, one in each lane, by GMRES (Saad & Schultz 1986): the solver of `krylov.py`.
//
// Every lane is at its own place: it may be solving a system of its own, or none. Lanes have the Arnoldi steps in common,
// which are done for the largest Krylov space; the rotations of each lane are scalar.
#pragma once

#include <math.h>

#include "lanes.hpp"
#include "memory.hpp"

namespace {

constexpr double BREAKDOWN = 1e-14;  // a new basis vector below this part of its column ends the space

// `basis`: (room + 1, length), the lane last; `newest`: (length), each lane's last basis vector, to which the operator
// is applied next; `fresh`: (length), the result. For each lane `hessenberg` and `rotated`, (room + 1, room), and
// `cosine`, `sine`, `left`, (room + 1).
//
// `size`: dimension of each lane's space; `norm`: of its right side; `side`: the sign of the operator's determinant on
// the Krylov space, relative to the determinant of -I; `residual`: relative; `solving`: 1 while the lane has a system.
template <int N> struct Krylov {
    int64_t length, room;
    double *basis, *newest, *fresh, *shares;
    double *hessenberg[N], *rotated[N], *cosine[N], *sine[N], *left[N];
    int64_t size[N], side[N];
    double norm[N], tolerance[N], residual[N];
    bool solving[N];

    // Gives every member its memory; with none, says how much is needed.
    int64_t take(int64_t numbers, int64_t most, Memory *memory) {
        length = numbers, room = most;
        int64_t total = 0;
        const auto part = [&](double *&member, int64_t count) {
            if (memory) member = memory->take(count);
            total += Memory::rounded(count);
        };
        part(basis, (room + 1) * length * N);
        part(newest, length * N);
        part(fresh, length * N);
        part(shares, (room + 1) * N);
        for (int64_t lane = 0; lane < N; lane++) {
            part(hessenberg[lane], (room + 1) * room);
            part(rotated[lane], (room + 1) * room);
            part(cosine[lane], room + 1);
            part(sine[lane], room + 1);
            part(left[lane], room + 1);
            solving[lane] = false;
        }
        return total;
    }
};

// Sum of products, in four parts so that additions need not wait for one another.
template <int N> INLINE Lanes<N> inner(const double *one, const double *other, int64_t length) {
    Lanes<N> a = fill<N>(0.0), b = a, c = a, d = a;
    int64_t at = 0;
    for (; at + 4 <= length; at += 4) {
        a += load<N>(one + at * N) * load<N>(other + at * N);
        b += load<N>(one + (at + 1) * N) * load<N>(other + (at + 1) * N);
        c += load<N>(one + (at + 2) * N) * load<N>(other + (at + 2) * N);
        d += load<N>(one + (at + 3) * N) * load<N>(other + (at + 3) * N);
    }
    for (; at < length; at++) a += load<N>(one + at * N) * load<N>(other + at * N);
    return (a + b) + (c + d);
}

// The same in one lane.
template <int N> double product_in_lane(const double *one, const double *other, int64_t length, int64_t lane) {
    double total = 0.0;
    for (int64_t index = lane; index < length * N; index += N) total += one[index] * other[index];
    return total;
}

// The Euclidean distance of two vectors in one lane.
template <int N> double distance_in_lane(const double *one, const double *other, int64_t length, int64_t lane) {
    double total = 0.0;
    for (int64_t index = lane; index < length * N; index += N)
        total += (one[index] - other[index]) * (one[index] - other[index]);
    return sqrt(total);
}

// The largest distance of two numbers in one lane; NaN if one is not a number.
template <int N> double furthest_in_lane(const double *one, const double *other, int64_t length, int64_t lane) {
    double most = 0.0;
    for (int64_t index = lane; index < length * N; index += N) {
        const double gap = fabs(one[index] - other[index]);
        if (!(gap <= most) && most == most) most = gap;
    }
    return most;
}

// Starts a lane's system; its right side is in the lane of `newest`. False if it is zero, when the solution is too, or
// not finite.
template <int N> bool begin_solving(Krylov<N> &krylov, int64_t lane, double tolerance) {
    const double norm = sqrt(product_in_lane<N>(krylov.newest, krylov.newest, krylov.length, lane));
    if (!(norm > 0.0 && norm < INFINITE)) return false;
    for (int64_t at = 0; at < krylov.length; at++) {
        double *number = krylov.newest + at * N + lane;
        krylov.basis[at * N + lane] = *number = *number / norm;
    }
    krylov.norm[lane] = norm;
    krylov.tolerance[lane] = tolerance;
    krylov.residual[lane] = 1.0;
    krylov.left[lane][0] = norm;
    krylov.size[lane] = 0;
    krylov.side[lane] = 1;
    krylov.solving[lane] = true;
    return true;
}

// Turns the newest column of a lane's Hessenberg matrix, and decides whether the lane's system is solved.
template <int N> void rotate(Krylov<N> &krylov, int64_t lane) {
    const int64_t room = krylov.room, size = krylov.size[lane];
    double *rotated = krylov.rotated[lane], *cosine = krylov.cosine[lane], *sine = krylov.sine[lane];
    double *left = krylov.left[lane];
    for (int64_t row = 0; row < size + 2; row++)
        rotated[row * room + size] = krylov.hessenberg[lane][row * room + size] = krylov.shares[row * N + lane];
    for (int64_t row = 0; row < size; row++) {
        const double upper = rotated[row * room + size], lower = rotated[(row + 1) * room + size];
        rotated[row * room + size] = cosine[row] * upper + sine[row] * lower;
        rotated[(row + 1) * room + size] = cosine[row] * lower - sine[row] * upper;
    }
    const double upper = rotated[size * room + size], lower = rotated[(size + 1) * room + size];
    // the product of the rotated diagonal, whose entries but the last are positive
    krylov.side[lane] = (upper > 0.0 ? 1 : -1) * (size % 2 ? 1 : -1);
    const double length = sqrt(upper * upper + lower * lower);
    if (!(length > 0.0)) {
        krylov.solving[lane] = false;
        return;
    }
    cosine[size] = upper / length, sine[size] = lower / length;
    rotated[size * room + size] = length;
    left[size + 1] = -sine[size] * left[size];
    left[size] *= cosine[size];
    krylov.size[lane] = size + 1;
    krylov.residual[lane] = fabs(left[size + 1]) / krylov.norm[lane];
    krylov.solving[lane] = size + 1 < room && lower > BREAKDOWN * length &&
                           fabs(left[size + 1]) > krylov.tolerance[lane] * krylov.norm[lane];
}

// One Arnoldi step in every lane that solves, from the operator's results in `fresh` (Gram-Schmidt twice).
template <int N> void extend(Krylov<N> &krylov) {
    const int64_t length = krylov.length;
    int64_t most = 0, least = krylov.room;
    Flags<N> sizes;
    for (int64_t lane = 0; lane < N; lane++) {
        const int64_t size = krylov.solving[lane] ? krylov.size[lane] : -1;
        if (size > most) most = size;
        if (size >= 0 && size < least) least = size;
        sizes[lane] = size;
    }
    const Lanes<N> zero = fill<N>(0.0);
    for (int64_t row = 0; row <= most + 1; row++) store<N>(krylov.shares + row * N, zero);
    for (int64_t pass = 0; pass < 2; pass++) {
        for (int64_t row = 0; row <= most; row++) {
            const double *known = krylov.basis + row * length * N;
            const Lanes<N> share = where<N>(row <= sizes, inner<N>(known, krylov.fresh, length), zero);
            for (int64_t at = 0; at < length; at++)
                store<N>(krylov.fresh + at * N, load<N>(krylov.fresh + at * N) - share * load<N>(known + at * N));
            store<N>(krylov.shares + row * N, load<N>(krylov.shares + row * N) + share);
        }
    }
    Lanes<N> norm = inner<N>(krylov.fresh, krylov.fresh, length);
    for (int64_t lane = 0; lane < N; lane++) {
        norm[lane] = sqrt(norm[lane]);
        if (krylov.solving[lane]) krylov.shares[(krylov.size[lane] + 1) * N + lane] = norm[lane];
    }
    const Flags<N> is_new = sizes >= 0;
    const Lanes<N> part = where<N>(norm > zero, 1.0 / norm, zero);
    for (int64_t at = 0; at < length; at++) {
        const Lanes<N> scaled = load<N>(krylov.fresh + at * N) * part;
        store<N>(krylov.fresh + at * N, scaled);
        store<N>(krylov.newest + at * N, where<N>(is_new, scaled, load<N>(krylov.newest + at * N)));
    }
    for (int64_t row = least; row <= most; row++) {
        const Flags<N> here = sizes == row;
        double *next = krylov.basis + (row + 1) * length * N;
        bool some = false;
        for (int64_t lane = 0; lane < N; lane++) some = some || here[lane];
        for (int64_t at = 0; some && at < length; at++)
            store<N>(next + at * N, where<N>(here, load<N>(krylov.fresh + at * N), load<N>(next + at * N)));
    }
    for (int64_t lane = 0; lane < N; lane++)
        if (krylov.solving[lane]) rotate<N>(krylov, lane);
}

// A lane's solution, (length), written into a lane of `solution`.
template <int N> void solve(Krylov<N> &krylov, int64_t lane, double *solution) {
    const int64_t size = krylov.size[lane], room = krylov.room;
    double *left = krylov.left[lane];
    for (int64_t row = size - 1; row >= 0; row--) {
        double total = left[row];
        for (int64_t column = row + 1; column < size; column++)
            total -= krylov.rotated[lane][row * room + column] * left[column];
        left[row] = total / krylov.rotated[lane][row * room + row];
    }
    for (int64_t at = 0; at < krylov.length; at++) {
        double total = 0.0;
        for (int64_t row = 0; row < size; row++)
            total += left[row] * krylov.basis[(row * krylov.length + at) * N + lane];
        solution[at * N + lane] = total;
    }
}

}  // namespace
