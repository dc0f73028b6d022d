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

// Working memory of one call in parts of so many numbers each, times the number of lanes.
template <int COUNT> class Parts {
  public:
    double *of[COUNT];

    Parts(const int64_t (&sizes)[COUNT], int64_t lanes) : memory(total_of(sizes, lanes)) {
        for (int part = 0; part < COUNT && !failed(); part++) of[part] = memory.take(sizes[part] * lanes);
    }
    bool failed() const { return memory.failed(); }

  private:
    static int64_t total_of(const int64_t (&sizes)[COUNT], int64_t lanes) {
        int64_t total = 0;
        for (int64_t size : sizes) total += Memory::rounded(size * lanes);
        return total;
    }

    Memory memory;
};
