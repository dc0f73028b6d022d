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

// Which of the libraries can run here: 0 the plain one, 1 also that for AVX2, 2 also that for AVX-512.
extern "C" int64_t widest_instructions() {
#if defined(__x86_64__)
    uint32_t a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return 0;
    const uint32_t needed = bit_OSXSAVE | bit_AVX | bit_FMA | bit_MOVBE | bit_F16C;
    if ((c & needed) != needed || (kept_registers() & 0x6) != 0x6) return 0;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
    const uint32_t avx2 = bit_AVX2 | bit_BMI | bit_BMI2;
    const uint32_t avx512 = bit_AVX512F | bit_AVX512DQ | bit_AVX512CD | bit_AVX512BW | bit_AVX512VL;
    const bool wide = (b & avx512) == avx512 && (kept_registers() & 0xe6) == 0xe6;
    if ((b & avx2) != avx2 || !__get_cpuid(0x80000001, &a, &b, &c, &d) || !(c & bit_LZCNT)) return 0;
    return wide ? 2 : 1;
#else
    return 0;
#endif
}

// A hash of the core's sources.
extern "C" const char *core_stamp() { return STAMP; }
