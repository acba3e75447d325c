/* Resident set size, from /proc/PID/statm: exact on kernels before 6.2 to a batch of 64 faults a
 * thread, on 6.2 to 6.15 to a per-CPU batch, and to the page since. */
#include <errno.h>
#include <unistd.h>

#include "recorder/kernel/procfs.h"
#include "recorder/source/source.h"

struct rss {
	struct procfs statm;
	uint64_t page;
};

static int rss_open(void *state, pid_t pid)
{
	struct rss *rss = state;
	rss->page = (uint64_t)sysconf(_SC_PAGESIZE);
	return procfs_open(&rss->statm, pid, 0, "statm");
}

static int read_pages(const struct rss *rss, uint64_t *pages)
{
	char text[256];
	ssize_t n = procfs_read(&rss->statm, text, sizeof text);
	if (n < 0)
		return (int)n;
	if (procfs_parse_statm(text, pages) < 0 || *pages == 0)
		return -ESRCH; /* a zombie's statm reads zeros: it holds nothing any more */
	return 0;
}

static int rss_read(void *state, uint64_t *bytes)
{
	struct rss *rss = state;
	uint64_t pages;
	int r = read_pages(rss, &pages);
	if (r == -ESRCH && procfs_change_thread(&rss->statm) == 0)
		r = read_pages(rss, &pages);
	if (r == 0)
		*bytes = pages * rss->page;
	return r;
}

static void rss_close(void *state)
{
	struct rss *rss = state;
	procfs_close(&rss->statm);
}

const struct source source_rss = {
	.metric = &metric_rss,
	.state_size = sizeof(struct rss),
	.open = rss_open,
	.read = rss_read,
	.close = rss_close,
};
