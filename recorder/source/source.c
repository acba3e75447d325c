#include "recorder/source/source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SOURCE_LISTED(name) &source_##name,
const struct source *const sources[] = { SOURCES(SOURCE_LISTED) NULL };

static bool has_word(const char *list, const char *word)
{
	size_t n = strlen(word);
	for (const char *at = list; *at; at += strspn(at, " ")) {
		size_t length = strcspn(at, " ");
		if (length == n && strncmp(at, word, n) == 0)
			return true;
		at += length;
	}
	return false;
}

const struct source *source_find(const char *name)
{
	for (const struct source *const *s = sources; *s; s++)
		if (strcmp((*s)->name, name) == 0 || has_word((*s)->aliases, name))
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
						 (*s)->name);
}
