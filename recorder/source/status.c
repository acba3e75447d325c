/* What /proc/PID/status tells in kB (proc_pid_status(5)): swap and, since Linux 4.5, the kinds of
 * resident memory. Its descriptor survives execve. RssAnon, RssFile and RssShmem add up to the RSS;
 * huge pages are in none of them. */
#include <errno.h>

#include "recorder/kernel/procfs.h"
#include "recorder/source/source.h"

static int status_open(void *state, pid_t pid)
{
	return procfs_open(state, pid, 0, "status");
}

static int fetch_once(const struct procfs *status, char text[SOURCE_TEXT])
{
	uint64_t size;
	ssize_t n = procfs_read(status, text, SOURCE_TEXT);
	if (n <= 0)
		return n < 0 ? (int)n : -ESRCH;
	return procfs_parse_kb(text, "VmSize:", &size) < 0 ? -ESRCH : 0; /* a zombie has none */
}

static int status_fetch(void *state, char text[SOURCE_TEXT])
{
	int r = fetch_once(state, text);
	if (r == -ESRCH && procfs_change_thread(state) == 0)
		r = fetch_once(state, text);
	return r;
}

static void status_close(void *state)
{
	procfs_close(state);
}

#define STATUS_SOURCE(word, key)                                            \
	static int word##_pick(const char *text, uint64_t *bytes)           \
	{                                                                   \
		return procfs_parse_kb(text, key, bytes) < 0 ? -ENOSYS : 0; \
	}                                                                   \
	static int word##_read(void *state, uint64_t *bytes)                \
	{                                                                   \
		char text[SOURCE_TEXT];                                     \
		int r = status_fetch(state, text);                          \
		return r < 0 ? r : word##_pick(text, bytes);                \
	}                                                                   \
	const struct source source_##word = {                               \
		.metric = &metric_##word,                                   \
		.state_size = sizeof(struct procfs),                        \
		.open = status_open,                                        \
		.read = word##_read,                                        \
		.close = status_close,                                      \
		.fetch = status_fetch,                                      \
		.pick = word##_pick,                                        \
	}

STATUS_SOURCE(swap, "VmSwap:");
STATUS_SOURCE(anon, "RssAnon:");
STATUS_SOURCE(file, "RssFile:");
STATUS_SOURCE(shmem, "RssShmem:");
STATUS_SOURCE(hugetlb, "HugetlbPages:");
