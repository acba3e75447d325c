#include "recorder/rollup.h"

#include <errno.h>

int rollup_open(struct procfs *file, pid_t pid)
{
	return procfs_open(file, pid, 0, "smaps_rollup");
}

static int read_once(const struct procfs *file, char text[ROLLUP_SIZE])
{
	ssize_t n = procfs_read(file, text, ROLLUP_SIZE);
	return n > 0 ? 0 : n < 0 ? (int)n : -ESRCH;
}

int rollup_read(struct procfs *file, char text[ROLLUP_SIZE])
{
	int r = read_once(file, text);
	if (r != -ESRCH)
		return r;
	procfs_close(file);
	r = procfs_open(file, file->pid, file->thread, file->name);
	if (r == 0)
		r = read_once(file, text);
	if (r == -ESRCH && procfs_change_thread(file) == 0)
		r = read_once(file, text);
	return r;
}
