#include "share/profile/columns.h"

#include <stdlib.h>

#include "tests/check.h"

static void add(struct columns *columns, int64_t us, int64_t umib)
{
	struct sample sample = { us, umib };
	CHECK_INT(columns_add(columns, &sample, 1), 0);
}

/* What all columns together say. */
struct summary {
	uint64_t n;
	int64_t low, high, first, last;
};

static struct summary sum_up(const struct columns *columns)
{
	struct summary s = { 0, INT64_MAX, INT64_MIN, INT64_MAX, INT64_MIN };
	for (size_t i = 0; i < columns->n; i++) {
		const struct column *c = &columns->items[i];
		if (c->n == 0)
			continue;
		s.n += c->n;
		s.low = c->low.umib < s.low ? c->low.umib : s.low;
		s.high = c->high.umib > s.high ? c->high.umib : s.high;
		s.first = c->first.us < s.first ? c->first.us : s.first;
		s.last = c->last.us > s.last ? c->last.us : s.last;
	}
	return s;
}

static void few_samples_are_kept_as_they_are(void)
{
	struct columns columns = { .limit = 8 };
	for (int i = 0; i < 8; i++)
		add(&columns, 100 + i, i * i);
	CHECK_INT(columns.n, 8);
	CHECK_INT(columns.width, 0);
	CHECK_INT(columns.items[3].first.umib, 9);
	CHECK_INT(columns.items[3].n, 1);
	columns_free(&columns);
}

static void many_samples_lose_no_extreme(void)
{
	struct columns columns = { .limit = 64 };
	srand(5);
	for (int i = 0; i < 100000; i++)
		add(&columns, (int64_t)i * 1000,
		    i == 54321   ? 1000000
		    : i == 12345 ? -5
				 : rand() % 1000);
	struct summary s = sum_up(&columns);
	CHECK(columns.n <= 64 && columns.n > 16);
	CHECK_INT(s.n, 100000);
	CHECK_INT(s.high, 1000000);
	CHECK_INT(s.low, -5);
	CHECK_INT(s.first, 0);
	CHECK_INT(s.last, 99999000);
	columns_free(&columns);
}

static void batches_and_single_samples_agree(void)
{
	struct columns one = { .limit = 32 }, many = { .limit = 32 };
	struct sample samples[5000];
	srand(6);
	for (int i = 0; i < 5000; i++)
		samples[i] = (struct sample){ 1700000000000000 + i * 777, rand() % 100000 };
	for (int i = 0; i < 5000; i++)
		CHECK_INT(columns_add(&one, &samples[i], 1), 0);
	CHECK_INT(columns_add(&many, samples, 5000), 0);
	CHECK_INT(one.n, many.n);
	for (size_t i = 0; i < one.n && i < many.n; i++) {
		CHECK_INT(one.items[i].n, many.items[i].n);
		CHECK_INT(one.items[i].low.umib, many.items[i].low.umib);
		CHECK_INT(one.items[i].high.us, many.items[i].high.us);
		CHECK_INT(one.items[i].last.us, many.items[i].last.us);
	}
	columns_free(&one);
	columns_free(&many);
}

static void a_clock_that_steps_back_loses_nothing(void)
{
	struct columns columns = { .limit = 16 };
	for (int i = 0; i < 1000; i++)
		add(&columns, i < 500 ? 1000000 + i : i, i);
	struct summary s = sum_up(&columns);
	CHECK_INT(s.n, 1000);
	CHECK_INT(s.high, 999);
	CHECK_INT(s.first, 500);
	columns_free(&columns);
}

static void far_moments_overflow_nothing(void)
{
	struct columns columns = { .limit = 4 };
	for (int i = 0; i < 50; i++)
		add(&columns, i % 2 ? INT64_C(8999999999000000) : i,
		    i % 3 ? INT64_C(1000000000000000000) : -INT64_C(1000000000000000000));
	CHECK_INT(sum_up(&columns).n, 50);
	columns_free(&columns);
}

static void halving_keeps_the_extremes(void)
{
	struct columns columns = { .limit = 64 };
	for (int i = 0; i < 60; i++)
		add(&columns, i * 10, i == 30 ? 500 : i);
	columns_halve(&columns);
	columns_halve(&columns);
	CHECK_INT(columns.limit, 16);
	CHECK(columns.n <= 16);
	CHECK_INT(sum_up(&columns).high, 500);
	CHECK_INT(sum_up(&columns).n, 60);
	add(&columns, 10000, 900);
	CHECK_INT(sum_up(&columns).high, 900);
	columns_free(&columns);
}

static void a_window_has_its_neighbours(void)
{
	struct columns columns = { .limit = 64 }, part;
	for (int i = 0; i < 20; i++)
		add(&columns, i * 100, i);
	CHECK_INT(columns_within(&columns, 500, 700, 64, &part), 0);
	CHECK_INT(part.n, 5);
	CHECK_INT(part.items[0].first.us, 400);
	CHECK_INT(part.items[4].first.us, 800);
	columns_free(&part);
	CHECK_INT(columns_within(&columns, INT64_MIN, INT64_MAX, 6, &part), 0);
	CHECK(part.n <= 6);
	CHECK_INT(sum_up(&part).n, 20);
	columns_free(&part);
	columns_free(&columns);
}

int main(void)
{
	RUN(few_samples_are_kept_as_they_are);
	RUN(many_samples_lose_no_extreme);
	RUN(batches_and_single_samples_agree);
	RUN(a_clock_that_steps_back_loses_nothing);
	RUN(far_moments_overflow_nothing);
	RUN(halving_keeps_the_extremes);
	RUN(a_window_has_its_neighbours);
	return DONE();
}
