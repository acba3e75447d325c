#include "share/growth/table.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "share/array.h"
#include "share/growth/names.h"
#include "share/names.h"
#include "share/profile/kinds.h"
#include "share/profile/sum.h"

enum { MOST = 1 << 20 };

size_t growth_charged(const struct growth *g, size_t frame, enum growth_to to)
{
	if (frame == 0 || (growth_is_unplaced(&g->frames[frame]) && g->users[frame] == 0))
		return 0;
	if (to == GROWTH_TO_INNERMOST)
		return frame;
	return g->users[frame] ? g->users[frame] : GROWTH_NOT_USERS;
}

const char *growth_how(const struct growth_row *row)
{
	bool late = 2 * (row->late + row->polled) > row->grew;
	return profile_hows[growth_is_polled(row) ? PROFILE_POLLED
			    : late                ? PROFILE_LATE
						  : PROFILE_FAULT];
}

/* ---- rows ---- */

struct making {
	const struct growth *growth;
	struct growth_table *table;
	enum growth_by by;
	struct names keys; /* of the rows */
};

char *growth_row_key(char key[GROWTH_KEY], const struct growth *g, const struct growth_row *row,
		     enum growth_by by)
{
	char module[GROWTH_NAME], *all = key;
	size_t frame = row->frame;
	int n = row->thread ? snprintf(key, GROWTH_KEY, "<%d %d> ", (int)row->pid, (int)row->thread)
			    : 0;
	key += n;
	if (frame == 0 || frame == GROWTH_NOT_USERS) {
		snprintf(key, GROWTH_KEY - 64, "%s", frame == 0 ? "" : "-");
		return all;
	}
	const struct profile_frame *f = &g->frames[frame];
	switch (by) {
	case GROWTH_BY_LINE:
		snprintf(key, GROWTH_KEY - 64, "%zu %d %s", f->path, f->line, f->function);
		break;
	case GROWTH_BY_FUNCTION:
		snprintf(key, GROWTH_KEY - 64, "%zu %s", f->path, f->function);
		break;
	case GROWTH_BY_FILE: snprintf(key, GROWTH_KEY - 64, "%zu", f->path); break;
	default: snprintf(key, GROWTH_KEY - 64, "%s", growth_module(module, g, f->path));
	}
	return all;
}

static int add(struct making *m, const struct growth_row *what)
{
	char key[GROWTH_KEY];
	struct growth_table *t = m->table;
	long at = names_find(&m->keys, growth_row_key(key, m->growth, what, m->by), MOST);
	if (at < 0)
		return -ENOMEM;
	if ((size_t)at == t->n) {
		struct growth_row *made = array_more(&t->rows, &t->n, sizeof *made);
		if (!made)
			return -ENOMEM;
		*made = (struct growth_row){ .frame = what->frame,
					     .pid = what->pid,
					     .thread = what->thread };
	}
	struct growth_row *row = &t->rows[at];
	row->net = sum_of(row->net, what->net);
	row->grew = sum_of(row->grew, what->grew);
	row->at_peak = sum_of(row->at_peak, what->at_peak);
	row->polled = sum_of(row->polled, what->polled);
	row->late = sum_of(row->late, what->late);
	row->waits = sum_of(row->waits, what->waits);
	row->copied = sum_of(row->copied, what->copied);
	row->steps += what->steps;
	return 0;
}

static int add_thread(struct growth_table *t, const struct profile_thread *thread)
{
	struct growth_row *row = array_more(&t->rows, &t->n, sizeof *row);
	if (!row)
		return -ENOMEM;
	*row = (struct growth_row){
		.pid = thread->pid,
		.thread = thread->thread,
		.net = thread->net,
		.grew = thread->grew,
		.polled = thread->polled,
		.late = thread->late,
		.at_peak = thread->at_peak,
		.steps = thread->steps,
	};
	return 0;
}

/* ---- order ---- */

static int descending(int64_t a, int64_t b)
{
	return (a < b) - (a > b);
}

static int64_t magnitude(int64_t value)
{
	return value < 0 ? -value : value;
}

/* The last word makes the order one and the same everywhere. */
static int by_frame(const struct growth_row *a, const struct growth_row *b)
{
	if (a->frame != b->frame)
		return a->frame < b->frame ? -1 : 1;
	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	return (a->thread > b->thread) - (a->thread < b->thread);
}

static int by_growth(const void *a, const void *b)
{
	const struct growth_row *x = a, *y = b;
	int order = descending(x->grew, y->grew);
	order = order ? order : descending(x->net, y->net);
	return order ? order : by_frame(x, y);
}

static int by_peak(const void *a, const void *b)
{
	const struct growth_row *x = a, *y = b;
	int order = descending(x->at_peak, y->at_peak);
	return order ? order : by_frame(x, y);
}

static int by_change(const void *a, const void *b)
{
	const struct growth_row *x = a, *y = b;
	int order = descending(magnitude(x->net), magnitude(y->net));
	return order ? order : by_frame(x, y);
}

static int by_copied(const void *a, const void *b)
{
	const struct growth_row *x = a, *y = b;
	int order = descending(x->copied, y->copied);
	return order ? order : by_frame(x, y);
}

static void sort(struct growth_table *t, int (*order)(const void *, const void *))
{
	if (t->n > 1)
		qsort(t->rows, t->n, sizeof *t->rows, order);
}

void growth_table_sort_by_copied(struct growth_table *t)
{
	sort(t, by_copied);
}

void growth_table_sort_by_peak(struct growth_table *t)
{
	sort(t, by_peak);
}

void growth_table_sort_by_change(struct growth_table *t)
{
	sort(t, by_change);
}

/* ---- tables ---- */

static int finish(struct making *m, int r)
{
	struct growth_table *t = m->table;
	names_free(&m->keys);
	if (r < 0) {
		growth_table_free(t);
		return r;
	}
	for (size_t i = 0; i < t->n; i++) {
		t->net = sum_of(t->net, t->rows[i].net);
		t->grew = sum_of(t->grew, t->rows[i].grew);
		t->steps += t->rows[i].steps;
	}
	sort(t, by_growth);
	return 0;
}

/* The row of what a frame stands for, without figures. The innermost code is the same in whatever
 * thread it ran. */
struct growth_row growth_row_of(const struct growth *g, size_t frame, enum growth_to to)
{
	const struct profile_frame *f = &g->frames[frame];
	size_t charged = growth_charged(g, frame, to);
	bool parted = charged && f->thread && (to == GROWTH_TO_USER || !f->native);
	return (struct growth_row){ .frame = charged,
				    .pid = parted ? f->pid : 0,
				    .thread = parted ? f->thread : 0 };
}

static int add_frame(struct making *m, size_t frame, enum growth_to to)
{
	const struct profile_frame *f = &m->growth->frames[frame];
	struct growth_row row = growth_row_of(m->growth, frame, to);
	row.net = f->net;
	row.grew = f->grew;
	row.polled = f->polled;
	row.late = f->late;
	row.waits = to == GROWTH_TO_USER && m->growth->waits[frame] ? f->grew : 0;
	row.at_peak = f->at_peak;
	row.steps = f->steps;
	return f->steps > 0 ? add(m, &row) : 0;
}

int growth_table_make(struct growth_table *table, const struct growth *g, enum growth_by by,
		      enum growth_to to)
{
	struct making making = { g, table, by, { 0 } };
	int r = 0;
	*table = (struct growth_table){ 0 };
	for (size_t i = 0; by == GROWTH_BY_THREAD && i < g->n_threads && r == 0; i++)
		r = add_thread(table, &g->threads[i]);
	for (size_t i = 0; by != GROWTH_BY_THREAD && i < g->n_frames && r == 0; i++)
		r = add_frame(&making, i, to);
	return finish(&making, r);
}

int growth_table_of_copies(struct growth_table *table, const struct growth *g, enum growth_to to)
{
	struct making making = { g, table, GROWTH_BY_LINE, { 0 } };
	int r = 0;
	*table = (struct growth_table){ 0 };
	for (size_t i = 0; i < g->n_frames && r == 0; i++) {
		struct growth_row row = growth_row_of(g, i, to);
		row.copied = g->frames[i].copied;
		r = row.copied > 0 ? add(&making, &row) : 0;
	}
	r = finish(&making, r);
	if (r == 0)
		growth_table_sort_by_copied(table);
	return r;
}

int growth_table_of_steps(struct growth_table *table, const struct growth *g, enum growth_by by,
			  enum growth_to to, size_t first, size_t end)
{
	struct making making = { g, table, by, { 0 } };
	int r = 0;
	*table = (struct growth_table){ 0 };
	for (size_t i = first; i < end && r == 0; i++) {
		const struct profile_step *step = &g->steps[i];
		struct growth_row row = growth_row_of(g, step->frame, to);
		row.net = step->delta;
		row.grew = step->delta > 0 ? step->delta : 0;
		row.polled = growth_step_is_polled(step) ? row.grew : 0;
		row.late = step->how == PROFILE_LATE ? row.grew : 0;
		row.waits = to == GROWTH_TO_USER && g->waits[step->frame] ? row.grew : 0;
		row.steps = 1;
		r = add(&making, &row);
	}
	return finish(&making, r);
}

int growth_table_of_vram(struct growth_table *table, const struct growth *g,
			 const struct profile_vram *vram, size_t device, enum growth_by by)
{
	struct making making = { g, table, by, { 0 } };
	int r = 0;
	*table = (struct growth_table){ 0 };
	for (size_t i = 0; i < vram->n_taken && r == 0; i++) {
		const struct profile_taken *taken = &vram->taken[i];
		size_t frame = taken->frame < g->n_frames ? taken->frame : 0;
		if (taken->device != device)
			continue;
		struct growth_row row = { 0 };
		if (frame > 0)
			row = growth_row_of(g, frame, GROWTH_TO_USER);
		row.net = taken->net;
		row.grew = taken->grew;
		row.steps = taken->steps;
		r = add(&making, &row);
	}
	return finish(&making, r);
}

size_t growth_table_choose(const struct growth_table *t, size_t top, size_t *release)
{
	size_t lowest = t->n;
	for (size_t i = 0; i < t->n; i++)
		if (t->rows[i].net < (lowest < t->n ? t->rows[lowest].net : 0))
			lowest = i;
	*release = lowest;
	bool beyond = lowest < t->n && lowest >= top;
	return beyond && top > 1 ? top - 1 : top;
}

int64_t growth_table_astray(const struct growth_table *table)
{
	int64_t released = 0;
	for (size_t i = 0; i < table->n; i++)
		if (table->rows[i].at_peak < 0)
			released = sum_of(released, table->rows[i].at_peak);
	return released;
}

void growth_table_free(struct growth_table *table)
{
	free(table->rows);
	*table = (struct growth_table){ 0 };
}
