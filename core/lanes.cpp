// Functions of lanes, one number in each lane, for tests.

#include "lanes.hpp"

// The exponentials and the logarithms of numbers; `count` is a multiple of eight.
extern "C" int64_t lane_functions(const double *numbers, int64_t count, double *exponentials, double *logarithms) {
    for (int64_t at = 0; at < count; at += 8) {
        store<8>(exponentials + at, exponential<8>(load<8>(numbers + at)));
        store<8>(logarithms + at, logarithm<8>(load<8>(numbers + at)));
    }
    return 0;
}
