// What the core was made of, and which of its instruction sets this processor has.

#include <stdint.h>

#if defined(__x86_64__)
#include <cpuid.h>

// The extended registers that the operating system keeps.
static uint64_t kept_registers() {
    uint32_t low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}
#endif

// 1 if the library for AVX2 can run here, else 0.
extern "C" int64_t has_avx2() {
#if defined(__x86_64__)
    uint32_t a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return 0;
    const uint32_t needed = bit_OSXSAVE | bit_AVX | bit_FMA | bit_MOVBE | bit_F16C;
    if ((c & needed) != needed || (kept_registers() & 6) != 6) return 0;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
    if ((b & (bit_AVX2 | bit_BMI | bit_BMI2)) != (bit_AVX2 | bit_BMI | bit_BMI2)) return 0;
    return __get_cpuid(0x80000001, &a, &b, &c, &d) && (c & bit_LZCNT) ? 1 : 0;
#else
    return 0;
#endif
}

// A hash of the core's sources.
extern "C" const char *core_stamp() { return STAMP; }
