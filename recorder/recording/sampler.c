#include "recorder/recording/sampler.h"

#include <sys/prctl.h>

#include "recorder/kernel/clock.h"

/* Both clocks at one moment: what takes us off the CPU between the two readings would be taken for
 * a clock that was set. */
static void read_both(int64_t *now, int64_t *epoch)
{
	static const int64_t SOON = 100000; /* ns */
	int64_t after;
	int tries = 5;
	do {
		*now = clock_now();
		*epoch = clock_epoch();
		after = clock_now();
	} while (after - *now > SOON && --tries > 0);
}

void sampler_start(struct sampler *s, double interval_seconds)
{
	prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL,
	      0UL); /* the default of 50 µs would be half a tick at 10 kHz */
	*s = (struct sampler){ .interval = (int64_t)(interval_seconds * 1e9 + 0.5),
			       .purse = PURSE_USUAL };
	read_both(&s->first, &s->epoch);
}

/* Less is what two readings of two clocks are apart on a machine that is busy. */
int64_t sampler_clock_moved(const struct sampler *s)
{
	static const int64_t NOTABLE = 100000000; /* ns */
	int64_t now, epoch;
	read_both(&now, &epoch);
	int64_t moved = (epoch - s->epoch) - (now - s->first);
	return moved > -NOTABLE && moved < NOTABLE ? 0 : moved;
}

int64_t sampler_epoch_us(const struct sampler *s, int64_t now)
{
	return (s->epoch + (now - s->first)) / 1000;
}

static int64_t due(const struct sampler *s)
{
	return s->first + s->next * s->interval;
}

int64_t sampler_wait(const struct sampler *s, int64_t now)
{
	int64_t at = due(s);
	if (s->purse.not_before > at)
		at = s->first +
		     (s->purse.not_before - s->first + s->interval - 1) / s->interval * s->interval;
	return at > now ? at - now : 0;
}

void sampler_pass(struct sampler *s, int64_t now)
{
	int64_t passed = (now - s->first) / s->interval; /* the last tick whose time has come */
	int64_t rested = s->purse.not_before > s->first
				 ? (s->purse.not_before - s->first + s->interval - 1) / s->interval
				 : 0;
	int64_t from = rested > s->next ? rested : s->next;
	if (passed > from)
		s->missed += (uint64_t)(passed - from);
	if ((passed - from) * s->interval > s->longest)
		s->longest = (passed - from) * s->interval;
	s->next = (passed > s->next ? passed : s->next) + 1;
}

void sampler_rest(struct sampler *s, int64_t now, int64_t cost)
{
	purse_pay(&s->purse, now, cost);
}
