// Working memory of one call: zeroed, on cache lines, given back at the end of the scope.
#pragma once

#include <stdint.h>
#include <stdlib.h>

class Memory {
  public:
    explicit Memory(int64_t numbers) : block(calloc(numbers + 8, sizeof(double))) {
        next = (double *)(((uintptr_t)block + 63) & ~(uintptr_t)63);
    }
    ~Memory() { free(block); }
    Memory(const Memory &) = delete;
    bool failed() const { return block == nullptr; }

    // The next numbers, rounded up to whole cache lines; ask for the sum of `rounded` sizes at the start.
    double *take(int64_t numbers) {
        double *taken = next;
        next += rounded(numbers);
        return taken;
    }
    static int64_t rounded(int64_t numbers) { return (numbers + 7) & ~(int64_t)7; }

  private:
    void *block;
    double *next;
};
