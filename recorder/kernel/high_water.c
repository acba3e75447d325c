#include "recorder/kernel/high_water.h"

#include <errno.h>
#include <string.h>

int high_water_open(struct high_water *mark, pid_t pid, bool reset)
{
	*mark = (struct high_water){ .clear.fd = -1 };
	int r = procfs_open(&mark->status, pid, 0, "status");
	if (r == 0 && reset && procfs_open_to_write(&mark->clear, pid, "clear_refs") < 0)
		mark->clear.name = NULL;
	return r;
}

bool high_water_is_reset(const struct high_water *mark)
{
	return mark->clear.name != NULL;
}

/* Between the two nothing is done: what grows and shrinks again in here is lost. */
static int take(struct high_water *mark, char *text, size_t size, uint64_t *bytes)
{
	ssize_t n = procfs_read(&mark->status, text, size);
	if (n < 0)
		return (int)n;
	if (high_water_is_reset(mark) && procfs_write(&mark->clear, "5") < 0)
		mark->clear.name = NULL;
	return procfs_parse_kb(text, "VmHWM:", bytes) == 0 ? 0 : -ESRCH;
}

/* The first line is its name. */
static bool has_changed(struct high_water *mark, const char *text)
{
	size_t n = strcspn(text, "\n");
	n = n < sizeof mark->name - 1 ? n : sizeof mark->name - 1;
	if (strncmp(mark->name, text, n) == 0 && mark->name[n] == '\0')
		return false;
	bool had_one = *mark->name;
	memcpy(mark->name, text, n);
	mark->name[n] = '\0';
	return had_one;
}

/* Both files are of one thread: an order that is given to one that has ended is lost in silence.
 * Threads have names of their own, so that another name is no exec; but a leader that had ended and
 * lives is one. */
static int change_thread(struct high_water *mark)
{
	pid_t before = mark->status.thread;
	int r = procfs_change_thread(&mark->status);
	if (r < 0)
		return r;
	bool executed = before != 0 && before != mark->status.pid &&
			mark->status.thread == mark->status.pid;
	strcpy(mark->name, executed ? "?" : "");
	if (high_water_is_reset(mark) && procfs_take_thread(&mark->clear, mark->status.thread) < 0)
		mark->clear.name = NULL;
	return 0;
}

int high_water_read(struct high_water *mark, uint64_t *most)
{
	char text[4096];
	uint64_t bytes, huge = 0;
	int r = take(mark, text, sizeof text, &bytes);
	if (r == -ESRCH && (r = change_thread(mark)) == 0)
		r = take(mark, text, sizeof text, &bytes);
	if (r < 0)
		return r;
	mark->changed =
		has_changed(mark, text) || (!high_water_is_reset(mark) && bytes < mark->last);
	*most = high_water_is_reset(mark) || bytes > mark->highest ? bytes : 0;
	if (procfs_parse_kb(text, "HugetlbPages:", &huge) == 0 && huge > mark->huge)
		mark->huge = huge;
	procfs_parse_kb(text, "VmPeak:", &mark->addresses);
	mark->last = bytes;
	mark->highest = bytes > mark->highest ? bytes : mark->highest;
	return 0;
}

void high_water_close(struct high_water *mark)
{
	procfs_close(&mark->status);
	procfs_close(&mark->clear);
}
