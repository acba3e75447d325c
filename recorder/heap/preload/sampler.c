#include "recorder/heap/preload/sampler.h"

#include <math.h>

/* xorshift64*; Vigna, "An experimental exploration of Marsaglia's xorshift generators", 2016. */
static uint64_t draw(uint64_t *state)
{
	uint64_t x = *state;
	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*state = x;
	return x * 0x2545f4914f6cdd1d;
}

int64_t sampler_distance(uint64_t *state, double mean)
{
	double even = ((double)(draw(state) >> 11) + 0.5) * 0x1p-53;
	return (int64_t)(-log(even) * mean);
}

double sampler_weight(size_t n, double mean)
{
	return n == 0 ? 0 : -(double)n / expm1(-(double)n / mean);
}

double sampler_spread(size_t n, double mean)
{
	double weight = sampler_weight(n, mean);
	return weight * (weight - (double)n) / (1024.0 * 1024.0);
}
