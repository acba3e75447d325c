/* thread SECONDS HERTZ: CPU time of a thread that only wakes on time, and of a libmprof-c recorder
 * at the same pace, microseconds a tick; nanoseconds of a mark that nobody listens to. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

#include "recorder/library/mprof-c.h"

static int64_t read_clock(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static double seconds, hertz;

/* Sleeps as the recorder does: on a condition, so that it could be woken. */
static void *wake(void *result)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t never;
	pthread_condattr_t monotonic;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&never, &monotonic);
	prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
	int64_t next = read_clock(CLOCK_MONOTONIC);
	long ticks = (long)(seconds * hertz);
	pthread_mutex_lock(&lock);
	for (long i = 0; i < ticks; i++) {
		next += (int64_t)(1e9 / hertz);
		struct timespec at = { next / 1000000000, next % 1000000000 };
		while (pthread_cond_timedwait(&never, &lock, &at) == 0)
			;
	}
	*(double *)result = (double)read_clock(CLOCK_THREAD_CPUTIME_ID) / 1e3 / (double)ticks;
	return NULL;
}

static double recorder(void)
{
	struct mprof_options options = { .interval = 1 / hertz };
	struct mprof_summary summary;
	struct timespec t = { (time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9) };
	struct mprof_recorder *r = mprof_start(&options);
	nanosleep(&t, NULL);
	mprof_stop(r);
	mprof_summary(r, &summary);
	mprof_free(r);
	return summary.cpu * 1e6 / (double)summary.samples;
}

static double mark(void)
{
	enum { TIMES = 10000000 };
	int64_t before = read_clock(CLOCK_MONOTONIC);
	for (int i = 0; i < TIMES; i++)
		mprof_mark("x");
	return (double)(read_clock(CLOCK_MONOTONIC) - before) / TIMES;
}

int main(int argc, char *argv[])
{
	pthread_t thread;
	double bare = 0;
	seconds = argc > 1 ? atof(argv[1]) : 2;
	hertz = argc > 2 ? atof(argv[2]) : 1000;
	pthread_create(&thread, NULL, wake, &bare);
	pthread_join(thread, NULL);
	printf("%.3f %.3f", bare, recorder());
	printf(" %.2f\n", mark());
	return 0;
}
