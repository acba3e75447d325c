#include "recorder/recording/sampler.h"

#include "recorder/kernel/clock.h"
#include "tests/check.h"

static const int64_t MS = 1000000;

static struct sampler every(int64_t interval)
{
	return (struct sampler){ .interval = interval,
				 .first = 1000 * MS,
				 .epoch = INT64_C(1700000000) * 1000 * MS,
				 .purse = PURSE_USUAL };
}

static void a_clock_that_was_set_is_told(void)
{
	struct sampler s;
	sampler_start(&s, 0.1);
	CHECK_INT(sampler_clock_moved(&s), 0);
	s.epoch -= 3600 * 1000 * MS;
	CHECK(sampler_clock_moved(&s) > 3599 * 1000 * MS);
	s.epoch += 7200 * 1000 * MS;
	CHECK(sampler_clock_moved(&s) < -3599 * 1000 * MS);
}

static void ticks_are_counted_from_the_first(void)
{
	struct sampler s = every(100 * MS);
	CHECK_INT(sampler_wait(&s, 1000 * MS), 0);
	sampler_pass(&s, 1000 * MS);
	CHECK_INT(sampler_wait(&s, 1030 * MS), 70 * MS);
	sampler_pass(&s, 1107 * MS); /* seven late: the next is not */
	CHECK_INT(sampler_wait(&s, 1107 * MS), 93 * MS);
	CHECK_INT(s.missed, 0);
}

static void a_tick_slept_through_is_missed(void)
{
	struct sampler s = every(100 * MS);
	sampler_pass(&s, 1000 * MS);
	sampler_pass(&s, 1350 * MS); /* ticks at 1100 and 1200 are gone, 1300 is taken */
	CHECK_INT(s.missed, 2);
	CHECK_INT(sampler_wait(&s, 1350 * MS), 50 * MS);
}

static void samples_keep_their_distances(void)
{
	struct sampler s = every(100 * MS);
	CHECK_INT(sampler_epoch_us(&s, 1000 * MS), 1700000000000000);
	CHECK_INT(sampler_epoch_us(&s, 1250 * MS), 1700000000250000);
}

static void costly_samples_rest_on_purpose(void)
{
	int taken = 0;
	struct sampler s = every(10 * MS);
	sampler_pass(&s, 1000 * MS);
	for (int i = 1; i < 2000; i++) { /* 1 ms of work in each 10 ms: ten times too much */
		int64_t now = (1000 + 10 * i) * MS;
		if (sampler_wait(&s, now) > 0)
			continue;
		sampler_pass(&s, now);
		sampler_rest(&s, now, 1 * MS);
		taken++;
	}
	/* 1 % of 20 s is 200 samples, and what has been saved may be spent at once. */
	CHECK(taken >= 180 && taken <= 260);
	CHECK_INT(s.missed, 0);
}

static void the_clock_is_monotonic(void)
{
	struct sampler s;
	sampler_start(&s, 0.25);
	CHECK_INT(s.interval, 250 * MS);
	int64_t now = clock_now();
	CHECK(now >= s.first);
	CHECK(clock_now() >= now);
	CHECK(s.epoch > INT64_C(1600000000) * 1000 * MS);
}

int main(void)
{
	RUN(a_clock_that_was_set_is_told);
	RUN(ticks_are_counted_from_the_first);
	RUN(a_tick_slept_through_is_missed);
	RUN(samples_keep_their_distances);
	RUN(costly_samples_rest_on_purpose);
	RUN(the_clock_is_monotonic);
	return DONE();
}
