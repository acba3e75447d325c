/* Virtual memory size, from /proc/PID/statm: address space, most of which may never be touched. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "recorder/kernel/procfs.h"
#include "recorder/source/source.h"

static int vms_open(void *state, pid_t pid)
{
	return procfs_open(state, pid, 0, "statm");
}

static int read_once(const struct procfs *statm, uint64_t *bytes)
{
	char text[256];
	ssize_t n = procfs_read(statm, text, sizeof text);
	if (n <= 0)
		return n < 0 ? (int)n : -ESRCH;
	uint64_t pages = strtoull(text, NULL, 10);
	*bytes = pages * (uint64_t)sysconf(_SC_PAGESIZE);
	return pages > 0 ? 0 : -ESRCH; /* a zombie reads zeros */
}

static int vms_read(void *state, uint64_t *bytes)
{
	int r = read_once(state, bytes);
	if (r == -ESRCH && procfs_change_thread(state) == 0)
		r = read_once(state, bytes);
	return r;
}

static void vms_close(void *state)
{
	procfs_close(state);
}

const struct source source_vms = {
	.metric = &metric_vms,
	.state_size = sizeof(struct procfs),
	.open = vms_open,
	.read = vms_read,
	.close = vms_close,
};
