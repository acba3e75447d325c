#include "recorder/source/metrics.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "recorder/kernel/machine.h"
#include "share/fault.h"

/* ---- the list ---- */

/* gpu is no figure of a process: another probe records it. */
static int take_gpu(struct metrics *m)
{
	int r = m->gpu ? -EEXIST : 0;
	m->gpu = true;
	return r;
}

static int take_word(struct metrics *m, const char *word)
{
	const struct source *source = source_find(word);
	if (!source)
		return strcmp(word, "gpu") == 0 ? take_gpu(m) : -ENOENT;
	for (size_t i = 0; i < m->n; i++)
		if (m->sources[i] == source)
			return -EEXIST;
	if (m->n == METRICS_MOST)
		return -E2BIG;
	m->sources[m->n++] = source;
	return 0;
}

int metrics_parse(const char *text, struct metrics *m, char bad[METRICS_WORD])
{
	int r = 0;
	*m = (struct metrics){ .n = 0 };
	for (const char *at = text; r == 0; at++) {
		size_t n = strcspn(at, ",");
		snprintf(bad, METRICS_WORD, "%.*s", (int)(n < METRICS_WORD ? n : METRICS_WORD), at);
		r = n < METRICS_WORD ? take_word(m, bad) : -ENOENT;
		at += n;
		if (*at == '\0')
			break;
	}
	if (r == 0 && m->n == 0) /* gpu alone */
		m->sources[m->n++] = source_find("rss");
	return r;
}

bool metrics_name_gpu(const char *text)
{
	struct metrics m;
	char bad[METRICS_WORD];
	return metrics_parse(text, &m, bad) == 0 && m.gpu;
}

const struct source *metrics_first(const char *text)
{
	struct metrics m;
	char bad[METRICS_WORD];
	return metrics_parse(text, &m, bad) == 0 ? m.sources[0] : NULL;
}

static int say_wrong(const char *text, const char *bad, int error)
{
	char list[256];
	if (error == -EEXIST)
		return fault(STATUS_USAGE, "'%s' names %s twice", text, bad);
	if (error == -E2BIG)
		return fault(STATUS_USAGE, "'%s' names too many metrics", text);
	if (strcmp(bad, "tracemalloc") == 0)
		return fault(STATUS_USAGE,
			     "tracemalloc counts what Python's own allocator handed out, which is "
			     "a report of Python lines and no metric of a process; take rss");
	source_list(list, sizeof list);
	return fault(STATUS_USAGE, "there is no metric '%s'; there are %s", bad, list);
}

static int say_missing(const struct source *source)
{
	char list[256], path[MACHINE_PATH];
	machine_path(path, "/proc/self/statm");
	if (access(path, R_OK) < 0)
		return fault(STATUS_FAULT, "cannot read /proc: %s; is it mounted?",
			     strerror(errno));
	source_list(list, sizeof list);
	return fault(STATUS_FAULT, "this machine does not tell %s; it tells %s", source->name,
		     list);
}

int metrics_check(const char *text)
{
	struct metrics m;
	char bad[METRICS_WORD];
	int r = metrics_parse(text, &m, bad);
	if (r < 0)
		return say_wrong(text, bad, r);
	for (size_t i = 0; i < m.n; i++)
		if (source_try(m.sources[i]) < 0)
			return say_missing(m.sources[i]);
	return -1;
}
