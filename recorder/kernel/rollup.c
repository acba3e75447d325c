#include "recorder/kernel/rollup.h"

#include <errno.h>

int rollup_open(void *state, pid_t pid)
{
	struct procfs *file = state;
	int r = procfs_open(file, pid, 0, "smaps_rollup");
	if (r == -ESRCH) /* the leader alone may have ended */
		r = procfs_open(file, pid, procfs_live_thread(pid), "smaps_rollup");
	if (r == 0)
		procfs_know(file);
	return r;
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
	if (r == -ESRCH && procfs_is_same(file) && procfs_take_thread(file, file->thread) == 0)
		r = fetch_once(file, text);
	if (r == -ESRCH && procfs_change_thread(file) == 0)
		r = fetch_once(file, text);
	return r;
}

void rollup_close(void *state)
{
	procfs_close(state);
}
