#include "plotter/export/series.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "share/array.h"
#include "share/names.h"

enum {
	AT_ONCE = 1 << 20, /* samples that are sorted in one go */
	MOST = 1 << 20,    /* series */
	KEY = 4096,
};

#define NONE SIZE_MAX

struct one {
	struct series series;
	size_t next; /* whom the same pid meant later; NONE: nobody */
};

struct grouping {
	const struct export *export;
	const struct series_sink *sink;
	void *context;
	enum profile_kind kind;
	struct names keys;
	size_t *first, n_first; /* by key */
	struct one *all;
	size_t n;
	/* Of one go: those from `from` to before `end`, each from its place on. */
	size_t from, end;
	struct sample *sorted;
	size_t *at, n_at;
	bool begun; /* of a single one that goes straight to the sink */
};

/* ---- the curve that a record is of ---- */

static const char *key_of(char key[KEY], const struct profile_record *record)
{
	if (record->kind == PROFILE_CHLD)
		snprintf(key, KEY, "%d", (int)record->pid);
	else
		snprintf(key, KEY, "%c%s", record->whole_device ? 'd' : 't',
			 record->text ? record->text : "");
	return key;
}

static int add(struct grouping *g, const struct series *series)
{
	struct one *one = array_more(&g->all, &g->n, sizeof *one);
	if (!one)
		return -ENOMEM;
	*one = (struct one){ *series, NONE };
	return 0;
}

/* The first of a key, NONE where it is new. */
static int find_key(struct grouping *g, const char *key, size_t *slot)
{
	long at = names_find(&g->keys, key, MOST);
	if (at < 0)
		return at == -ENOSPC ? -E2BIG : (int)at;
	*slot = (size_t)at;
	if (*slot < g->n_first)
		return 0;
	size_t *first = array_more(&g->first, &g->n_first, sizeof *first);
	if (!first)
		return -ENOMEM;
	*first = NONE;
	return 0;
}

static int add_child(struct grouping *g, const struct profile_child *child)
{
	char key[16];
	size_t slot = 0;
	struct series series = { .kind = PROFILE_CHLD, .pid = child->pid, .child = child };
	snprintf(key, sizeof key, "%d", (int)child->pid);
	int r = find_key(g, key, &slot);
	if (r < 0)
		return r;
	size_t last = g->first[slot];
	while (last != NONE && g->all[last].next != NONE)
		last = g->all[last].next;
	series.life = last == NONE ? 0 : g->all[last].series.life + 1;
	r = add(g, &series);
	if (r == 0 && last == NONE)
		g->first[slot] = g->n - 1;
	else if (r == 0)
		g->all[last].next = g->n - 1;
	return r;
}

static int find(struct grouping *g, const struct profile_record *record, size_t *found)
{
	char key[KEY];
	size_t slot = 0;
	int r = find_key(g, key_of(key, record), &slot);
	if (r < 0)
		return r;
	if (g->first[slot] == NONE) {
		struct series series = { .kind = record->kind,
					 .pid = record->pid,
					 .whole_device = record->whole_device };
		series.text = record->text ? g->keys.texts[slot] + 1 : NULL;
		r = add(g, &series);
		if (r < 0)
			return r;
		g->first[slot] = g->n - 1;
	}
	size_t i = g->first[slot];
	for (size_t next = g->all[i].next;
	     next != NONE && g->all[next].series.child->born <= record->at.us;
	     next = g->all[i].next)
		i = next;
	*found = i;
	return 0;
}

/* ---- one go after another ---- */

static int on_count(void *context, const struct profile_record *record)
{
	struct grouping *g = context;
	size_t i;
	if (!export_shows(g->export, record->at.us))
		return 0;
	int r = find(g, record, &i);
	if (r == 0)
		g->all[i].series.samples++;
	return r;
}

static int straight(struct grouping *g, const struct sample *samples, size_t n)
{
	return n > 0 ? g->sink->samples(g->context, samples, n) : 0;
}

static int on_sort(void *context, const struct profile_record *record)
{
	struct grouping *g = context;
	size_t i;
	if (!export_shows(g->export, record->at.us))
		return 0;
	int r = find(g, record, &i);
	if (r < 0 || i < g->from || i >= g->end)
		return r;
	if (!g->sorted)
		return straight(g, &record->at, 1);
	g->sorted[g->at[i - g->from]++] = record->at;
	return 0;
}

static int replay(struct grouping *g, int (*each)(void *, const struct profile_record *))
{
	const struct profile_sink sink = { .record = each };
	return spool_replay(g->export->spool, g->export->span, g->kind, &sink, g);
}

static int hand_on(struct grouping *g)
{
	int r = 0;
	const struct sample *at = g->sorted;
	for (size_t i = g->from; i < g->end && r == 0; i++) {
		const struct series *series = &g->all[i].series;
		if (series->samples == 0)
			continue;
		r = g->sink->begin(g->context, series);
		r = r ? r : g->sink->samples(g->context, at, series->samples);
		r = r ? r : g->sink->end(g->context);
		at += series->samples;
	}
	return r;
}

static int sort_some(struct grouping *g, uint64_t samples)
{
	g->sorted = malloc((size_t)samples * sizeof *g->sorted);
	g->at = malloc((g->end - g->from) * sizeof *g->at);
	int r = g->sorted && g->at ? 0 : -ENOMEM;
	for (size_t i = g->from, at = 0; i < g->end && r == 0; i++) {
		g->at[i - g->from] = at;
		at += g->all[i].series.samples;
	}
	r = r ? r : replay(g, on_sort);
	r = r ? r : hand_on(g);
	free(g->sorted);
	free(g->at);
	g->sorted = NULL;
	g->at = NULL;
	return r;
}

/* One that is too much by itself. */
static int stream_one(struct grouping *g)
{
	int r = g->sink->begin(g->context, &g->all[g->from].series);
	r = r ? r : replay(g, on_sort);
	return r ? r : g->sink->end(g->context);
}

static int each_go(struct grouping *g)
{
	int r = 0;
	for (g->from = 0; g->from < g->n && r == 0; g->from = g->end) {
		uint64_t samples = g->all[g->from].series.samples;
		for (g->end = g->from + 1;
		     g->end < g->n && samples + g->all[g->end].series.samples <= AT_ONCE; g->end++)
			samples += g->all[g->end].series.samples;
		if (samples > AT_ONCE)
			r = stream_one(g);
		else if (samples > 0)
			r = sort_some(g, samples);
	}
	return r;
}

/* ---- the first series, which comes in batches ---- */

static int on_batch(void *context, const struct sample *samples, size_t n)
{
	struct grouping *g = context;
	int r = 0;
	for (size_t i = 0, end; i < n && r == 0; i = end + 1) {
		for (end = i; end < n && export_shows(g->export, samples[end].us); end++)
			continue;
		if (end > i && !g->begun)
			r = g->sink->begin(g->context, &(struct series){ .kind = g->kind });
		g->begun |= end > i;
		r = r ? r : straight(g, samples + i, end - i);
	}
	return r;
}

static int each_batch(struct grouping *g)
{
	const struct profile_sink sink = { .samples = on_batch };
	int r = spool_replay(g->export->spool, g->export->span, g->kind, &sink, g);
	return r == 0 && g->begun ? g->sink->end(g->context) : r;
}

int series_each(const struct export *export, enum profile_kind kind, const struct series_sink *sink,
		void *context)
{
	struct grouping g = { .export = export, .sink = sink, .context = context, .kind = kind };
	int r = 0;
	if (kind == PROFILE_MEM)
		return each_batch(&g);
	if (export->spool->spans[export->span].counts[kind] == 0)
		return 0;
	const struct profile *p = export->profile;
	for (size_t i = 0; kind == PROFILE_CHLD && i < p->n_children && r == 0; i++)
		r = add_child(&g, &p->children[i]);
	r = r ? r : replay(&g, on_count);
	r = r ? r : each_go(&g);
	names_free(&g.keys);
	free(g.first);
	free(g.all);
	return r;
}
