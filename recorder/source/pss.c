/* Proportional set size: each shared page counted by its share. Sums over a tree are honest. */
#include <errno.h>

#include "recorder/kernel/rollup.h"
#include "recorder/source/source.h"

static int pss_pick(const char *text, uint64_t *bytes)
{
	return procfs_parse_kb(text, "Pss:", bytes) < 0 ? -ESRCH : 0;
}

static int pss_read(void *state, uint64_t *bytes)
{
	char text[SOURCE_TEXT];
	int r = rollup_fetch(state, text);
	return r < 0 ? r : pss_pick(text, bytes);
}

const struct source source_pss = {
	.metric = &metric_pss,
	.state_size = sizeof(struct procfs),
	.open = rollup_open,
	.read = pss_read,
	.close = rollup_close,
	.fetch = rollup_fetch,
	.pick = pss_pick,
};
