// Blocks of draws, (rows, draws), taken into lanes and given back, several draws at a time.
#pragma once

#include "lanes.hpp"

// Puts `count` draws of a block, at most N, from `first` on, into lanes; the other lanes stay as they are.
template <int N>
void take(const double *block, int64_t rows, int64_t draws, int64_t first, int64_t count, double *lanes) {
    for (int64_t row = 0; row < rows; row++)
        for (int64_t lane = 0; lane < count; lane++) lanes[row * N + lane] = block[row * draws + first + lane];
}

// The opposite.
template <int N>
void give(const double *lanes, int64_t rows, int64_t draws, int64_t first, int64_t count, double *block) {
    for (int64_t row = 0; row < rows; row++)
        for (int64_t lane = 0; lane < count; lane++) block[row * draws + first + lane] = lanes[row * N + lane];
}
