#include "share/profile/scan.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "share/profile/digits.h"

/* “MEM ” as a little-endian word; elsewhere no line has it, and the slow path reads them all. */
enum { MEM_TAG = 0x204d454d };

/* One line of `length` bytes (without its newline) with `decimals` after the seconds' point; false:
 * not that shape. Each word holds digits less '0', so that a zero byte is a leading zero. */
static inline bool scan_line(const char *line, size_t length, size_t decimals,
			     struct sample *sample)
{
	const uint64_t zeros = 0x3030303030303030, sixes = 0x0606060606060606,
		       high_bits = 0xf0f0f0f0f0f0f0f0;
	const char *dot = line + length - decimals - 1; /* of the seconds */
	size_t whole = length - decimals - 23;          /* digits of the MiB before its point */
	if (whole - 1 > 6)
		return false;
	uint32_t tag;
	memcpy(&tag, line, sizeof tag);
	uint32_t marks = (uint32_t)(unsigned char)dot[-18] |
			 (uint32_t)(unsigned char)dot[-11] << 8 |
			 (uint32_t)(unsigned char)dot[0] << 16;
	uint64_t mib = (digits_load(dot - 26) ^ zeros) >> (64 - 8 * whole) << (64 - 8 * whole);
	uint64_t millionths = (digits_load(dot - 19) & ~UINT64_C(0xffff)) ^ 0x3030303030300000;
	uint64_t hundreds =
		digits_load(dot - 10) ^ zeros; /* the first eight digits of the seconds */
	uint64_t rest = (digits_load(dot - 2) & 0xffff) | digits_load(dot + 1) << 16;
	rest = decimals == 4 ? (rest << 16) ^ 0x3030303030300000 : rest ^ zeros;
	uint64_t bad =
		(mib | millionths | hundreds | rest |
		 ((mib + sixes) | (millionths + sixes) | (hundreds + sixes) | (rest + sixes))) &
		high_bits;
	if (tag != MEM_TAG || marks != 0x2e202e || bad)
		return false;
	sample->umib = (int64_t)(digits_value(mib) * 1000000 + digits_value(millionths));
	uint64_t units =
		digits_value(hundreds) * (decimals == 4 ? 1000000 : 100000000) + digits_value(rest);
	sample->us = (int64_t)(decimals == 4 ? units * 100 : units);
	return true;
}

size_t profile_scan_portable(const char **at, const char *end, struct sample *samples, size_t room)
{
	const char *line = *at;
	size_t n = 0, length = 0, decimals = 6;
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
		}
		/* Two calls, so that each is compiled for its own number. */
		if (!(decimals == 4 ? scan_line(line, length, 4, &samples[n])
				    : scan_line(line, length, 6, &samples[n])))
			break;
		n++;
		line += length + 1;
	}
	*at = line;
	return n;
}

static profile_scanner *choose(void)
{
#ifdef HAVE_AVX2
	const char *wish = getenv("MPROF_KERNEL"); /* so that the two can be compared */
	if (__builtin_cpu_supports("avx2") && !(wish && strcmp(wish, "portable") == 0))
		return profile_scan_avx2;
#endif
	return profile_scan_portable;
}

size_t profile_scan(const char **at, const char *end, struct sample *samples, size_t room)
{
	static profile_scanner *chosen;
	if (!chosen)
		chosen = choose();
	return chosen(at, end, samples, room);
}
