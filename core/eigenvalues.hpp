// Eigenvalues of a small Hessenberg matrix by the double-shift QR algorithm (Francis 1961; EISPACK's hqr, Martin, Peters
// & Wilkinson 1970).
#pragma once

#include <math.h>
#include <stdint.h>

namespace {

constexpr double ROUNDING = 2.220446049250313e-16;
constexpr int MOST_ITERATIONS = 60;

// How many eigenvalues are real and positive, and how many have a positive real part; -1 if the iteration does not end.
struct Counts {
    int64_t positive, right;
};

// Counts the eigenvalues of `matrix`, (size, size); overwritten. An eigenvalue counts as real up to the imaginary part
// `real` (1 + its magnitude).
Counts positive_eigenvalues(double *matrix, int64_t size, double real) {
#define A(row, column) matrix[(row) * size + (column)]
    double norm = 0.0, shift = 0.0;
    for (int64_t row = 0; row < size; row++)
        for (int64_t column = row > 0 ? row - 1 : 0; column < size; column++) norm += fabs(A(row, column));
    Counts count = {0, 0};
    int64_t last = size - 1;
    const auto enter = [&](double value) { count.positive += value > 0.0, count.right += value > 0.0; };
    int iterations = 0;
    while (last >= 0) {
        int64_t low = last;
        for (; low > 0; low--) {
            double near = fabs(A(low - 1, low - 1)) + fabs(A(low, low));
            if (near == 0.0) near = norm;
            if (fabs(A(low, low - 1)) <= ROUNDING * near) break;
        }
        double x = A(last, last);
        if (low == last) {  // one eigenvalue
            enter(x + shift);
            last--;
            iterations = 0;
            continue;
        }
        double y = A(last - 1, last - 1), w = A(last, last - 1) * A(last - 1, last);
        if (low == last - 1) {  // two
            const double p = 0.5 * (y - x), q = p * p + w, root = sqrt(fabs(q));
            x += shift;
            if (q >= 0.0) {
                const double far = p + (p >= 0.0 ? root : -root);
                enter(x + far);
                enter(far != 0.0 ? x - w / far : x);
            } else if (x + p > 0.0) {
                count.right += 2;
                if (root <= real * (1.0 + sqrt((x + p) * (x + p) + root * root))) count.positive += 2;
            }
            last -= 2;
            iterations = 0;
            continue;
        }
        if (iterations == MOST_ITERATIONS) return {-1, -1};
        if (iterations == 10 || iterations == 20) {  // an exceptional shift
            shift += x;
            for (int64_t row = 0; row <= last; row++) A(row, row) -= x;
            const double near = fabs(A(last, last - 1)) + fabs(A(last - 1, last - 2));
            x = y = 0.75 * near;
            w = -0.4375 * near * near;
        }
        iterations++;
        // two small subdiagonal elements in a row
        int64_t start = last - 2;
        double p = 0.0, q = 0.0, r = 0.0;
        for (; start >= low; start--) {
            const double z = A(start, start), from_x = x - z, from_y = y - z;
            p = (from_x * from_y - w) / A(start + 1, start) + A(start, start + 1);
            q = A(start + 1, start + 1) - z - from_x - from_y;
            r = A(start + 2, start + 1);
            const double scale = fabs(p) + fabs(q) + fabs(r);
            p /= scale, q /= scale, r /= scale;
            if (start == low) break;
            const double small = fabs(A(start, start - 1)) * (fabs(q) + fabs(r));
            const double large = fabs(p) * (fabs(A(start - 1, start - 1)) + fabs(z) + fabs(A(start + 1, start + 1)));
            if (small <= ROUNDING * large) break;
        }
        for (int64_t row = start + 2; row <= last; row++) {
            A(row, row - 2) = 0.0;
            if (row > start + 2) A(row, row - 3) = 0.0;
        }
        // a double QR step on rows and columns `low` to `last`
        for (int64_t at = start; at < last; at++) {
            const bool three = at < last - 1;
            double scale = 1.0;
            if (at > start) {
                p = A(at, at - 1), q = A(at + 1, at - 1), r = three ? A(at + 2, at - 1) : 0.0;
                scale = fabs(p) + fabs(q) + fabs(r);
                if (scale == 0.0) continue;
                p /= scale, q /= scale, r /= scale;
            }
            const double length = sqrt(p * p + q * q + r * r), s = p >= 0.0 ? length : -length;
            if (s == 0.0) continue;
            if (at > start)
                A(at, at - 1) = -s * scale;
            else if (low != start)
                A(at, at - 1) = -A(at, at - 1);
            p += s;
            const double first = p / s, second = q / s, third = r / s;
            q /= p, r /= p;
            for (int64_t column = at; column <= last; column++) {
                double sum = A(at, column) + q * A(at + 1, column);
                if (three) {
                    sum += r * A(at + 2, column);
                    A(at + 2, column) -= sum * third;
                }
                A(at + 1, column) -= sum * second;
                A(at, column) -= sum * first;
            }
            const int64_t end = at + 3 < last ? at + 3 : last;
            for (int64_t row = low; row <= end; row++) {
                double sum = first * A(row, at) + second * A(row, at + 1);
                if (three) {
                    sum += third * A(row, at + 2);
                    A(row, at + 2) -= sum * r;
                }
                A(row, at + 1) -= sum * q;
                A(row, at) -= sum;
            }
        }
    }
    return count;
#undef A
}

// The sign of the determinant of `matrix`, (size, size), by elimination with partial pivoting; 0 if it is singular or
// not finite. Overwritten.
int64_t determinant_sign(double *matrix, int64_t size) {
    int64_t sign = 1;
    for (int64_t at = 0; at < size; at++) {
        int64_t pivot = at;
        for (int64_t row = at + 1; row < size; row++)
            if (fabs(matrix[row * size + at]) > fabs(matrix[pivot * size + at])) pivot = row;
        double *top = matrix + at * size, *chosen = matrix + pivot * size;
        if (pivot != at) {
            sign = -sign;
            for (int64_t column = at; column < size; column++) {
                const double kept = top[column];
                top[column] = chosen[column];
                chosen[column] = kept;
            }
        }
        if (!(fabs(top[at]) > 0.0) || !(fabs(top[at]) < __builtin_inf())) return 0;
        if (top[at] < 0.0) sign = -sign;
        for (int64_t row = at + 1; row < size; row++) {
            const double part = matrix[row * size + at] / top[at];
            if (part == 0.0) continue;
            for (int64_t column = at + 1; column < size; column++) matrix[row * size + column] -= part * top[column];
        }
    }
    return sign;
}

}  // namespace
