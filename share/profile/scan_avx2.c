/* The AVX2 kernel: one 32-byte load that ends at the newline holds a whole line, every field at a
 * place that is known from there; one subtraction takes the digits' and the separators' values off,
 * one comparison says whether they were what they should be, and three multiplications make the
 * numbers. */
#include <immintrin.h>
#include <string.h>

#include "share/profile/scan.h"

#define TARGET __attribute__((target("avx2")))

/* The shape of a line, for seconds with four decimals (memory_profiler's) and with six (ours). */
struct shape {
	uint8_t expected[32]; /* what is subtracted: '0' at a digit, else the separator itself */
	uint8_t most[32];     /* what may be left: 9 at a digit, else 0 */
	uint8_t order[32];    /* digits into groups of eight, within each half; 0x80 is a zero */
	size_t digits;        /* room before the MiB's point */
};

#define D '0'
#define Z 0x80
static const struct shape four = {
	{ D,   D, D, D, D, D, D, D, D, '.', D, D,   D, D, D, D,
	  ' ', D, D, D, D, D, D, D, D, D,   D, '.', D, D, D, D },
	{ 0, 9, 9, 9, 9, 9, 9, 9, 9, 0, 9, 9, 9, 9, 9, 9,
	  0, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 0, 9, 9, 9, 9 },
	{ 1, 2, 3, 4, 5, 6, 7, 8, Z, Z, 10, 11, 12, 13, 14, 15,
	  Z, Z, 1, 2, 3, 4, 5, 6, 7, 8, 9,  10, 12, 13, 14, 15 },
	8,
};
/* The first digit of the seconds lies in the other half: it is 1 from 2001 to 2033, and the
 * portable kernel reads the rest. */
static const struct shape six = {
	{ D, D, D, D, D, D, D, '.', D, D,   D, D, D, D, ' ', '1',
	  D, D, D, D, D, D, D, D,   D, '.', D, D, D, D, D,   D },
	{ 9, 9, 9, 9, 9, 9, 9, 0, 9, 9, 9, 9, 9, 9, 0, 0,
	  9, 9, 9, 9, 9, 9, 9, 9, 9, 0, 9, 9, 9, 9, 9, 9 },
	{ Z, 0, 1, 2, 3, 4, 5, 6, Z, Z, 8,  9,  10, 11, 12, 13,
	  Z, 0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15 },
	7,
};

/* Clears the bytes before the line's own digits. */
static const uint8_t masks[64] = {
	[32] = 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255,        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
};

TARGET static inline __m256i load(const void *p)
{
	return _mm256_loadu_si256(p);
}

/* Eight digits a group, four groups: two in the low half (the MiB's), two in the high one (the
 * seconds'). */
TARGET static inline __m256i to_numbers(__m256i digits)
{
	__m256i pairs = _mm256_maddubs_epi16(digits, _mm256_set1_epi16(0x010a)); /* × 10, × 1 */
	__m256i fours = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x00010064)); /* × 100, × 1 */
	__m256i packed = _mm256_packus_epi32(fours, fours);
	return _mm256_madd_epi16(packed, _mm256_set1_epi32(0x00012710)); /* × 10000, × 1 */
}

TARGET size_t profile_scan_avx2(const char **at, const char *end, struct sample *samples,
				size_t room)
{
	const char *line = *at;
	size_t n = 0, length = 0, decimals = 0;
	__m256i expected = { 0 }, most = { 0 }, order = { 0 }, mask = { 0 };
	while (n < room && line < end) {
		/* Lines are as long as the one before them, nearly always: a guess costs less than
		 * a search. */
		if (length == 0 || (size_t)(end - line) <= length || line[length] != '\n') {
			const char *newline = memchr(line, '\n', (size_t)(end - line));
			if (!newline)
				break;
			length = (size_t)(newline - line);
			if (length < 28)
				break;
			decimals = line[length - 5] == '.' ? 4 : 6;
			const struct shape *shape = decimals == 4 ? &four : &six;
			size_t digits = length - 23 - decimals;
			if (digits - 1 >= shape->digits)
				break;
			expected = load(shape->expected);
			most = load(shape->most);
			order = load(shape->order);
			/* The first digit stands at this place of the 32 bytes. */
			mask = load(masks + 32 - (32 - (digits + 19 + decimals)));
		}
		uint32_t tag;
		memcpy(&tag, line, sizeof tag);
		__m256i bytes = load(line + length - 32);
		__m256i values = _mm256_and_si256(_mm256_sub_epi8(bytes, expected), mask);
		__m256i beyond = _mm256_subs_epu8(values, most);
		if (tag != 0x204d454d || !_mm256_testz_si256(beyond, beyond))
			break; /* “MEM ”, little-endian */
		__m256i numbers = to_numbers(_mm256_shuffle_epi8(values, order));
		uint64_t mib = (uint64_t)_mm_cvtsi128_si64(_mm256_castsi256_si128(numbers));
		uint64_t time = (uint64_t)_mm_cvtsi128_si64(_mm256_extracti128_si256(numbers, 1));
		samples[n].umib = (int64_t)((mib & 0xffffffff) * 1000000 + (mib >> 32));
		uint64_t ticks = (time & 0xffffffff) * 100000000 + (time >> 32);
		samples[n].us =
			(int64_t)(decimals == 4 ? ticks * 100 : ticks + UINT64_C(1000000000000000));
		n++;
		line += length + 1;
	}
	*at = line;
	return n;
}
