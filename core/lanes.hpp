// Several draws in one machine vector: `Lanes<N>` is N numbers, one for each draw, and every lane goes through the same
// operations, so its bits do not depend on the other lanes, on the vector's width or on the compiler. `+ - * /` and
// comparison are the compiler's own; a number beside lanes counts for all of them.
#pragma once

#include <stdint.h>
#include <string.h>

template <int N> struct LanesOf {
    typedef double numbers __attribute__((vector_size(8 * N)));
    typedef int64_t flags __attribute__((vector_size(8 * N)));
};
template <int N> using Lanes = typename LanesOf<N>::numbers;
template <int N> using Flags = typename LanesOf<N>::flags;

#define INLINE static inline __attribute__((always_inline))

constexpr double INFINITE = __builtin_inf();
constexpr double LOWEST = -708.0;  // lower arguments of the exponential count as this one: 3e-308, never zero
constexpr double SHIFTER = 1.5 * 4503599627370496.0;  // added to a number below 2^51, puts the whole number in the low bits
constexpr double LN2_HIGH = 6.93147180369123816490e-01;  // ln 2 in two parts (Cody & Waite 1980)
constexpr double LN2_LOW = 1.90821492927058770002e-10;

template <int N> INLINE Lanes<N> load(const double *from) {
    Lanes<N> lanes;
    memcpy(&lanes, from, sizeof lanes);
    return lanes;
}

template <int N> INLINE void store(double *to, Lanes<N> lanes) { memcpy(to, &lanes, sizeof lanes); }

template <int N> INLINE Lanes<N> fill(double value) { return Lanes<N>{} + value; }

template <int N> INLINE Lanes<N> where(Flags<N> flags, Lanes<N> then, Lanes<N> otherwise) {
    return flags ? then : otherwise;
}

// The larger number in each lane; `right` if either is NaN.
template <int N> INLINE Lanes<N> largest(Lanes<N> left, Lanes<N> right) { return where<N>(left > right, left, right); }

template <int N> INLINE Lanes<N> magnitude(Lanes<N> lanes) { return (Lanes<N>)((Flags<N>)lanes & INT64_MAX); }

// Exponentials of numbers from `LOWEST` to 709, within four units in the last place.
template <int N> INLINE Lanes<N> exponential(Lanes<N> lanes) {
    const Lanes<N> x = where<N>(lanes > LOWEST, lanes, fill<N>(LOWEST));
    const Lanes<N> shifted = x * (1.0 / 0.69314718055994530942) + SHIFTER;
    const Lanes<N> power = shifted - SHIFTER;
    Lanes<N> r = x - power * LN2_HIGH;
    r = r - power * LN2_LOW;
    // the series in pairs, so that steps need not wait for one another (Estrin's scheme)
    const Lanes<N> r2 = r * r, r4 = r2 * r2, r8 = r4 * r4;
    const Lanes<N> a = 1.0 + r, b = 1.0 / 2 + (1.0 / 6) * r, c = 1.0 / 24 + (1.0 / 120) * r;
    const Lanes<N> d = 1.0 / 720 + (1.0 / 5040) * r, e = 1.0 / 40320 + (1.0 / 362880) * r;
    const Lanes<N> f = 1.0 / 3628800 + (1.0 / 39916800) * r;
    const Lanes<N> series = ((a + b * r2) + (c + d * r2) * r4) + ((e + f * r2) + (1.0 / 479001600) * r4) * r8;
    const Flags<N> bits = ((Flags<N>)shifted + 1023) << 52;
    return series * (Lanes<N>)bits;
}

template <int N> struct Pair {
    Lanes<N> one, other;
};

// Exponentials of two numbers, in each lane one of them 0 or NaN: with a single exponential.
template <int N> INLINE Pair<N> exponentials(Lanes<N> one, Lanes<N> other) {
    const Lanes<N> raised = exponential<N>(one + other);
    return {where<N>(one == 0.0, fill<N>(1.0), raised), where<N>(other == 0.0, fill<N>(1.0), raised)};
}

// Logarithms of numbers of at least 2.3e-308; 0 gives minus infinity (the series of fdlibm's log, Sun Microsystems 1993).
template <int N> INLINE Lanes<N> logarithm(Lanes<N> lanes) {
    const Flags<N> bits = (Flags<N>)lanes;
    // the exponent so that the rest lies between sqrt(1/2) and sqrt(2)
    const Flags<N> up = bits - 0x3fe6a09e667f3bcdll;
    const Flags<N> exponent = up >> 52;
    const Lanes<N> power = (Lanes<N>)(exponent + (int64_t)0x4338000000000000ll) - SHIFTER;
    const Lanes<N> f = (Lanes<N>)(bits - (exponent << 52)) - 1.0;
    const Lanes<N> s = f / (2.0 + f), z = s * s, w = z * z;
    const Lanes<N> odd = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
    const Lanes<N> even = z * (6.666666666666735130e-01 +
                               w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
    const Lanes<N> half = 0.5 * f * f;
    const Lanes<N> result = power * LN2_HIGH - ((half - (s * (half + odd + even) + power * LN2_LOW)) - f);
    return where<N>(lanes > 0.0, result, fill<N>(-INFINITE));
}
