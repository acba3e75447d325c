#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "recorder/kernel/clock.h"
#include "recorder/kernel/own_procfs.h"
#include "recorder/library/mprof-c.h"
#include "recorder/library/registry.h"
#include "recorder/source/source.h"

static int measure(pid_t pid, const struct source *source, bool tree, uint64_t *bytes)
{
	struct family family;
	family_prepare(&family, tree && !source_is_common(source) ? FAMILY_DESCENDS : FAMILY_ALONE);
	int e = family_open(&family, pid, source, NULL);
	if (e == 0)
		e = family_sample(&family, clock_now(), bytes);
	family_close(&family);
	return e;
}

int mprof_measure(int pid, const char *metric, int tree, uint64_t *bytes)
{
	const struct source *source = source_find(metric ? metric : "rss");
	int e = source ? own_procfs_check() : -EINVAL;
	if (e == 0)
		e = measure(pid, source, tree, bytes);
	if (e < 0)
		errno = -e;
	return e < 0 ? -1 : 0;
}

uint64_t mprof_rss(void)
{
	char text[256];
	uint64_t pages = 0;
	if (procfs_once(0, "thread-self/statm", text, sizeof text) > 0)
		procfs_parse_statm(text, &pages);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

uint64_t mprof_peak(void)
{
	struct rusage usage;
	return getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)usage.ru_maxrss * 1024 : 0;
}

int mprof_reset_peak(void)
{
	registry_lock();
	int e = registry_reset_peak();
	registry_unlock();
	if (e < 0)
		errno = -e;
	return e < 0 ? -1 : 0;
}
