/* The machine: what of its memory is not to be had for a new program, MemTotal less MemAvailable of
 * /proc/meminfo. The kernel's own estimate. */
#include <errno.h>

#include "recorder/kernel/procfs.h"
#include "recorder/source/source.h"

static int system_open(void *state, pid_t pid)
{
	(void)pid;
	return procfs_open(state, 0, 0, "meminfo");
}

static int system_read(void *state, uint64_t *bytes)
{
	char text[SOURCE_TEXT];
	uint64_t total, available;
	ssize_t n = procfs_read(state, text, sizeof text);
	if (n <= 0 || procfs_parse_kb(text, "MemTotal:", &total) < 0 ||
	    procfs_parse_kb(text, "MemAvailable:", &available) < 0)
		return -ENOSYS;
	*bytes = total > available ? total - available : 0;
	return 0;
}

static void system_close(void *state)
{
	procfs_close(state);
}

const struct source source_system = {
	.metric = &metric_system,
	.state_size = sizeof(struct procfs),
	.open = system_open,
	.read = system_read,
	.close = system_close,
};
