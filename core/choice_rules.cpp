// One information set's response by a choice rule, alone.

#include "choice_rules.hpp"
#include "memory.hpp"

// The logarithm of the standard normal distribution function at `z`, and its derivative.
extern "C" int64_t normal_distribution(double z, double *logarithm, double *slope) {
    *logarithm = log_normal(z);
    *slope = hazard(z);
    return 0;
}

extern "C" int64_t log_response_by_rule(int64_t rule, double rationality, int64_t options, const double *gain,
                                        const double *variance, double *log_choice) {
    Memory memory(3 * options);
    if (memory.failed()) return 1;
    log_response((int32_t)rule, rationality, options, gain, variance, log_choice, memory.take(3 * options));
    return 0;
}

extern "C" int64_t response_along_by_rule(int64_t rule, double rationality, int64_t options, const double *gain,
                                          const double *variance, const double *log_choice, double more_rationality,
                                          const double *more_gain, const double *more_variance, double *out) {
    Memory memory(3 * options);
    if (memory.failed()) return 1;
    response_along((int32_t)rule, rationality, options, gain, variance, log_choice, more_rationality, more_gain,
                   more_variance, out, memory.take(3 * options));
    return 0;
}

extern "C" int64_t response_back_by_rule(int64_t rule, double rationality, int64_t options, const double *gain,
                                         const double *variance, const double *log_choice, const double *back,
                                         double *gain_back, double *variance_back, double *rationality_back) {
    Memory memory(3 * options);
    if (memory.failed()) return 1;
    *rationality_back = response_back((int32_t)rule, rationality, options, gain, variance, log_choice, back, gain_back,
                                      variance_back, memory.take(3 * options));
    return 0;
}
