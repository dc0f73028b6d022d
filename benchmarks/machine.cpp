// What one core of a machine can do, compiled as the solver's core is: `machine.py` calls these and takes the time.

#include <stdint.h>

#include "../core/lanes.hpp"

namespace {
constexpr int WIDTH = 4, SUMS = 8;  // lanes of a vector; vectors side by side, enough to hide how long an addition takes
}

// Adds up `numbers` values, a multiple of 32, `times` times, and keeps the sum, so that no pass can be left out.
extern "C" int64_t load(double *values, int64_t numbers, int64_t times) {
    Lanes<WIDTH> sums[SUMS] = {};
    for (int64_t time = 0; time < times; time++) {
        for (int64_t first = 0; first < numbers; first += WIDTH * SUMS)
            for (int sum = 0; sum < SUMS; sum++) sums[sum] += load<WIDTH>(values + first + sum * WIDTH);
        values[0] = sums[0][0] * 1e-300;
    }
    for (int sum = 1; sum < SUMS; sum++) sums[0] += sums[sum];
    store<WIDTH>(values, sums[0] * 1e-300);
    return 0;
}

// Multiplies and adds `times` times to 48 values that stay in registers.
extern "C" int64_t multiply(double *values, int64_t times) {
    Lanes<4> parts[12];
    for (int part = 0; part < 12; part++) parts[part] = load<4>(values + part * 4);
    for (int64_t time = 0; time < times; time++)
        for (int part = 0; part < 12; part++) parts[part] = parts[part] * 0.999 + 0.001;
    for (int part = 0; part < 12; part++) store<4>(values + part * 4, parts[part]);
    return 0;
}
