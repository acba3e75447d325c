#include "recorder/library/sampling.h"

#include <errno.h>
#include <sys/prctl.h>
#include <time.h>

#include "recorder/kernel/clock.h"
#include "recorder/kernel/quiet_thread.h"
#include "recorder/library/file.h"

static const int64_t SECOND = 1000000000;

static double seconds_at(const struct mprof_recorder *r, int64_t now)
{
	return (double)(now - r->sampler.first) / 1e9;
}

static void keep(struct mprof_recorder *r, struct mprof_sample sample)
{
	if (r->samples++ == 0)
		r->baseline = sample.bytes;
	if (sample.bytes > r->highest)
		r->highest = sample.bytes;
	r->seconds = sample.seconds;
	store_add(&r->store, sample);
}

/* Without the lock while the kernel is asked: nobody waits for that. */
static void take_sample(struct mprof_recorder *r, int64_t now)
{
	uint64_t bytes;
	pthread_mutex_unlock(&r->lock);
	int64_t before = r->source->metric->costly ? clock_cpu() : 0;
	int e = family_sample(&r->family, now, &bytes);
	if (e == 0 && r->file.writer.fd >= 0) {
		profile_put_memory(&r->file.writer, sampler_epoch_us(&r->sampler, now), bytes);
		own_file_flush(&r->file);
	}
	int64_t cost = r->source->metric->costly ? clock_cpu() - before : 0;
	pthread_mutex_lock(&r->lock);
	if (e == 0)
		keep(r, (struct mprof_sample){ seconds_at(r, now), bytes });
	if (r->source->metric->costly)
		sampler_rest(&r->sampler, now, cost);
}

static void sleep_until(struct mprof_recorder *r, int64_t at)
{
	struct timespec limit = { at / SECOND, at % SECOND };
	pthread_cond_timedwait(&r->changed, &r->lock, &limit);
}

static void *record(void *argument)
{
	struct mprof_recorder *r = argument;
	prctl(PR_SET_NAME, "mprof", 0, 0, 0);
	pthread_mutex_lock(&r->lock);
	sampler_start(&r->sampler, r->options.interval);
	if (r->file.writer.fd >= 0)
		file_put_head(r, &r->file.writer);
	int64_t now = r->sampler.first;
	while (r->state != RECORDER_IS_TO_STOP) {
		int64_t left = sampler_wait(&r->sampler, now);
		if (left > 0) {
			sleep_until(r, now + left);
		} else {
			sampler_pass(&r->sampler, now);
			take_sample(r, now);
		}
		if (r->state == RECORDER_STARTS) {
			r->state = RECORDER_RUNS;
			pthread_cond_broadcast(&r->changed);
		}
		now = clock_now();
	}
	if (sampler_wait(&r->sampler, now) == 0)
		sampler_pass(&r->sampler, now); /* ticks that the end came before */
	take_sample(r, now);                    /* the end is in the picture */
	r->cpu = clock_cpu();
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

int sampling_start(struct mprof_recorder *r)
{
	return quiet_thread(&r->thread, record, r);
}
