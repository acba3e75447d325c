/* Eight decimal digits at a time, on little-endian machines. */
#pragma once

#include <stdint.h>
#include <string.h>

static inline uint64_t digits_load(const char *p)
{
	uint64_t v;
	memcpy(&v, p, sizeof v);
	return v;
}

/* Eight ASCII digits, already less '0', the first in the lowest byte, to their value: pairs, then
 * fours, then all (SWAR). */
static inline uint64_t digits_value(uint64_t v)
{
	v = v * 10 + (v >> 8);
	return (((v & 0x000000FF000000FF) * 0x000F424000000064) +
		(((v >> 16) & 0x000000FF000000FF) * 0x0000271000000001)) >>
	       32;
}

/* Is a byte, less '0', no digit? */
static inline int digits_bad(uint64_t v)
{
	return ((v | (v + 0x0606060606060606)) & 0xf0f0f0f0f0f0f0f0) != 0;
}
