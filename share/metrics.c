#include "share/metrics.h"

#include <string.h>

#define DEFINE(id, word, about, ...) \
	const struct metric metric_##id = { .name = word, __VA_ARGS__ };
METRICS(DEFINE)

#define ROW(id, ...) &metric_##id,
const struct metric *const all_metrics[] = { METRICS(ROW) NULL };

static bool has_word(const char *list, const char *word)
{
	size_t n = strlen(word);
	for (const char *at = list; at && *at; at += strspn(at, " ")) {
		size_t length = strcspn(at, " ");
		if (length == n && strncmp(at, word, n) == 0)
			return true;
		at += length;
	}
	return false;
}

const struct metric *metric_find(const char *name)
{
	for (const struct metric *const *m = all_metrics; name && *m; m++)
		if (strcmp((*m)->name, name) == 0 || has_word((*m)->aliases, name))
			return *m;
	return NULL;
}

const char *metric_brief(const char *name)
{
	const struct metric *metric = metric_find(name);
	return metric ? metric->brief : name;
}

const char *metric_label(const char *name)
{
	const struct metric *metric = metric_find(name);
	return metric ? metric->label : name;
}

const char *metric_scope(const char *name)
{
	static const char *const scopes[] = {
		[METRIC_OF_GROUP] = " of the control group", [METRIC_OF_MACHINE] = " of the machine"
	};
	const struct metric *metric = metric_find(name);
	return metric ? scopes[metric->owner] : NULL;
}
