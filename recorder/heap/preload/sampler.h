/* Poisson sampling by bytes: of n bytes a sample is taken with the chance 1 - e^(-n/mean), however
 * they are asked for. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Bytes to the next sample: exponential, rounded down. The state is any number but 0. */
int64_t sampler_distance(uint64_t *state, double mean);

/* What a sampled block of n bytes stands for: n / (1 - e^(-n/mean)), the inverse of its chance. */
double sampler_weight(size_t n, double mean);

/* The variance that it brings into an estimate, KiB²: w (w - n). */
double sampler_spread(size_t n, double mean);
