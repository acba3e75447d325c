/* How many bytes does a process hold now? One file per kind of figure under source/, for the
 * metrics of share/metrics.h. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "recorder/kernel/rollup.h"
#include "share/metrics.h"

enum { SOURCE_TEXT = ROLLUP_TEXT }; /* bytes: the longest text that several figures are in */

struct source {
	const struct metric *metric; /* what it reads, and all that is to be said of that */
	size_t state_size;
	/* 0; -ENOSYS: not on this machine; -EACCES: not of this process; -ESRCH: there is no such
	 * process. */
	int (*open)(void *state, pid_t pid);
	/* 0; -ESRCH: the process is gone, or a zombie; -ENOSYS: this kernel does not tell it */
	int (*read)(void *state, uint64_t *bytes);
	void (*close)(void *state);
	/* Where several figures stand in one text, what `read` is made of, else NULL. Sources of
	 * the same `fetch` have the same state: one text serves them all. */
	int (*fetch)(void *state, char text[SOURCE_TEXT]);
	int (*pick)(const char *text, uint64_t *bytes);
};

/* One for each metric, of its identifier and in the table's order. */
#define SOURCE_DECLARE(id, ...) extern const struct source source_##id;
METRICS(SOURCE_DECLARE)
#undef SOURCE_DECLARE
extern const struct source *const sources[]; /* ends with NULL */

/* Is it of the control group or the machine: one figure for a whole family? */
static inline bool source_is_common(const struct source *source)
{
	return source->metric->owner != METRIC_OF_PROCESS;
}

/* By name or alias; NULL. */
const struct source *source_find(const char *name);

/* Can it be told of this process? 0, or why not, as read and open say it. */
int source_try(const struct source *source, pid_t pid);

/* The names of those that this machine can tell, a comma between them. */
void source_list(char *out, size_t size);
