#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "share/profile/loading.h"
#include "share/profile/reader.h"

enum { COLUMNS = 4096 };

struct profile_loader {
	struct loading loading;
	struct profile_reader reader;
	const struct profile_sink *also; /* or NULL */
	void *also_context;
};

static const struct loading_part *const parts[] = {
	&loading_children, &loading_further, &loading_calls, &loading_growth,
	&loading_lines,    &loading_notes,   &loading_card,  &loading_vram,
	&loading_bill,     &loading_heap,    &loading_ranks,
};
enum { PARTS = sizeof parts / sizeof *parts };

/* ---- the samples ---- */

int series_add(struct profile_series *series, const struct sample *samples, size_t n)
{
	if (n == 0)
		return 0;
	if (series->samples == 0)
		series->first = series->peak = samples[0];
	struct sample peak = series->peak;
	for (size_t i = 0; i < n; i++)
		if (samples[i].umib > peak.umib)
			peak = samples[i];
	series->peak = peak;
	series->last = samples[n - 1];
	series->samples += n;
	return columns_add(&series->columns, samples, n);
}

char *loading_text(const char *text)
{
	enum { LONGEST = 4096 };
	size_t n = strnlen(text, LONGEST);
	char *copy = malloc(n + sizeof "…");
	if (copy)
		strcpy(mempcpy(copy, text, n), text[n] ? "…" : "");
	return copy;
}

bool loading_shows(const struct loading *l, int64_t us)
{
	return !l->window.wanted || !l->started || (us >= l->window.from && us <= l->window.to);
}

/* Only what lies in the window, and its neighbours for the curve; these are no samples of the
 * window's own peak. */
static int add_windowed(struct loading *l, const struct sample *samples, size_t n)
{
	struct profile_series *series = &l->profile.memory;
	struct loading_memory *m = &l->memory;
	int r = 0;
	for (size_t i = 0; i < n && r == 0; i++) {
		const struct sample *sample = &samples[i];
		if (sample->us < l->window.from) {
			m->before = *sample;
			m->has_before = true;
		} else if (sample->us > l->window.to) {
			if (!m->has_after && series->samples > 0)
				r = columns_add(&series->columns, sample, 1);
			m->has_after = true;
		} else {
			if (series->samples == 0 && m->has_before)
				r = columns_add(&series->columns, &m->before, 1);
			r = r < 0 ? r : series_add(series, sample, 1);
		}
	}
	return r;
}

/* By hand: llround would make every start of the recorder load libm. */
static int64_t in_us(double seconds)
{
	double us = seconds * 1e6;
	if (us > 4e18 || us < -4e18)
		return us > 0 ? INT64_MAX / 2 : INT64_MIN / 2;
	return (int64_t)(us < 0 ? us - 0.5 : us + 0.5);
}

static int on_samples(void *context, const struct sample *samples, size_t n)
{
	struct profile_loader *loader = context;
	struct loading *l = &loader->loading;
	if (!l->started) {
		l->started = true;
		l->profile.start_us = samples[0].us;
		l->window.from = samples[0].us + in_us(l->window.from_s);
		l->window.to = samples[0].us + in_us(l->window.to_s);
	}
	l->together = samples[n - 1];
	l->round++;
	int r = l->window.wanted ? add_windowed(l, samples, n)
				 : series_add(&l->profile.memory, samples, n);
	return r == 0 && loader->also ? loader->also->samples(loader->also_context, samples, n) : r;
}

/* ---- records ---- */

static void begin_run(struct loading *l)
{
	struct profile *p = &l->profile;
	columns_free(&p->memory.columns);
	p->memory = (struct profile_series){ .columns.limit = l->columns };
	p->start_us = 0;
	for (size_t i = 0; i < PARTS; i++)
		if (parts[i]->begin)
			parts[i]->begin(l);
	l->memory = (struct loading_memory){ 0 };
	l->together = (struct sample){ 0 };
	l->started = false;
}

static int take_command(struct loading *l, const struct profile_record *record)
{
	if (l->profile.runs++ > 0 || l->started)
		begin_run(l);
	free(l->profile.command);
	l->profile.command = strdup(record->text);
	return l->profile.command ? 0 : -ENOMEM;
}

static int take(struct loading *l, const struct profile_record *record)
{
	if (record->kind == PROFILE_CMDLINE)
		return take_command(l, record);
	const struct loading_takers *takers = &l->takers[record->kind];
	int r = 0;
	for (size_t i = 0; i < takers->n && r == 0; i++)
		r = takers->takes[i](l, record);
	return r;
}

/* Told once, since it is asked at every record. */
static void choose_takers(struct loading *l)
{
	for (size_t i = 0; i < PARTS; i++)
		for (enum profile_kind kind = 0; kind < PROFILE_KINDS; kind++) {
			struct loading_takers *takers = &l->takers[kind];
			if ((l->curves && parts[i]->no_curve) || !(parts[i]->kinds >> kind & 1))
				continue;
			assert(takers->n < MOST_TAKERS);
			takers->takes[takers->n++] = parts[i]->take;
		}
}

static int on_record(void *context, const struct profile_record *record)
{
	struct profile_loader *loader = context;
	loader->loading.profile.records++;
	int r = take(&loader->loading, record);
	return r == 0 && loader->also ? loader->also->record(loader->also_context, record) : r;
}

/* ---- the loader ---- */

static const struct profile_sink sink = { on_samples, on_record };

int profile_loader_open(struct profile_loader **loader, const char *path,
			const struct profile_wish *wish)
{
	static const struct profile_wish everything = { 0 };
	const struct profile_wish *w = wish ? wish : &everything;
	struct profile_loader *made = calloc(1, sizeof *made);
	if (!made)
		return -ENOMEM;
	struct loading *l = &made->loading;
	made->reader = (struct profile_reader){ .sink = &sink, .context = made };
	made->also = w->also;
	made->also_context = w->also_context;
	l->columns = w->columns ? w->columns : COLUMNS;
	l->curves = w->curves;
	choose_takers(l);
	l->window = (struct loading_window){ w->from != w->to, w->from, w->to, 0, 0 };
	l->profile.status = PROFILE_STATUS_UNKNOWN;
	l->profile.memory.columns.limit = l->columns;
	l->profile.path = strdup(path);
	if (!l->profile.path) {
		profile_loader_free(made);
		return -ENOMEM;
	}
	*loader = made;
	return 0;
}

int profile_loader_feed(struct profile_loader *loader, const void *bytes, size_t n)
{
	enum { PIECE = 64 << 10 };
	const char *at = bytes;
	int r = 0;
	while (n > 0 && r == 0) {
		size_t piece = n < PIECE ? n : PIECE;
		char *room = profile_reader_room(&loader->reader, piece);
		if (!room)
			return -ENOMEM;
		memcpy(room, at, piece);
		r = profile_reader_take(&loader->reader, piece);
		at += piece;
		n -= piece;
	}
	return r;
}

int profile_loader_read(struct profile_loader *loader, struct profile_input *input)
{
	return profile_reader_read(&loader->reader, input);
}

int profile_loader_snapshot(struct profile_loader *loader, const struct profile **profile)
{
	struct loading *l = &loader->loading;
	int r = 0;
	for (size_t i = 0; i < PARTS && r == 0; i++)
		r = parts[i]->settle ? parts[i]->settle(l) : 0;
	l->profile.flaws = loader->reader.flaws;
	*profile = &l->profile;
	return r;
}

int profile_loader_finish(struct profile_loader *loader, struct profile *profile)
{
	const struct profile *whole;
	int r = profile_loader_snapshot(loader, &whole);
	if (r == 0) {
		*profile = *whole;
		loader->loading.profile = (struct profile){ 0 };
	}
	profile_loader_free(loader);
	return r;
}

void profile_loader_free(struct profile_loader *loader)
{
	if (!loader)
		return;
	for (size_t i = 0; i < PARTS; i++)
		if (parts[i]->forget)
			parts[i]->forget(&loader->loading);
	profile_free(&loader->loading.profile);
	profile_reader_free(&loader->reader);
	free(loader);
}

int profile_load(struct profile *profile, const char *path, const struct profile_wish *wish)
{
	struct profile_loader *loader;
	struct profile_input input;
	*profile = (struct profile){ .status = PROFILE_STATUS_UNKNOWN };
	int r = profile_loader_open(&loader, path, wish);
	if (r < 0)
		return r;
	r = profile_open(&input, path);
	if (r == 0) {
		loader->loading.profile.owner = input.owner;
		loader->loading.profile.owned = input.owned;
		r = profile_loader_read(loader, &input);
		profile_close(&input);
	}
	if (r == 0)
		return profile_loader_finish(loader, profile);
	profile_loader_free(loader);
	return r;
}

void profile_free(struct profile *profile)
{
	for (size_t i = 0; i < PARTS; i++)
		parts[i]->free(profile);
	columns_free(&profile->memory.columns);
	free(profile->path);
	free(profile->command);
	*profile = (struct profile){ 0 };
}
