// Choice rules at one information set: the logarithms of choice probabilities, and their derivatives both ways.
//
// `gain`: (options), each option's expected payoff to come; `variance`: (options), read by the private rule alone;
// `rationality`: the precision, lambda; `spare`: (3 options), working memory.
//
// - Logit: P_k is proportional to exp(lambda gain_k) (McKelvey & Palfrey 1998, Experimental Economics 1).
// - Probit: each option's value has an independent normal shock of standard deviation 1 / lambda. Of two options, with Phi
//   the normal distribution function and phi its density, P_1 = Phi(lambda (gain_1 - gain_2) / sqrt 2); of more, P_k is
//   the integral of phi(t) times the product of Phi(t + lambda (gain_k - gain_j)) over all other options j (Daganzo 1979,
//   Multinomial Probit).
// - Private: each way for play to end has an independent normal shock of standard deviation 1 / lambda, which the actor
//   knows from the start (Signorino 2003, Political Analysis 11). An option's value has the sum of the shocks of the ends
//   after it, weighted by their probabilities, so its variance is 1 / lambda^2 times the sum of their squares,
//   `variance`: P_1 = Phi(lambda (gain_1 - gain_2) / sqrt(variance_1 + variance_2)).
//
// Everything is in logarithms, so that derivatives hold in the tails.
#pragma once

#include <math.h>

#include "lanes.hpp"

namespace {

constexpr int32_t LOGIT = 0, PROBIT = 1, PRIVATE = 2;  // the order of `structure.RULES`

constexpr double LN2 = 0.69314718055994530942;
constexpr double ROOT_TWO = 1.41421356237309504880;
constexpr double LARGEST = 1e150;  // larger differences, in standard deviations, count as this one: its square is finite
constexpr double FAR = -10.0;      // below it the normal distribution function is computed by its asymptotic series,
constexpr int64_t TERMS = 20;      // with so many terms: enough for the last digit (Abramowitz & Stegun 1964, 26.2.12)
constexpr double LOG_ROOT = 0.9189385332046727;  // the logarithm of the root of 2 pi
constexpr double SPAN = 9.0;      // quadrature goes so far to both sides of the peak: the rest is below exp(-SPAN^2 / 2)
constexpr double FINENESS = 0.7;  // distance of quadrature points, times the root of the number of options: the error of
                                  // the trapezoidal rule, about 2 exp(-2 pi^2 / FINENESS^2), is below the last digit
                                  // (Trefethen & Weideman 2014, SIAM Review 56)
constexpr double NEAR = -300.0;   // above it, for the logarithm of the distribution functions at the peak, their product
                                  // needs no logarithms
constexpr int64_t NEWTON_STEPS = 30;
constexpr double STRAIGHT = -1e4;  // below it `hazard` has the slope -1 to within 1e-8

INLINE double larger(double left, double right) { return left > right ? left : right; }
INLINE double smaller(double left, double right) { return left < right ? left : right; }
INLINE double bounded(double z) { return smaller(larger(z, -LARGEST), LARGEST); }

// The exponential of a number up to 709, 0 below `LOWEST`: the same bits on every system, unlike the C library's.
INLINE double exp_of(double x) { return x > LOWEST ? exponential<1>(fill<1>(x))[0] : 0.0; }

// The logarithm of a number, minus infinity of 0: the same bits on every system. Subnormal numbers are scaled up first.
INLINE double log_of(double x) {
    const bool tiny = x > 0.0 && x < 0x1p-1022;
    const double found = logarithm<1>(fill<1>(tiny ? x * 0x1p54 : x))[0];
    return tiny ? found - 54.0 * LN2 : found;
}

// The distribution function times -z over the density, for z below `FAR`.
inline double normal_series(double z) {
    double total = 1.0;
    for (int64_t term = TERMS; term > 0; term--) total = 1.0 - (double)(2 * term - 1) * total / z / z;
    return total;
}

// The logarithm of the standard normal distribution function.
inline double log_normal(double z) {
    if (z > 0.0) return log1p(-0.5 * erfc(z / ROOT_TWO));
    if (z > FAR) return log(0.5 * erfc(-z / ROOT_TWO));
    return -0.5 * z * z - LOG_ROOT - log(-z) + log(normal_series(z));
}

// The derivative of `log_normal`: the normal density over the distribution function.
inline double hazard(double z) {
    if (z > FAR) return exp(-0.5 * z * z - LOG_ROOT) / (0.5 * erfc(-z / ROOT_TWO));
    return -z / normal_series(z);
}

// The standard deviation of the difference of two options' shocks, times rationality.
inline double deviation_of(int32_t rule, const double *variance) {
    return rule == PRIVATE ? sqrt(variance[0] + variance[1]) : ROOT_TWO;
}

// Where the density at t times the distribution functions at t + lead has its peak, by Newton's method. The slope of
// the logarithm is convex and falls, so steps from the left never go too far.
inline double peak_of(const double *lead, int64_t leads) {
    double peak = 0.0;
    for (int64_t step = 0; step < NEWTON_STEPS; step++) {
        double rise = -peak, bend = 1.0;
        for (int64_t other = 0; other < leads; other++) {
            const double z = peak + lead[other], ratio = hazard(z);
            rise += ratio;
            bend += z > STRAIGHT ? ratio * (ratio + z) : 1.0;
        }
        peak += rise / bend;
        if (fabs(rise) <= 1e-6 * bend * larger(1.0, peak)) break;
    }
    return peak;
}

// The logarithm of the probability that an option has the highest value, by the probit rule. `slope`: (options), set to
// the derivative by rationality times the option's lead over each other one, or null if the derivatives are not needed;
// `spare`: (2 options). The integrand is log-concave and narrower than a standard normal, so the trapezoidal rule around
// its peak is exact to rounding; the slopes are means of `hazard` under it.
inline double log_best_of(int64_t option, double rationality, int64_t options, const double *gain, double *slope,
                          double *spare) {
    double *lead = spare, *at_peak = spare + options;
    const int64_t leads = options - 1;
    for (int64_t other = 0; other < leads; other++)
        lead[other] = bounded(rationality * (gain[option] - gain[other + (other >= option)]));
    const double peak = peak_of(lead, leads);
    double height_at_peak = 0.0;
    for (int64_t other = 0; other < leads; other++) {
        at_peak[other] = log_normal(peak + lead[other]);
        height_at_peak += at_peak[other];
    }
    const bool near = height_at_peak > NEAR;
    for (int64_t other = 0; slope && other < options; other++) slope[other] = 0.0;
    const double step = FINENESS / sqrt((double)options);
    const int64_t points = (int64_t)(SPAN / step) + 1;
    double total = 0.0;
    for (int64_t number = -points; number <= points; number++) {
        const double away = (double)number * step;
        double height = -away * (peak + 0.5 * away), share;
        if (near) {
            share = exp(height - height_at_peak);
            for (int64_t other = 0; other < leads; other++) share *= 0.5 * erfc(-(peak + away + lead[other]) / ROOT_TWO);
        } else {
            for (int64_t other = 0; other < leads; other++)
                height += log_normal(peak + away + lead[other]) - at_peak[other];
            // the exact integrand falls at least so fast; rounding of a large lead may not
            share = exp(smaller(height, 1.0 - 0.5 * away * away));
        }
        total += share;
        for (int64_t other = 0; slope && other < leads; other++)
            slope[other + (other >= option)] += share * hazard(peak + away + lead[other]);
    }
    for (int64_t other = 0; slope && other < options; other++) slope[other] /= total;
    return smaller(log(step * total) + height_at_peak - 0.5 * peak * peak - LOG_ROOT, 0.0);
}

// The logarithms of an information set's choice probabilities: `log_choice`, (options).
inline void log_response(int32_t rule, double rationality, int64_t options, const double *gain, const double *variance,
                         double *log_choice, double *spare) {
    if (rule == LOGIT) {
        double best = -INFINITE, total = 0.0;
        for (int64_t option = 0; option < options; option++) {
            log_choice[option] = rationality * gain[option];
            best = larger(best, log_choice[option]);
        }
        for (int64_t option = 0; option < options; option++) total += exp_of(log_choice[option] - best);
        const double level = best + log_of(total);
        for (int64_t option = 0; option < options; option++) log_choice[option] -= level;
    } else if (options == 1) {
        log_choice[0] = 0.0;
    } else if (options == 2) {
        const double z = bounded(rationality * (gain[0] - gain[1]) / deviation_of(rule, variance));
        log_choice[0] = log_normal(z), log_choice[1] = log_normal(-z);
    } else {
        for (int64_t option = 0; option < options; option++)
            log_choice[option] = log_best_of(option, rationality, options, gain, nullptr, spare);
    }
}

// The change of the logarithms at `log_response`'s arguments and result, as these change: `out`, (options).
// `more_rationality`, `more_gain`, `more_variance` are the changes of the arguments.
inline void response_along(int32_t rule, double rationality, int64_t options, const double *gain,
                           const double *variance, const double *log_choice, double more_rationality,
                           const double *more_gain, const double *more_variance, double *out, double *spare) {
    if (rule == LOGIT) {
        double mean = 0.0;
        for (int64_t option = 0; option < options; option++) {
            out[option] = more_rationality * gain[option] + rationality * more_gain[option];
            mean += exp_of(log_choice[option]) * out[option];
        }
        for (int64_t option = 0; option < options; option++) out[option] -= mean;
    } else if (options == 1) {
        out[0] = 0.0;
    } else if (options == 2) {
        const double deviation = deviation_of(rule, variance), ahead = gain[0] - gain[1];
        const double z = bounded(rationality * ahead / deviation);
        double more = (more_rationality * ahead + rationality * (more_gain[0] - more_gain[1])) / deviation;
        if (rule == PRIVATE) more -= 0.5 * z * (more_variance[0] + more_variance[1]) / (deviation * deviation);
        out[0] = hazard(z) * more, out[1] = -hazard(-z) * more;
    } else {
        double *slope = spare + 2 * options;
        for (int64_t option = 0; option < options; option++) {
            log_best_of(option, rationality, options, gain, slope, spare);
            out[option] = 0.0;
            for (int64_t other = 0; other < options; other++) {
                const double more = more_rationality * (gain[option] - gain[other]);
                out[option] += slope[other] * (more + rationality * (more_gain[option] - more_gain[other]));
            }
        }
    }
}

// The adjoint of `response_along`: derivatives of a number by the arguments of `log_response`, from those by its
// results. `back`: (options), by the logarithms of probabilities: a probability times the derivative by the probability.
// Returns the derivative by rationality and sets `gain_back`, `variance_back`: (options).
inline double response_back(int32_t rule, double rationality, int64_t options, const double *gain,
                            const double *variance, const double *log_choice, const double *back, double *gain_back,
                            double *variance_back, double *spare) {
    double rationality_back = 0.0;
    for (int64_t option = 0; option < options; option++) gain_back[option] = variance_back[option] = 0.0;
    if (rule == LOGIT) {
        double total = 0.0;
        for (int64_t option = 0; option < options; option++) total += back[option];
        for (int64_t option = 0; option < options; option++) {
            const double more = back[option] - exp_of(log_choice[option]) * total;
            gain_back[option] = rationality * more;
            rationality_back += gain[option] * more;
        }
    } else if (options == 2) {
        const double deviation = deviation_of(rule, variance), ahead = gain[0] - gain[1];
        const double z = bounded(rationality * ahead / deviation);
        const double more = (hazard(z) * back[0] - hazard(-z) * back[1]) / deviation;
        gain_back[0] = rationality * more, gain_back[1] = -rationality * more;
        rationality_back = ahead * more;
        if (rule == PRIVATE) variance_back[0] = variance_back[1] = -0.5 * z * more / deviation;
    } else if (options > 2) {
        double *slope = spare + 2 * options;
        for (int64_t option = 0; option < options; option++) {
            log_best_of(option, rationality, options, gain, slope, spare);
            for (int64_t other = 0; other < options; other++) {
                const double more = back[option] * slope[other];
                gain_back[option] += rationality * more;
                gain_back[other] -= rationality * more;
                rationality_back += more * (gain[option] - gain[other]);
            }
        }
    }
    return rationality_back;
}

}  // namespace
