/* Preloaded: a clock that somebody has set. AHEAD: so many seconds, of the wall clock, and with
 * MONOTONIC_AHEAD of the other one too; with AHEAD_FROM only once there is a file of that name. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *t)
{
	long r = syscall(SYS_clock_gettime, clock, t);
	const char *ahead = clock == CLOCK_REALTIME    ? getenv("AHEAD")
			    : clock == CLOCK_MONOTONIC ? getenv("MONOTONIC_AHEAD")
						       : NULL;
	const char *from = getenv("AHEAD_FROM");
	if (r == 0 && ahead && (!from || access(from, F_OK) == 0))
		t->tv_sec += atol(ahead);
	return (int)r;
}
