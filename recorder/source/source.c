#include "recorder/source/source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LISTED(id, ...) &source_##id,
const struct source *const sources[] = { METRICS(LISTED) NULL };

const struct source *source_find(const char *name)
{
	const struct metric *metric = metric_find(name);
	for (const struct source *const *s = sources; metric && *s; s++)
		if ((*s)->metric == metric)
			return *s;
	return NULL;
}

int source_try(const struct source *source, pid_t pid)
{
	uint64_t bytes;
	void *state = calloc(1, source->state_size);
	int r = state ? source->open(state, pid) : -ENOMEM;
	if (r == 0) {
		r = source->read(state, &bytes);
		source->close(state);
	}
	free(state);
	return r;
}

void source_list(char *out, size_t size)
{
	size_t used = 0;
	*out = '\0';
	for (const struct source *const *s = sources; *s && used < size; s++)
		if (source_try(*s, getpid()) == 0)
			used += (size_t)snprintf(out + used, size - used, "%s%s", used ? ", " : "",
						 (*s)->metric->name);
}
