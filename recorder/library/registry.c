#include "recorder/library/registry.h"

#include <pthread.h>

#include "recorder/kernel/clock.h"
#include "recorder/library/own_peak.h"
#include "recorder/recording/running.h"

enum { MOST_EVENTS = 1 << 26 }; /* bytes of marks and calls kept for saving */

atomic_int registry_places = -1;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct mprof_recorder *first;
static struct running running = { .writer.fd = -1 };
static bool recorded;

/* With the lock. */
static void count_places(void)
{
	int n = recorded;
	for (struct mprof_recorder *r = first; r; r = r->next)
		n++;
	atomic_store(&registry_places, n);
}

/* ---- fork ---- */

static void before_fork(void)
{
	pthread_mutex_lock(&lock);
	for (struct mprof_recorder *r = first; r; r = r->next)
		pthread_mutex_lock(&r->lock);
}

static void after_fork(void)
{
	for (struct mprof_recorder *r = first; r; r = r->next)
		pthread_mutex_unlock(&r->lock);
	pthread_mutex_unlock(&lock);
}

static void in_child(void)
{
	for (struct mprof_recorder *r = first; r; r = r->next) {
		r->state = RECORDER_GONE;
		pthread_mutex_unlock(&r->lock);
	}
	first = NULL;
	count_places();
	pthread_mutex_unlock(&lock);
}

/* ---- the lock ---- */

static void look(void)
{
	pthread_atfork(before_fork, after_fork, in_child);
	recorded = running_open(&running) == 0;
}

void registry_lock(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, look);
	pthread_mutex_lock(&lock);
	if (atomic_load(&registry_places) < 0)
		count_places();
}

void registry_unlock(void)
{
	pthread_mutex_unlock(&lock);
}

/* ---- who is here ---- */

void registry_add(struct mprof_recorder *recorder)
{
	recorder->next = first;
	first = recorder;
	count_places();
}

void registry_remove(struct mprof_recorder *recorder)
{
	struct mprof_recorder **link = &first;
	while (*link && *link != recorder)
		link = &(*link)->next;
	if (*link)
		*link = recorder->next;
	count_places();
}

bool registry_is_recorded(void)
{
	if (recorded && !running_goes_on(&running)) {
		/* Its descriptor may be another file's by now: it is left alone. */
		recorded = false;
		count_places();
	}
	return recorded;
}

/* ---- what they are told ---- */

int64_t registry_now(void)
{
	if (registry_is_recorded())
		return running_now(&running);
	if (first)
		return sampler_epoch_us(&first->sampler, clock_now());
	return clock_epoch() / 1000;
}

static int put_in(struct mprof_recorder *r,
		  int (*put)(struct profile_writer *writer, const void *what), const void *what)
{
	int e = 0;
	if (r->events.used < MOST_EVENTS)
		e = put(&r->events, what);
	if (r->marks.writer.fd >= 0) {
		put(&r->marks.writer, what);
		int written = own_file_flush(&r->marks);
		e = e ? e : written;
	}
	return e;
}

int registry_put(int (*put)(struct profile_writer *writer, const void *what), const void *what)
{
	if (registry_is_recorded()) {
		put(&running.writer, what);
		return running_flush(&running);
	}
	int e = 0;
	for (struct mprof_recorder *r = first; r; r = r->next) {
		int one = put_in(r, put, what);
		e = e ? e : one;
	}
	return e;
}

int registry_reset_peak(void)
{
	uint64_t bytes;
	int e = own_peak_read(&bytes);
	for (struct mprof_recorder *r = first; e == 0 && r; r = r->next) {
		if (bytes > r->floor && bytes > r->known_peak)
			r->known_peak = bytes;
		r->peak_is_lost |= bytes <= r->floor;
	}
	e = e ? e : own_peak_reset();
	for (struct mprof_recorder *r = first; e == 0 && r; r = r->next)
		r->floor = 0;
	return e;
}
