/* Proportional set size: each shared page counted by its share. Sums over a tree are honest. */
#include <errno.h>

#include "recorder/rollup.h"
#include "recorder/source.h"

static int pss_open(void *state, pid_t pid)
{
	return rollup_open(state, pid);
}

static int pss_read(void *state, uint64_t *bytes)
{
	char text[ROLLUP_SIZE];
	int r = rollup_read(state, text);
	if (r < 0)
		return r;
	return procfs_parse_kb(text, "Pss:", bytes) < 0 ? -ESRCH : 0;
}

static void pss_close(void *state)
{
	procfs_close(state);
}

const struct source source_pss = {
	.name = "pss",
	.aliases = "psutil_pss",
	.summary = "proportional set size: shared pages divided among those that share them",
	.state_size = sizeof(struct procfs),
	.costly = true,
	.open = pss_open,
	.read = pss_read,
	.close = pss_close,
};
