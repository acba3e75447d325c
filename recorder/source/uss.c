/* Unique set size: what would be freed if the process ended now. */
#include <errno.h>

#include "recorder/kernel/rollup.h"
#include "recorder/source/source.h"

static int uss_pick(const char *text, uint64_t *bytes)
{
	static const char *const parts[] = { "Private_Clean:", "Private_Dirty:",
					     "Private_Hugetlb:" };
	uint64_t part, sum = 0;
	int r = -ESRCH;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (procfs_parse_kb(text, parts[i], &part) == 0) {
			sum += part;
			r = 0;
		}
	if (r == 0)
		*bytes = sum;
	return r;
}

static int uss_read(void *state, uint64_t *bytes)
{
	char text[SOURCE_TEXT];
	int r = rollup_fetch(state, text);
	return r < 0 ? r : uss_pick(text, bytes);
}

const struct source source_uss = {
	.metric = &metric_uss,
	.state_size = sizeof(struct procfs),
	.open = rollup_open,
	.read = uss_read,
	.close = rollup_close,
	.fetch = rollup_fetch,
	.pick = uss_pick,
};
