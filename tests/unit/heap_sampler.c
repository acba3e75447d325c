#include <math.h>

#include "recorder/heap/preload/filter.h"
#include "recorder/heap/preload/sampler.h"
#include "recorder/heap/preload/table.h"
#include "tests/check.h"

/* As a thread does: bytes are counted down to zero. */
static void sampled_bytes(size_t size, int blocks, double mean, double *estimate, double *spread)
{
	uint64_t state = 20240229;
	int64_t left = sampler_distance(&state, mean);
	*estimate = *spread = 0;
	for (int i = 0; i < blocks; i++) {
		left -= (int64_t)size;
		if (left >= 0)
			continue;
		left = sampler_distance(&state, mean);
		*estimate += sampler_weight(size, mean);
		*spread += sampler_spread(size, mean);
	}
}

/* Within four of its own standard errors, and these are as they should be. */
static void the_estimate_holds_the_truth(void)
{
	static const size_t sizes[] = { 1, 16, 100, 5000, 262144, 1000000 };
	static const double means[] = { 1, 4096, 262144 };
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		for (size_t j = 0; j < sizeof means / sizeof *means; j++) {
			double estimate, spread, truth = (double)sizes[i] * 2000000;
			sampled_bytes(sizes[i], 2000000, means[j], &estimate, &spread);
			double error = sqrt(spread) * 1024;
			double should = sqrt(
				truth * (sampler_weight(sizes[i], means[j]) - (double)sizes[i]));
			CHECK(fabs(estimate - truth) <= 4 * should + 1e-6 * truth);
			if (truth > 100 * means[j])
				CHECK(fabs(error - should) <= 0.3 * should + 1024);
		}
}

static void the_rarest_samples_are_none(void)
{
	double estimate, spread;
	sampled_bytes(100, 1000, 0x1p40, &estimate, &spread);
	CHECK(estimate == 0 && spread == 0);
	CHECK(sampler_weight(0, 1) == 0);
	CHECK(fabs(sampler_weight(1, 0x1p40) / 0x1p40 - 1) < 1e-6);
}

static const void *address(size_t i)
{
	return (const void *)(uintptr_t)(0x7f0000000000 + i * 48);
}

static void blocks_are_found_until_they_are_taken_out(void)
{
	enum { N = 100000 };
	struct sampled was;
	for (size_t i = 0; i < N; i++)
		CHECK(table_add(&(struct sampled){ address(i), i, NULL }));
	CHECK_INT(table_size(), N);
	for (size_t i = 0; i < N; i += 2)
		CHECK(table_remove(address(i), &was) && was.size == i);
	for (size_t i = 0; i < N; i++)
		CHECK(table_remove(address(i), &was) == (i % 2 == 1));
	CHECK_INT(table_size(), 0);
}

static void the_filter_misses_none(void)
{
	enum { N = 70000, KEPT = 5 };
	filter_keep(address(N + KEPT));
	for (size_t i = 0; i < N; i++) {
		filter_add(address(i));
		CHECK(filter_says(address(i)));
		if (!filter_grow(i + 1))
			continue;
		for (size_t k = 0; k <= i; k++)
			filter_add(address(k));
		filter_turn();
	}
	for (size_t i = 0; i < N; i++)
		CHECK(filter_says(address(i)));
	CHECK(filter_says(address(N + KEPT)));
	for (size_t i = 0; i < N; i++)
		filter_remove(address(i));
	size_t said = 0;
	for (size_t i = 0; i < N; i++)
		said += filter_says(address(i));
	CHECK(said <= 3); /* who shares the counter that is kept */
	CHECK(filter_says(address(N + KEPT)));
}

int main(void)
{
	RUN(the_estimate_holds_the_truth);
	RUN(the_rarest_samples_are_none);
	RUN(blocks_are_found_until_they_are_taken_out);
	RUN(the_filter_misses_none);
	return DONE();
}
