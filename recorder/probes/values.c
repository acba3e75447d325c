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
#include "recorder/source/metric_list.h"
#include "share/array.h"
#include "share/fault.h"

_Static_assert((int)VALUES_MOST == (int)METRIC_LIST_MOST, "each has its place");

struct handle { /* one process' */
	pid_t pid;
	const struct source *source; /* whose state it is; NULL: not open */
	void *state;
};

/* What is read at once. */
struct reading {
	const struct source *sources[METRIC_LIST_MOST];
	uint64_t sums[METRIC_LIST_MOST];
	size_t places[METRIC_LIST_MOST]; /* of each, among those that were asked for beside MEM's */
	size_t n_sources;
	struct handle *handles; /* as far as may be in the family's order */
	size_t n;
	struct purse purse; /* of a costly one, which gets 1 % of a CPU of its own */
};

struct values {
	struct reading readings[METRIC_LIST_MOST];
	size_t n;
	bool family;                    /* sums over all of it */
	const struct source *fell_back; /* of somebody it may not be read */
};

/* ---- what is open of a process ---- */

static int open_handle(struct handle *h, const struct source *source)
{
	h->state = calloc(1, source->state_size);
	int r = h->state ? source->open(h->state, h->pid) : -ENOMEM;
	if (r == 0) {
		h->source = source;
		return 0;
	}
	free(h->state);
	h->state = NULL;
	return r;
}

static void close_handle(struct handle *h)
{
	if (h->source)
		h->source->close(h->state);
	free(h->state);
	h->source = NULL;
	h->state = NULL;
}

/* As the family does for MEM: where page tables are closed to us, the resident set is not. */
static int fall_back(struct values *v, struct reading *r, struct handle *h, int error)
{
	if ((error != -EACCES && error != -EPERM) || !r->sources[0]->metric->costly)
		return error;
	v->fell_back = r->sources[0];
	close_handle(h);
	return open_handle(h, source_find("rss"));
}

static int open_for(struct values *v, struct reading *r, struct handle *h)
{
	int error = open_handle(h, r->sources[0]);
	return error < 0 ? fall_back(v, r, h, error) : 0;
}

static struct handle *add(struct reading *r, pid_t pid)
{
	struct handle *h = array_more(&r->handles, &r->n, sizeof *h);
	if (h)
		h->pid = pid;
	return h;
}

/* The search begins behind the one that was found last, which is as a rule where it ends. */
static struct handle *find(struct reading *r, pid_t pid, size_t *from)
{
	for (size_t i = 0; i < r->n; i++) {
		size_t at = *from + i < r->n ? *from + i : *from + i - r->n;
		if (r->handles[at].pid == pid) {
			*from = at + 1 < r->n ? at + 1 : 0;
			return &r->handles[at];
		}
	}
	return NULL;
}

static void forget(struct reading *r, pid_t pid)
{
	size_t from = 0;
	struct handle *h = find(r, pid, &from);
	if (!h)
		return;
	close_handle(h);
	size_t at = (size_t)(h - r->handles);
	memmove(h, h + 1, (--r->n - at) * sizeof *h);
}

/* Adds to all sums, or to none. */
static int add_up(struct reading *r, const struct handle *h)
{
	char text[SOURCE_TEXT];
	uint64_t bytes[METRIC_LIST_MOST];
	bool shared = h->source->fetch && h->source == r->sources[0];
	int e = shared ? h->source->fetch(h->state, text) : h->source->read(h->state, bytes);
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
	struct handle *h = find(r, pid, from);
	if (!h)
		h = add(r, pid);
	if (!h || (!h->source && open_for(v, r, h) < 0))
		return false;
	int e = add_up(r, h);
	if (e < 0 && h->source == r->sources[0] && fall_back(v, r, h, e) == 0)
		e = add_up(r, h);
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
	const struct metric_list *m = &r->options.metrics;
	if (m->n < 2)
		return -ENOENT;
	v->family = r->options.tree;
	for (size_t i = 1; i < m->n; i++) {
		struct reading *reading = reading_for(v, m->sources[i]);
		reading->places[reading->n_sources] = i - 1;
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

static void put(struct recording *r, const struct reading *reading, int64_t us, bool any)
{
	for (size_t k = 0; k < reading->n_sources; k++) {
		const char *metric = reading->sources[k]->metric->name;
		r->values.items[reading->places[k]] =
			(struct value_result){ metric, any, reading->sums[k] };
		if (any)
			profile_put_value(&r->writer, metric, us, reading->sums[k]);
	}
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
		put(r, reading, us, any);
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
			close_handle(&v->readings[i].handles[k]);
		free(v->readings[i].handles);
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
