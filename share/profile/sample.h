/* One figure at one moment, in the fixed point of the .dat, which its decimals fit without loss. */
#pragma once

#include <stdint.h>

struct sample {
	int64_t us;   /* microseconds since the epoch */
	int64_t umib; /* millionths of a MiB (2^20 bytes) */
};

static inline double sample_mib(int64_t umib)
{
	return (double)umib / 1e6;
}

static inline double sample_seconds(int64_t us)
{
	return (double)us / 1e6;
}

/* Of bytes, for people; what a file holds is sample_umib's. */
static inline double sample_bytes_mib(uint64_t bytes)
{
	return (double)bytes / 0x1p20;
}

/* Rounded to the nearest; 0 for what is below. */
static inline uint64_t sample_bytes(int64_t umib)
{
	return umib > 0 ? (uint64_t)((double)umib * 0x1p20 / 1e6 + 0.5) : 0;
}

/* The one conversion from a source's bytes to the file's MiB; rounded to the nearest. Exact for any
 * size below 8 EiB. */
static inline int64_t sample_umib(uint64_t bytes)
{
	return (int64_t)((bytes >> 20) * 1000000 +
			 (((bytes & 0xfffff) * 1000000 + (1 << 19)) >> 20));
}
