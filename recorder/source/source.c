#include "recorder/source/source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern const struct source source_rss, source_pss, source_uss, source_swap, source_anon,
	source_file, source_shmem, source_hugetlb, source_vms, source_cgroup, source_cgroup_anon,
	source_cgroup_file, source_system;

const struct source *const sources[] = {
	&source_rss,         &source_pss,         &source_uss,     &source_swap, &source_anon,
	&source_file,        &source_shmem,       &source_hugetlb, &source_vms,  &source_cgroup,
	&source_cgroup_anon, &source_cgroup_file, &source_system,  NULL,
};

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

int source_try(const struct source *source)
{
	uint64_t bytes;
	void *state = calloc(1, source->state_size);
	int r = state ? source->open(state, getpid()) : -ENOMEM;
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
		if (source_try(*s) == 0)
			used += (size_t)snprintf(out + used, size - used, "%s%s", used ? ", " : "",
						 (*s)->name);
}
