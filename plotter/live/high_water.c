#include "plotter/live/high_water.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "share/number.h"
#include "share/profile/profile.h"

static bool is_of_this_host(const struct profile *p)
{
	char name[256] = "";
	const char *host = profile_setting(p, "host");
	return host && gethostname(name, sizeof name - 1) == 0 && strcmp(name, host) == 0;
}

/* A file of /proc, as a text. */
static bool read_file(char *out, size_t size, long pid, const char *name)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%ld/%s", pid, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, out, size - 1);
	if (fd >= 0)
		close(fd);
	out[n > 0 ? n : 0] = '\0';
	return n > 0;
}

static double seconds_of(clockid_t clock)
{
	struct timespec now = { 0 };
	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* When it was started, in seconds of the epoch; 0: not known. */
static double started(long pid)
{
	enum { BEFORE = 19 }; /* fields between the name's bracket and the start */
	char stat[1024];
	const char *at = read_file(stat, sizeof stat, pid, "stat") ? strrchr(stat, ')') : NULL;
	for (int i = 0; at && i <= BEFORE; i++)
		at = strchr(at + 1, ' ');
	long hertz = sysconf(_SC_CLK_TCK);
	if (!at || hertz <= 0)
		return 0;
	return seconds_of(CLOCK_REALTIME) - seconds_of(CLOCK_BOOTTIME) +
	       strtod(at + 1, NULL) / (double)hertz;
}

/* A number is used again: who bears it must have been started as the recording was. One that ran
 * before may have held its most before anybody looked. */
static bool is_the_one(const struct profile *p, long pid)
{
	const double near = 0.5; /* seconds */
	const char *start = profile_setting(p, "start");
	double recorded, process;
	if (!start || number_decimal(start, &recorded) < 0)
		return false;
	process = started(pid);
	return process > recorded - near && process < recorded + near;
}

bool high_water_read(const struct profile *p, int64_t *umib)
{
	char status[4096];
	const char *pid_text = profile_setting(p, "pid");
	long pid;
	if (!pid_text || number_whole(pid_text, &pid) < 0 || pid <= 0 || !is_of_this_host(p) ||
	    !is_the_one(p, pid) || !read_file(status, sizeof status, pid, "status"))
		return false;
	const char *line = strstr(status, "\nVmHWM:");
	if (!line)
		return false;
	*umib = sample_umib(strtoull(line + strlen("\nVmHWM:"), NULL, 10) * 1024);
	return *umib > 0;
}
