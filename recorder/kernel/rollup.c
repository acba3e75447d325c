#include "recorder/kernel/rollup.h"

#include <errno.h>

int rollup_open(void *state, pid_t pid)
{
	return procfs_open(state, pid, 0, "smaps_rollup");
}

static int fetch_once(const struct procfs *file, char text[ROLLUP_TEXT])
{
	ssize_t n = procfs_read(file, text, ROLLUP_TEXT);
	return n > 0 ? 0 : n < 0 ? (int)n : -ESRCH;
}

int rollup_fetch(void *state, char text[ROLLUP_TEXT])
{
	struct procfs *file = state;
	int r = fetch_once(file, text);
	if (r != -ESRCH)
		return r;
	procfs_close(file);
	r = procfs_open(file, file->pid, file->thread, file->name);
	if (r == 0)
		r = fetch_once(file, text);
	if (r == -ESRCH && procfs_change_thread(file) == 0)
		r = fetch_once(file, text);
	return r;
}

void rollup_close(void *state)
{
	procfs_close(state);
}
