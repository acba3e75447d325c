#include "recorder/library/answers.h"

#include <stdlib.h>
#include <time.h>

#include "recorder/library/own_peak.h"
#include "recorder/library/registry.h"
#include "recorder/source/source.h"

bool answers_is_gone(struct mprof_recorder *r)
{
	pthread_mutex_lock(&r->lock);
	bool gone = r->state == RECORDER_GONE;
	pthread_mutex_unlock(&r->lock);
	return gone;
}

/* With both locks. True: exact. */
static bool peak_of(const struct mprof_recorder *r, uint64_t *bytes)
{
	uint64_t mark = 0;
	bool counts = r->source->metric->marked && !r->options.tree;
	bool exact = counts && !r->peak_is_lost;
	bool live = r->state != RECORDER_STOPPED && r->state != RECORDER_GONE;
	if (counts && live && (own_peak_read(&mark) < 0 || mark <= r->floor)) {
		exact = false;
		mark = 0;
	}
	*bytes = r->known_peak > mark ? r->known_peak : mark;
	*bytes = r->highest > *bytes ? r->highest : *bytes;
	return exact;
}

static double cpu_of(const struct mprof_recorder *r)
{
	clockid_t clock;
	struct timespec t;
	if (r->state == RECORDER_RUNS && pthread_getcpuclockid(r->thread, &clock) == 0 &&
	    clock_gettime(clock, &t) == 0)
		return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
	return (double)r->cpu / 1e9;
}

void answers_summary(struct mprof_recorder *r, struct mprof_summary *summary)
{
	pthread_mutex_lock(&r->lock);
	*summary = (struct mprof_summary){
		.start = (double)r->sampler.epoch / 1e9,
		.seconds = r->seconds,
		.baseline = r->baseline,
		.running = r->state == RECORDER_RUNS,
		.samples = r->samples,
		.missed = r->sampler.missed,
		.cpu = cpu_of(r),
	};
	summary->peak_is_exact = peak_of(r, &summary->peak);
	pthread_mutex_unlock(&r->lock);
}

int mprof_summary(const struct mprof_recorder *recorder, struct mprof_summary *summary)
{
	registry_lock();
	answers_summary((struct mprof_recorder *)recorder, summary);
	registry_unlock();
	return 0;
}

static size_t copy_samples(struct mprof_recorder *r, struct mprof_sample **copy)
{
	struct mprof_sample *room = realloc(*copy, store_size(&r->store) * sizeof *room);
	if (!room)
		return 0;
	*copy = room;
	return store_copy(&r->store, room);
}

size_t answers_samples(struct mprof_recorder *r, struct mprof_sample **copy,
		       const struct mprof_sample **samples)
{
	pthread_mutex_lock(&r->lock);
	size_t n = r->store.n;
	*samples = r->store.samples;
	if (r->options.most && r->state != RECORDER_STOPPED) {
		n = copy_samples(r, copy);
		*samples = n > 0 ? *copy : NULL;
	}
	pthread_mutex_unlock(&r->lock);
	return n;
}

size_t mprof_samples(const struct mprof_recorder *recorder, const struct mprof_sample **samples)
{
	struct mprof_recorder *r = (struct mprof_recorder *)recorder;
	return answers_samples(r, &r->copy, samples);
}
