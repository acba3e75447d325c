#include "share/profile/loader.h"

#include <errno.h>
#include <string.h>

#include "share/profile/loading.h"
#include "share/profile/reader.h"

static const struct part *const parts[] = {
	&part_series, &part_children, &part_calls,    &part_lines,
	&part_growth, &part_values,   &part_settings, &part_marks,
};

enum { PARTS = sizeof parts / sizeof *parts, MOST_TAKERS = 2 };

struct profile_loader {
	struct loading loading;
	struct profile_reader reader;
	/* By kind, until an empty one. */
	int (*takers[PROFILE_KINDS][MOST_TAKERS + 1])(struct loading *,
						      const struct profile_record *);
};

void *copy_of(const void *items, size_t n, size_t size)
{
	void *copy = n > 0 ? malloc(n * size) : NULL;
	return copy ? memcpy(copy, items, n * size) : NULL;
}

/* ---- the run itself ---- */

static void start_run(struct loading *l)
{
	struct profile *p = &l->profile;
	for (size_t i = 0; i < PARTS; i++)
		parts[i]->begin(l);
	p->ended = false;
	p->status = PROFILE_STATUS_UNKNOWN;
	p->ended_us = p->ru_maxrss = p->start_us = 0;
	p->missed = 0;
	l->started = false;
}

static int take_command(struct loading *l, const struct profile_record *record)
{
	if (l->profile.runs++ > 0 || l->started)
		start_run(l);
	free(l->profile.command);
	l->profile.command = strdup(record->text);
	return l->profile.command ? 0 : -ENOMEM;
}

static int take_exit(struct loading *l, const struct profile_record *record)
{
	struct profile *p = &l->profile;
	p->ended = true;
	p->status = record->status;
	p->ended_us = record->at.us;
	p->ru_maxrss = record->peak;
	p->missed = record->missed;
	return 0;
}

static int copy_run(struct profile *to, const struct profile *from)
{
	to->start_us = from->start_us;
	to->runs = from->runs;
	to->ended = from->ended;
	to->status = from->status;
	to->ended_us = from->ended_us;
	to->ru_maxrss = from->ru_maxrss;
	to->missed = from->missed;
	to->flaws = from->flaws;
	to->path = strdup(from->path);
	to->command = from->command ? strdup(from->command) : NULL;
	return to->path && !to->command == !from->command ? 0 : -ENOMEM;
}

/* ---- records to those who take them ---- */

static int on_samples(void *context, const struct sample *samples, size_t n)
{
	struct profile_loader *loader = context;
	const struct profile_wish *wish = &loader->loading.wish;
	int r = series_take(&loader->loading, samples, n);
	return r == 0 && wish->also ? wish->also->samples(wish->also_context, samples, n) : r;
}

static int on_record(void *context, const struct profile_record *record)
{
	struct profile_loader *loader = context;
	const struct profile_wish *wish = &loader->loading.wish;
	int r = 0;
	for (size_t i = 0; r == 0 && loader->takers[record->kind][i]; i++)
		r = loader->takers[record->kind][i](&loader->loading, record);
	return r == 0 && wish->also ? wish->also->record(wish->also_context, record) : r;
}

static void add_taker(struct profile_loader *loader, const struct taking *taking)
{
	size_t i = 0;
	while (i < MOST_TAKERS && loader->takers[taking->kind][i])
		i++;
	if (i < MOST_TAKERS)
		loader->takers[taking->kind][i] = taking->take;
}

static void find_takers(struct profile_loader *loader)
{
	static const struct taking own[] = {
		{ PROFILE_CMDLINE, take_command },
		{ PROFILE_EXIT, take_exit },
	};
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		add_taker(loader, &own[i]);
	for (size_t i = 0; i < PARTS; i++)
		for (const struct taking *t = parts[i]->takes; t->take; t++)
			if (!parts[i]->beside || !loader->loading.wish.only_curves)
				add_taker(loader, t);
}

/* ---- the loader ---- */

int profile_loader_open(struct profile_loader **loader, const char *path,
			const struct profile_wish *wish)
{
	static const struct profile_sink sink = { on_samples, on_record };
	struct profile_loader *l = *loader = calloc(1, sizeof *l);
	if (!l)
		return -ENOMEM;
	l->reader.sink = &sink;
	l->reader.context = l;
	l->loading.profile.status = PROFILE_STATUS_UNKNOWN;
	l->loading.profile.path = strdup(path);
	if (wish)
		l->loading.wish = *wish;
	find_takers(l);
	if (l->loading.profile.path)
		return 0;
	profile_loader_free(l);
	*loader = NULL;
	return -ENOMEM;
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
	loader->loading.profile.flaws = loader->reader.flaws;
	return r;
}

int profile_loader_read(struct profile_loader *loader, struct profile_input *input)
{
	int r = profile_reader_read(&loader->reader, input);
	loader->loading.profile.flaws = loader->reader.flaws;
	return r;
}

static void settle(const struct loading *l, struct profile *p)
{
	for (size_t i = 0; i < PARTS; i++)
		if (parts[i]->settle)
			parts[i]->settle(l, p);
}

int profile_loader_snapshot(const struct profile_loader *loader, struct profile *profile)
{
	const struct loading *l = &loader->loading;
	*profile = (struct profile){ 0 };
	int r = copy_run(profile, &l->profile);
	for (size_t i = 0; i < PARTS && r == 0; i++)
		r = parts[i]->copy(profile, &l->profile);
	if (r == 0)
		settle(l, profile);
	else
		profile_free(profile);
	return r;
}

void profile_loader_finish(struct profile_loader *loader, struct profile *profile)
{
	*profile = loader->loading.profile;
	loader->loading.profile = (struct profile){ 0 };
	settle(&loader->loading, profile);
}

void profile_loader_free(struct profile_loader *loader)
{
	if (!loader)
		return;
	profile_free(&loader->loading.profile);
	for (size_t i = 0; i < PARTS; i++)
		if (parts[i]->forget)
			parts[i]->forget(&loader->loading);
	profile_reader_free(&loader->reader);
	free(loader);
}

int profile_load(struct profile *profile, const char *path, const struct profile_wish *wish)
{
	struct profile_input input;
	struct profile_loader *loader;
	*profile = (struct profile){ .status = PROFILE_STATUS_UNKNOWN };
	int r = profile_loader_open(&loader, path, wish);
	if (r < 0)
		return r;
	r = profile_open(&input, path);
	if (r == 0) {
		r = profile_loader_read(loader, &input);
		profile_close(&input);
	}
	if (r == 0)
		profile_loader_finish(loader, profile);
	profile_loader_free(loader);
	return r;
}

void profile_free(struct profile *profile)
{
	for (size_t i = 0; i < PARTS; i++)
		parts[i]->drop(profile);
	free(profile->path);
	free(profile->command);
	*profile = (struct profile){ 0 };
}
