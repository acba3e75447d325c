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

/* The one conversion from a source's bytes to the file's MiB; rounded to the nearest. Exact for any
 * size below 8 EiB. */
static inline int64_t sample_umib(uint64_t bytes)
{
	return (int64_t)((bytes >> 20) * 1000000 +
			 (((bytes & 0xfffff) * 1000000 + (1 << 19)) >> 20));
}

/* The same of a change, which may be below 0. */
static inline int64_t sample_umib_change(int64_t bytes)
{
	return bytes < 0 ? -sample_umib(-(uint64_t)bytes) : sample_umib((uint64_t)bytes);
}
