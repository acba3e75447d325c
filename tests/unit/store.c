#include "recorder/library/store.h"

#include <stdlib.h>

#include "tests/check.h"

static struct mprof_sample at(double seconds, uint64_t bytes)
{
	return (struct mprof_sample){ seconds, bytes };
}

static void samples_never_move(void)
{
	struct store s;
	CHECK_INT(store_open(&s, 0, false), 0);
	store_add(&s, at(0, 7));
	const struct mprof_sample *before = s.samples;
	for (int i = 1; i < 300000; i++) /* several times what is taken into use at once */
		store_add(&s, at(i, (uint64_t)i));
	CHECK(s.samples == before);
	CHECK_INT(s.n, 300000);
	CHECK_INT(before[0].bytes, 7);
	CHECK_INT(before[299999].bytes, 299999);
	CHECK(!s.full);
	store_close(&s);
}

static void a_ring_keeps_the_latest(void)
{
	struct store s;
	struct mprof_sample copy[16 + 3];
	CHECK_INT(store_open(&s, 16, true), 0);
	for (int i = 0; i < 40; i++)
		store_add(&s, at(i, (uint64_t)i));
	CHECK(store_size(&s) <= 16 + 3);
	CHECK_INT(store_copy(&s, copy), 16);
	store_settle(&s);
	CHECK_INT(s.n, 16);
	for (int i = 0; i < 16; i++) {
		CHECK_INT(copy[i].bytes, 24 + i);
		CHECK_INT(s.samples[i].bytes, 24 + i);
	}
	store_close(&s);
}

static void a_ring_that_is_not_full_is_in_order(void)
{
	struct store s;
	CHECK_INT(store_open(&s, 16, true), 0);
	for (int i = 0; i < 5; i++)
		store_add(&s, at(i, (uint64_t)i));
	store_settle(&s);
	CHECK_INT(s.n, 5);
	CHECK_INT(s.samples[0].bytes, 0);
	CHECK_INT(s.samples[4].bytes, 4);
	store_close(&s);
}

/* Whatever the bound and the length: within the bound, in order, with the first, the last, the
 * lowest and the highest. */
static void thinning_keeps_what_matters(void)
{
	for (size_t most = 8; most < 300; most = most * 2 + 1)
		for (int n = 1; n < 5000; n = n * 3 + 1) {
			struct store s;
			uint64_t low = UINT64_MAX, high = 0;
			CHECK_INT(store_open(&s, most, false), 0);
			srand((unsigned)n);
			for (int i = 0; i < n; i++) {
				uint64_t bytes = (uint64_t)rand() % 1000;
				bytes = i == n / 3 ? 5000 : bytes + 1000;
				bytes = i == n / 2 ? 1 : bytes;
				low = bytes < low ? bytes : low;
				high = bytes > high ? bytes : high;
				store_add(&s, at(i, bytes));
			}
			store_settle(&s);
			bool found_low = false, found_high = false;
			for (size_t i = 0; i < s.n; i++) {
				found_low |= s.samples[i].bytes == low;
				found_high |= s.samples[i].bytes == high;
				CHECK(i == 0 || s.samples[i].seconds > s.samples[i - 1].seconds);
			}
			CHECK(s.n <= most);
			CHECK((size_t)n >= most || s.n == (size_t)n);
			CHECK(found_low && found_high);
			CHECK_INT(s.samples[0].seconds, 0);
			CHECK_INT(s.samples[s.n - 1].seconds, n - 1);
			store_close(&s);
		}
}

/* A long recording is as fine at its end as at its beginning. */
static void thinning_is_even(void)
{
	struct store s;
	CHECK_INT(store_open(&s, 1000, false), 0);
	for (int i = 0; i < 100000; i++)
		store_add(&s, at(i, (uint64_t)(i % 997 * 31 % 997)));
	store_settle(&s);
	CHECK(s.n > 400);
	double widest = 0;
	for (size_t i = 1; i < s.n; i++) {
		double gap = s.samples[i].seconds - s.samples[i - 1].seconds;
		widest = gap > widest ? gap : widest;
	}
	CHECK(widest <= 100000.0 / 1000 * 16);
	store_close(&s);
}

static void a_copy_has_what_waits(void)
{
	struct store s;
	CHECK_INT(store_open(&s, 8, false), 0);
	for (int i = 0; i < 1000; i++) {
		store_add(&s, at(i, (uint64_t)(i == 990 ? 9 : 2)));
		struct mprof_sample copy[8 + 3];
		size_t n = store_copy(&s, copy);
		CHECK(n <= store_size(&s) && n <= 11);
		CHECK_INT(copy[n - 1].seconds, i);
	}
	struct mprof_sample copy[8 + 3];
	size_t n = store_copy(&s, copy);
	uint64_t high = 0;
	for (size_t i = 0; i < n; i++)
		high = copy[i].bytes > high ? copy[i].bytes : high;
	CHECK_INT(high, 9);
	store_close(&s);
}

static void impossible_bounds_are_refused(void)
{
	struct store s;
	CHECK(store_open(&s, SIZE_MAX, true) < 0);
	CHECK(store_open(&s, SIZE_MAX / 64, true) < 0);
	store_close(&s);
}

int main(void)
{
	RUN(samples_never_move);
	RUN(a_ring_keeps_the_latest);
	RUN(a_ring_that_is_not_full_is_in_order);
	RUN(thinning_keeps_what_matters);
	RUN(thinning_is_even);
	RUN(a_copy_has_what_waits);
	RUN(impossible_bounds_are_refused);
	return DONE();
}
