// Sums over draws and information sets in a fixed order, independent of how draws are split into blocks.

#include <stdint.h>
#include <string.h>

// The probability that play takes each option of each move: `taken`, (rows, draws). `choice`: the profile, (slots, draws);
// `reached`: (information sets, draws); `info_set`, `row`: (slots,), each slot's information set and its option's row.
extern "C" int64_t option_probabilities(const double *choice, const double *reached, const int64_t *info_set,
                                        const int64_t *row, int64_t slots, int64_t draws, int64_t rows,
                                        double *taken) {
    memset(taken, 0, rows * draws * sizeof(double));
    for (int64_t slot = 0; slot < slots; slot++) {
        const double *own = choice + slot * draws, *there = reached + info_set[slot] * draws;
        double *sum = taken + row[slot] * draws;
        for (int64_t draw = 0; draw < draws; draw++) sum[draw] += there[draw] * own[draw];
    }
    return 0;
}

// Adds weighted draws, in order, to the sums: of reach, (sets,); of reach times choice, of choice, and of choice squared,
// (slots,) each. `weight`: (draws,); draws of weight 0 are left out.
extern "C" int64_t add_weighted_draws(const double *choice, const double *reached, const int64_t *info_set,
                                      const double *weight, int64_t slots, int64_t sets, int64_t draws,
                                      double *reached_sum, double *taken_sum, double *choice_sum, double *square_sum) {
    for (int64_t set = 0; set < sets; set++) {
        double total = 0.0;
        for (int64_t draw = 0; draw < draws; draw++)
            if (weight[draw] > 0.0) total += weight[draw] * reached[set * draws + draw];
        reached_sum[set] += total;
    }
    for (int64_t slot = 0; slot < slots; slot++) {
        const double *own = choice + slot * draws, *there = reached + info_set[slot] * draws;
        double taken = 0.0, chosen = 0.0, square = 0.0;
        for (int64_t draw = 0; draw < draws; draw++) {
            if (!(weight[draw] > 0.0)) continue;
            taken += weight[draw] * there[draw] * own[draw];
            chosen += weight[draw] * own[draw];
            square += weight[draw] * own[draw] * own[draw];
        }
        taken_sum[slot] += taken;
        choice_sum[slot] += chosen;
        square_sum[slot] += square;
    }
    return 0;
}
