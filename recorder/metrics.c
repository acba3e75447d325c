#include "recorder/metrics.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/probe.h"
#include "recorder/record.h"
#include "recorder/watch.h"
#include "share/array.h"
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
	char list[256];
	if (access("/proc/self/statm", R_OK) < 0)
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

/* ---- the second metric and those after it ---- */

struct figure { /* one process' */
	pid_t pid;
	void *state;
};

struct series {
	const struct source *source;
	struct figure *figures; /* of a common source one, the target's */
	size_t n;
	struct sampler pace; /* of a costly one, which gets 1 % of a CPU of its own */
};

struct beside {
	struct series series[METRICS_MOST];
	size_t n;
	bool family; /* sums over all of them */
};

static bool knows(const struct series *s, pid_t pid)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->figures[i].pid == pid)
			return true;
	return false;
}

/* One that may not be read is left out of the sum. */
static void add(struct series *s, pid_t pid)
{
	void *state = calloc(1, s->source->state_size);
	if (!state || s->source->open(state, pid) < 0) {
		free(state);
		return;
	}
	struct figure *figure = array_more(&s->figures, &s->n, sizeof *figure);
	if (!figure) {
		s->source->close(state);
		free(state);
		return;
	}
	*figure = (struct figure){ pid, state };
}

static void forget(struct series *s, size_t at)
{
	s->source->close(s->figures[at].state);
	free(s->figures[at].state);
	s->figures[at] = s->figures[--s->n];
}

static int metrics_open(void *state, struct watch *w)
{
	struct beside *b = state;
	struct metrics m;
	char bad[METRICS_WORD];
	if (metrics_parse(w->options->metric, &m, bad) < 0 || m.n < 2)
		return -ENOENT;
	b->family = w->options->tree;
	for (size_t i = 1; i < m.n; i++) {
		struct series *s = &b->series[b->n++];
		s->source = m.sources[i];
		add(s, w->target->pid);
	}
	return 0;
}

/* Told again when one has called exec. */
static void metrics_born(void *state, struct watch *w, const struct member *member)
{
	struct beside *b = state;
	(void)w;
	for (size_t i = 0; i < b->n && b->family; i++)
		if (!b->series[i].source->common && !knows(&b->series[i], member->pid))
			add(&b->series[i], member->pid);
}

static void metrics_gone(void *state, struct watch *w, const struct member *member)
{
	struct beside *b = state;
	(void)w;
	for (size_t i = 0; i < b->n; i++)
		for (size_t k = b->series[i].n; k-- > 0;)
			if (b->series[i].figures[k].pid == member->pid)
				forget(&b->series[i], k);
}

static bool sum_up(struct series *s, const struct family *family, uint64_t *sum)
{
	bool any = false;
	*sum = 0;
	for (size_t i = 0; i < s->n; i++) {
		uint64_t bytes;
		if (family_counts_twice(family, s->figures[i].pid) ||
		    s->source->read(s->figures[i].state, &bytes) < 0)
			continue;
		*sum += bytes;
		any = true;
	}
	return any;
}

static void metrics_sample(void *state, struct watch *w, int64_t now)
{
	struct beside *b = state;
	for (size_t i = 0; i < b->n; i++) {
		struct series *s = &b->series[i];
		uint64_t sum;
		if (s->source->costly && now < s->pace.not_before)
			continue;
		int64_t before = s->source->costly ? sampler_cpu() : 0;
		int64_t at = s->source->costly ? sampler_now() : now;
		if (sum_up(s, w->family, &sum))
			profile_put_value(w->writer, s->source->name,
					  sampler_epoch_us(&w->sampler, at), sum);
		if (s->source->costly)
			sampler_rest(&s->pace, now, sampler_cpu() - before);
	}
}

static void metrics_close(void *state)
{
	struct beside *b = state;
	for (size_t i = 0; i < b->n; i++) {
		while (b->series[i].n > 0)
			forget(&b->series[i], 0);
		free(b->series[i].figures);
	}
}

extern const struct probe probe_metrics;
const struct probe probe_metrics = {
	.name = "metrics",
	.state_size = sizeof(struct beside),
	.open = metrics_open,
	.born = metrics_born,
	.gone = metrics_gone,
	.sample = metrics_sample,
	.close = metrics_close,
};
