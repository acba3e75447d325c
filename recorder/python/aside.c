#include "recorder/python/aside.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "recorder/kernel/clock.h"
#include "recorder/kernel/quiet_thread.h"

struct aside {
	pthread_mutex_t lock;
	pthread_cond_t begun, done;
	pthread_t thread;
	bool running, leaving, busy;
	void (*work)(void *);
	void *context;
	int64_t cost;
};

struct aside *aside_new(void)
{
	pthread_condattr_t monotonic;
	struct aside *a = calloc(1, sizeof *a);
	if (!a)
		return NULL;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->begun, NULL);
	pthread_cond_init(&a->done, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return a;
}

static void *serve(void *context)
{
	struct aside *a = context;
	pthread_mutex_lock(&a->lock);
	while (!a->leaving) {
		if (!a->busy) {
			pthread_cond_wait(&a->begun, &a->lock);
			continue;
		}
		pthread_mutex_unlock(&a->lock);
		int64_t before = clock_cpu();
		a->work(a->context);
		int64_t cost = clock_cpu() - before;
		pthread_mutex_lock(&a->lock);
		a->cost = cost;
		a->busy = false;
		pthread_mutex_unlock(&a->lock);
		pthread_cond_signal(&a->done); /* who is woken is to find the lock free */
		pthread_mutex_lock(&a->lock);
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

static bool begin(struct aside *a)
{
	a->running = quiet_thread(&a->thread, serve, a) == 0;
	return a->running;
}

/* Locked. */
static int wait_for(struct aside *a, int64_t patience, int64_t *cost)
{
	const int64_t second = 1000000000, until = clock_now() + patience;
	const struct timespec end = { until / second, until % second };
	while (a->busy)
		if (pthread_cond_timedwait(&a->done, &a->lock, &end) != 0)
			break;
	*cost = a->cost;
	return a->busy ? -ETIMEDOUT : 0;
}

int aside_do(struct aside *a, void (*work)(void *), void *context, int64_t patience, int64_t *cost)
{
	int64_t before = clock_cpu();
	if (!a || (!a->running && !begin(a))) {
		work(context);
		*cost = clock_cpu() - before;
		return 0;
	}
	pthread_mutex_lock(&a->lock);
	int r = a->busy ? -EBUSY : 0;
	if (r == 0) {
		a->work = work;
		a->context = context;
		a->busy = true;
		pthread_mutex_unlock(&a->lock);
		pthread_cond_signal(&a->begun);
		pthread_mutex_lock(&a->lock);
		r = wait_for(a, patience, cost);
	}
	pthread_mutex_unlock(&a->lock);
	return r;
}

bool aside_is_busy(struct aside *a)
{
	pthread_mutex_lock(&a->lock);
	bool busy = a->busy;
	pthread_mutex_unlock(&a->lock);
	return busy;
}

void aside_cost(struct aside *a, int64_t *cost)
{
	pthread_mutex_lock(&a->lock);
	*cost = a->cost;
	pthread_mutex_unlock(&a->lock);
}

bool aside_free(struct aside *a)
{
	if (!a)
		return true;
	pthread_mutex_lock(&a->lock);
	bool busy = a->busy;
	a->leaving = true;
	pthread_cond_signal(&a->begun);
	pthread_mutex_unlock(&a->lock);
	if (busy)
		return false;
	if (a->running)
		pthread_join(a->thread, NULL);
	free(a);
	return true;
}
