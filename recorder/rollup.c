#include "recorder/rollup.h"

#include <errno.h>

int rollup_open(struct procfs *file, pid_t pid)
{
	int r = procfs_open(file, pid, "smaps_rollup");
	return r;
}

int rollup_read(struct procfs *file, char text[ROLLUP_SIZE])
{
	ssize_t n = procfs_read(file, text, ROLLUP_SIZE);
	if (n > 0)
		return 0;
	procfs_close(file);
	int r = rollup_open(file, file->pid);
	if (r < 0)
		return r;
	n = procfs_read(file, text, ROLLUP_SIZE);
	return n > 0 ? 0 : n < 0 ? (int)n : -ESRCH;
}
