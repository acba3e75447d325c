#include "recorder/source.h"

#include <string.h>

extern const struct source source_rss, source_pss, source_uss;

const struct source *const sources[] = { &source_rss, &source_pss, &source_uss, NULL };

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
