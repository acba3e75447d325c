/* The second metric and those after it: VAL records, at the ticks at which MEM is sampled. Of the
 * processes whose sum MEM is, or of the target alone. Metrics that stand in the same file of a
 * process are read at once; those that walk page tables are left out at ticks for which they have
 * not yet earned the time. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "recorder/kernel/clock.h"
#include "recorder/recording/purse.h"
#include "recorder/recording/recording.h"
#include "recorder/source/metrics.h"
#include "share/array.h"
#include "share/fault.h"

struct figure { /* one process' */
	pid_t pid;
	const struct source *source; /* whose state it is; NULL: not open */
	void *state;
};

/* What is read at once. */
struct reading {
	const struct source *sources[METRICS_MOST];
	uint64_t sums[METRICS_MOST];
	size_t n_sources;
	struct figure *figures; /* as far as may be in the family's order */
	size_t n;
	struct purse purse; /* of a costly one, which gets 1 % of a CPU of its own */
};

struct values {
	struct reading readings[METRICS_MOST];
	size_t n;
	bool family;                    /* sums over all of it */
	const struct source *fell_back; /* of somebody it may not be read */
};

/* ---- one process' figures ---- */

static int open_figure(struct figure *f, const struct source *source)
{
	f->state = calloc(1, source->state_size);
	int r = f->state ? source->open(f->state, f->pid) : -ENOMEM;
	if (r == 0) {
		f->source = source;
		return 0;
	}
	free(f->state);
	f->state = NULL;
	return r;
}

static void close_figure(struct figure *f)
{
	if (f->source)
		f->source->close(f->state);
	free(f->state);
	f->source = NULL;
	f->state = NULL;
}

/* As the family does for MEM: where page tables are closed to us, the resident set is not. */
static int fall_back(struct values *v, struct reading *r, struct figure *f, int error)
{
	if ((error != -EACCES && error != -EPERM) || !r->sources[0]->metric->costly)
		return error;
	v->fell_back = r->sources[0];
	close_figure(f);
	return open_figure(f, source_find("rss"));
}

static int open_for(struct values *v, struct reading *r, struct figure *f)
{
	int error = open_figure(f, r->sources[0]);
	return error < 0 ? fall_back(v, r, f, error) : 0;
}

static struct figure *add(struct reading *r, pid_t pid)
{
	struct figure *f = array_more(&r->figures, &r->n, sizeof *f);
	if (f)
		f->pid = pid;
	return f;
}

/* The search begins behind the one that was found last, which is as a rule where it ends. */
static struct figure *find(struct reading *r, pid_t pid, size_t *from)
{
	for (size_t i = 0; i < r->n; i++) {
		size_t at = *from + i < r->n ? *from + i : *from + i - r->n;
		if (r->figures[at].pid == pid) {
			*from = at + 1 < r->n ? at + 1 : 0;
			return &r->figures[at];
		}
	}
	return NULL;
}

static void forget(struct reading *r, pid_t pid)
{
	size_t from = 0;
	struct figure *f = find(r, pid, &from);
	if (!f)
		return;
	close_figure(f);
	size_t at = (size_t)(f - r->figures);
	memmove(f, f + 1, (--r->n - at) * sizeof *f);
}

/* Adds to all sums, or to none. */
static int add_up(struct reading *r, const struct figure *f)
{
	char text[SOURCE_TEXT];
	uint64_t bytes[METRICS_MOST];
	bool shared = f->source->fetch && f->source == r->sources[0];
	int e = shared ? f->source->fetch(f->state, text) : f->source->read(f->state, bytes);
	for (size_t i = 0; i < r->n_sources && e == 0; i++) {
		if (shared)
			e = r->sources[i]->pick(text, &bytes[i]);
		else
			bytes[i] = bytes[0];
	}
	for (size_t i = 0; i < r->n_sources && e == 0; i++)
		r->sums[i] += bytes[i];
	return e;
}

static bool take(struct values *v, struct reading *r, pid_t pid, size_t *from)
{
	struct figure *f = find(r, pid, from);
	if (!f)
		f = add(r, pid);
	if (!f || (!f->source && open_for(v, r, f) < 0))
		return false;
	int e = add_up(r, f);
	if (e < 0 && f->source == r->sources[0] && fall_back(v, r, f, e) == 0)
		e = add_up(r, f);
	return e == 0;
}

/* ---- the hooks ---- */

static struct reading *reading_for(struct values *v, const struct source *source)
{
	for (size_t i = 0; i < v->n && source->fetch; i++)
		if (v->readings[i].sources[0]->fetch == source->fetch)
			return &v->readings[i];
	return &v->readings[v->n++];
}

static int values_open(void *state, struct recording *r)
{
	struct values *v = state;
	const struct metrics *m = &r->options.metrics;
	if (m->n < 2)
		return -ENOENT;
	v->family = r->options.tree;
	for (size_t i = 1; i < m->n; i++) {
		struct reading *reading = reading_for(v, m->sources[i]);
		reading->sources[reading->n_sources++] = m->sources[i];
		reading->purse = (struct purse)PURSE_USUAL;
	}
	return 0;
}

static void values_gone(void *state, struct recording *r, const struct member *member)
{
	struct values *v = state;
	(void)r;
	for (size_t i = 0; i < v->n; i++)
		forget(&v->readings[i], member->pid);
}

static bool sum_up(struct values *v, struct reading *r, const struct family *family)
{
	size_t from = 0, n = v->family && !source_is_common(r->sources[0]) ? family->n : 1;
	bool any = false;
	memset(r->sums, 0, sizeof r->sums);
	for (size_t i = 0; i < n; i++)
		if (family->members[i]->measured)
			any |= take(v, r, family->members[i]->pid, &from);
	return any;
}

static void values_sample(void *state, struct recording *r, int64_t now)
{
	struct values *v = state;
	for (size_t i = 0; i < v->n; i++) {
		struct reading *reading = &v->readings[i];
		bool costly = reading->sources[0]->metric->costly;
		if (costly && now < reading->purse.not_before)
			continue;
		int64_t before = costly ? clock_cpu() : 0;
		int64_t us = sampler_epoch_us(&r->sampler, costly ? clock_now() : now);
		bool any = sum_up(v, reading, &r->family);
		for (size_t k = 0; k < reading->n_sources && any; k++)
			profile_put_value(&r->writer, reading->sources[k]->metric->name, us,
					  reading->sums[k]);
		if (costly)
			purse_pay(&reading->purse, now, clock_cpu() - before);
	}
}

static int values_say(void *state, const struct recording *r, int status)
{
	const struct values *v = state;
	if (v->fell_back && !r->family.fell_back)
		warning("the %s of %s may not be read (another user's, or hidden by itself): the "
			"rss stands in its place",
			v->fell_back->metric->name, v->family ? "some processes" : "the program");
	return status;
}

static void values_close(void *state)
{
	struct values *v = state;
	for (size_t i = 0; i < v->n; i++) {
		for (size_t k = 0; k < v->readings[i].n; k++)
			close_figure(&v->readings[i].figures[k]);
		free(v->readings[i].figures);
	}
}

const struct probe probe_values = {
	.state_size = sizeof(struct values),
	.open = values_open,
	.gone = values_gone,
	.sample = values_sample,
	.say = values_say,
	.close = values_close,
};
