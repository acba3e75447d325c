/* Unique set size: what would be freed if the process ended now. */
#include <errno.h>

#include "recorder/rollup.h"
#include "recorder/source.h"

static int uss_open(void *state, pid_t pid)
{
	return rollup_open(state, pid);
}

static int uss_read(void *state, uint64_t *bytes)
{
	static const char *const parts[] = { "Private_Clean:", "Private_Dirty:",
					     "Private_Hugetlb:" };
	char text[ROLLUP_SIZE];
	int r = rollup_read(state, text);
	if (r < 0)
		return r;
	uint64_t part, sum = 0;
	r = -ESRCH;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (procfs_parse_kb(text, parts[i], &part) == 0) {
			sum += part;
			r = 0;
		}
	if (r == 0)
		*bytes = sum;
	return r;
}

static void uss_close(void *state)
{
	procfs_close(state);
}

const struct source source_uss = {
	.name = "uss",
	.aliases = "psutil_uss",
	.summary = "unique set size: the pages that no other process shares",
	.state_size = sizeof(struct procfs),
	.costly = true,
	.open = uss_open,
	.read = uss_read,
	.close = uss_close,
};
