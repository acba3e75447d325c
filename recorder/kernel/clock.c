#include "recorder/kernel/clock.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int64_t in_ns(const struct timespec *t)
{
	return (int64_t)t->tv_sec * 1000000000 + t->tv_nsec;
}

static int64_t read_clock(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return in_ns(&t);
}

int64_t clock_now(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t clock_epoch(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t clock_cpu(void)
{
	return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

/* ---- the kernel's own ---- */

/* ns by which our time namespace is ahead: "monotonic  SECONDS  NANOSECONDS", time_namespaces(7).
 */
static int64_t read_offset(void)
{
	char text[256];
	long long seconds = 0, ns = 0;
	int fd = open("/proc/self/timens_offsets", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return sscanf(text, "monotonic %lld %lld", &seconds, &ns) == 2 ? seconds * 1000000000 + ns
								       : 0;
}

/* Not through the C library, in whose place something that was preloaded may tell another time. */
int64_t clock_kernel(void)
{
	static bool known;
	static int64_t offset;
	struct timespec t = { 0 };
	if (!known)
		offset = read_offset();
	known = true;
	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t);
	return in_ns(&t) - offset;
}

int64_t clock_ahead(void)
{
	const int64_t noise = 1000000; /* ns: what passes between the two readings, or more */
	static bool known;
	static int64_t ahead;
	if (!known)
		ahead = clock_now() - clock_kernel();
	if (!known && ahead > -noise && ahead < noise)
		ahead = 0;
	known = true;
	return ahead;
}
