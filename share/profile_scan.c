#include "share/profile_scan.h"

#include <stdbool.h>
#include <string.h>

static uint64_t load8(const char *p)
{
	uint64_t v;
	memcpy(&v, p, sizeof v);
	return v;
}

/* Eight ASCII digits, already less '0', the first in the lowest byte, to their value: pairs, then
 * fours, then all (SWAR). */
static uint64_t value8(uint64_t v)
{
	v = v * 10 + (v >> 8);
	return (((v & 0x000000FF000000FF) * 0x000F424000000064) +
		(((v >> 16) & 0x000000FF000000FF) * 0x0000271000000001)) >>
	       32;
}

/* Set bits where a byte, less '0', is no digit. */
static uint64_t not_digits(uint64_t v)
{
	return (v | (v + 0x0606060606060606)) & 0xF0F0F0F0F0F0F0F0;
}

/* One line of `length` bytes (without its newline) with `decimals` after the seconds' point; false:
 * not that shape. */
static bool scan_line(const char *line, size_t length, size_t decimals, struct sample *sample)
{
	const uint64_t zeros = 0x3030303030303030;
	const char *dot = line + length - decimals - 1; /* of the seconds */
	size_t whole =
		length - decimals - 1 - 10 - 1 - 6 - 1 - 4; /* digits of the MiB before its point */
	if (whole - 1 > 6 || memcmp(line, "MEM ", 4) != 0 || *dot != '.' || dot[-11] != ' ' ||
	    dot[-18] != '.')
		return false;
	uint64_t mib = (load8(dot - 26) ^ zeros) >> (64 - 8 * whole) << (64 - 8 * whole);
	uint64_t millionths = (load8(dot - 19) & ~UINT64_C(0xffff)) ^
			      0x3030303030300000; /* “d.dddddd” less its head */
	uint64_t high = load8(dot - 10) ^ zeros;
	uint64_t low = load8(dot - 5); /* “ddddd.dd”: only its last two whole digits are wanted */
	uint64_t tens = ((low >> 24) & 0xffff) << 48 ^ 0x3030000000000000;
	uint64_t fraction = load8(dot + 1) << (decimals == 4 ? 32 : 16) ^
			    (decimals == 4 ? 0x3030303000000000 : 0x3030303030300000);
	if (not_digits(mib) | not_digits(millionths) | not_digits(high) | not_digits(tens) |
	    not_digits(fraction))
		return false;
	sample->umib = (int64_t)(value8(mib) * 1000000 + value8(millionths));
	sample->us = (int64_t)((value8(high) * 100 + value8(tens)) * 1000000 +
			       value8(fraction) * (decimals == 4 ? 100 : 1));
	return true;
}

size_t profile_scan(const char **at, const char *end, struct sample *samples, size_t room)
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
		if (!scan_line(line, length, decimals, &samples[n]))
			break;
		n++;
		line += length + 1;
	}
	*at = line;
	return n;
}
