#include "recorder/source/metric_list.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "recorder/kernel/own_procfs.h"
#include "share/fault.h"

/* ---- the list ---- */

/* They are no figures of a process: other probes record them. */
static int take_other(struct metric_list *m, const char *word)
{
	bool *other = strcmp(word, "gpu") == 0    ? &m->gpu
		      : strcmp(word, "bill") == 0 ? &m->bill
						  : NULL;
	int r = !other ? -ENOENT : *other ? -EEXIST : 0;
	if (other)
		*other = true;
	return r;
}

static int take_word(struct metric_list *m, const char *word)
{
	const struct source *source = source_find(word);
	if (!source)
		return take_other(m, word);
	for (size_t i = 0; i < m->n; i++)
		if (m->sources[i] == source)
			return -EEXIST;
	if (m->n == METRIC_LIST_MOST)
		return -E2BIG;
	m->sources[m->n++] = source;
	return 0;
}

int metric_list_parse(const char *text, struct metric_list *m)
{
	*m = (struct metric_list){ .text = text };
	for (const char *at = text; m->error == 0; at++) {
		size_t n = strcspn(at, ",");
		snprintf(m->wrong, METRIC_LIST_WORD, "%.*s",
			 (int)(n < METRIC_LIST_WORD ? n : METRIC_LIST_WORD), at);
		m->error = n < METRIC_LIST_WORD ? take_word(m, m->wrong) : -ENOENT;
		at += n;
		if (*at == '\0')
			break;
	}
	if (m->error == 0 && m->n == 0) /* gpu or bill alone */
		m->sources[m->n++] = &source_rss;
	return m->error;
}

bool metric_list_has_group(const struct metric_list *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->sources[i]->metric->owner == METRIC_OF_GROUP)
			return true;
	return false;
}

static int say_wrong(const struct metric_list *m)
{
	char list[256];
	if (m->error == -EEXIST)
		return fault(STATUS_USAGE, "'%s' names %s twice", m->text, m->wrong);
	if (m->error == -E2BIG)
		return fault(STATUS_USAGE, "'%s' names too many metrics", m->text);
	if (strcmp(m->wrong, "tracemalloc") == 0)
		return fault(STATUS_USAGE,
			     "tracemalloc counts what Python's own allocator handed out, which is "
			     "a report of Python lines and no metric of a process; take rss");
	source_list(list, sizeof list);
	return fault(STATUS_USAGE, "there is no metric '%s'; there are %s", m->wrong, list);
}

static int say_no_procfs(int error)
{
	if (error == -EXDEV)
		return fault(
			STATUS_FAULT,
			"/proc is that of another PID namespace, where each number means "
			"another process; mount our own over it: unshare --mount-proc, or mount "
			"-t proc proc /proc");
	return fault(STATUS_FAULT, "cannot read /proc: %s; is it mounted?", strerror(-error));
}

static int say_missing(const struct source *source)
{
	char list[256];
	source_list(list, sizeof list);
	return fault(STATUS_FAULT, "this machine does not tell %s; it tells %s",
		     source->metric->name, list);
}

int metric_list_check(const struct metric_list *m)
{
	if (m->error)
		return say_wrong(m);
	int r = own_procfs_check();
	if (r < 0)
		return say_no_procfs(r);
	for (size_t i = 0; i < m->n; i++)
		if (source_try(m->sources[i], getpid()) < 0)
			return say_missing(m->sources[i]);
	return -1;
}
