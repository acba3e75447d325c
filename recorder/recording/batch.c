#include "recorder/recording/batch.h"

#include "recorder/kernel/limit.h"
#include "recorder/recording/recording.h"

static const int64_t MOST_WAIT = 1000000000, HASTE = 60000000000; /* ns */
enum { MOST_BYTES = 256 << 10, HIGHER = 1 /* percent */ };

static bool is_near_limit(const struct recording *r)
{
	uint64_t used = r->memory.bytes > r->limit.used ? r->memory.bytes : r->limit.used;
	return limit_is_near(r->limit.bytes, used);
}

static bool is_new_peak(const struct recording *r)
{
	return r->memory.peak > r->batch.peak + r->batch.peak / 100 * HIGHER;
}

/* Would the first of them be too old at the next tick? */
static bool is_due(const struct recording *r, int64_t now)
{
	return now + sampler_wait(&r->sampler, now) - r->batch.since >= MOST_WAIT ||
	       r->writer.used > MOST_BYTES;
}

static void write_all(struct recording *r)
{
	r->batch.since = 0;
	r->batch.peak = r->memory.peak;
	profile_flush(&r->writer);
}

void batch_flush(struct recording *r, int64_t now)
{
	struct batch *b = &r->batch;
	b->since = b->since ? b->since : now;
	if (!b->on || now < b->hasty || is_due(r, now) || is_new_peak(r) || is_near_limit(r))
		write_all(r);
}

void batch_hurry(struct recording *r, int64_t now)
{
	if (!r->batch.on)
		return;
	r->batch.hasty = now + HASTE;
	write_all(r);
}
