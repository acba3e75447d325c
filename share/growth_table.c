#include "share/growth_table.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "share/array.h"
#include "share/names.h"
#include "share/origin.h"

/* ---- names ---- */

static const char *behind(const char *path, const char *folder)
{
	const char *found = NULL;
	for (const char *at = path; (at = strstr(at, folder)); at++)
		found = at + strlen(folder);
	return found;
}

/* "/usr/lib/python3.11/json/decoder.py" → "json/decoder.py" */
static const char *behind_library(const char *path)
{
	const char *at = behind(path, "/lib/python3");
	if (at)
		at = strchr(at, '/');
	return at ? at + 1 : NULL;
}

const char *growth_short_path(const char *path)
{
	char here[PATH_MAX];
	const char *at = behind(path, "/site-packages/");
	at = at ? at : behind(path, "/dist-packages/");
	if (!at && !origin_is_users(path))
		at = behind_library(path);
	if (at)
		return at;
	size_t n = getcwd(here, sizeof here) ? strlen(here) : 0;
	if (n > 1 && strncmp(path, here, n) == 0 && path[n] == '/')
		return path + n + 1;
	return path;
}

/* "numpy/core/__init__.py" → "numpy.core"; a file of the user's is its own name. */
static void put_module(char *out, size_t size, const char *path)
{
	const char *from = growth_short_path(path), *slash = strrchr(from, '/');
	if (*from == '/' && slash)
		from = slash + 1;
	snprintf(out, size, "%s", from);
	size_t n = strlen(out);
	if (n > 3 && strcmp(out + n - 3, ".py") == 0)
		out[n -= 3] = '\0';
	for (char *c = out; *c; c++)
		*c = *c == '/' ? '.' : *c;
	if (n > 9 && strcmp(out + n - 9, ".__init__") == 0)
		out[n - 9] = '\0';
}

char *growth_place(char out[GROWTH_PLACE], const struct profile_growth *g, size_t frame,
		   enum growth_by by)
{
	if (frame == 0) {
		snprintf(out, GROWTH_PLACE, "(no Python line)");
		return out;
	}
	const struct profile_frame *f = &g->frames[frame];
	const char *path = g->paths[f->path];
	switch (by) {
	case GROWTH_BY_FUNCTION:
		snprintf(out, GROWTH_PLACE, "%s %s", growth_short_path(path), f->function);
		break;
	case GROWTH_BY_FILE: snprintf(out, GROWTH_PLACE, "%s", growth_short_path(path)); break;
	case GROWTH_BY_MODULE: put_module(out, GROWTH_PLACE, path); break;
	default:
		snprintf(out, GROWTH_PLACE, "%s:%d %s", growth_short_path(path), f->line,
			 f->function);
	}
	return out;
}

/* ---- adding up ---- */

size_t growth_users_frame(const struct profile_growth *g, size_t frame)
{
	while (frame && !origin_is_users(g->paths[g->frames[frame].path]))
		frame = g->frames[frame].caller;
	return frame;
}

/* Rows under way: by a text that is the same for what belongs together. */
struct adding {
	struct growth_table *table;
	const struct profile_growth *growth;
	enum growth_by by;
	struct names keys;
};

static void put_key(char key[GROWTH_PLACE], const struct adding *a, size_t frame)
{
	const struct profile_frame *f = &a->growth->frames[frame];
	if (frame == 0)
		snprintf(key, GROWTH_PLACE, "-");
	else if (a->by == GROWTH_BY_MODULE)
		put_module(key, GROWTH_PLACE, a->growth->paths[f->path]);
	else if (a->by == GROWTH_BY_FILE)
		snprintf(key, GROWTH_PLACE, "%zu", f->path);
	else
		snprintf(key, GROWTH_PLACE, "%zu %d %s", f->path,
			 a->by == GROWTH_BY_LINE ? f->line : 0, f->function);
}

static int add(struct adding *a, const struct growth_row *what)
{
	char key[GROWTH_PLACE];
	put_key(key, a, what->frame);
	size_t known = a->keys.n;
	long at = names_find(&a->keys, key, SIZE_MAX);
	if (at < 0)
		return -ENOMEM;
	if (a->keys.n > known) {
		struct growth_row *made = array_more(&a->table->rows, &a->table->n, sizeof *made);
		if (!made)
			return -ENOMEM;
		made->frame = what->frame;
	}
	struct growth_row *row = &a->table->rows[at];
	row->net += what->net;
	row->grew += what->grew;
	row->at_peak += what->at_peak;
	row->steps += what->steps;
	a->table->grew += what->grew;
	return 0;
}

static int by_growth(const void *a, const void *b)
{
	const struct growth_row *x = a, *y = b;
	if (x->grew != y->grew)
		return x->grew < y->grew ? 1 : -1;
	if (x->net != y->net)
		return x->net < y->net ? 1 : -1;
	return (x->frame > y->frame) - (x->frame < y->frame);
}

static int finish(struct adding *a, int r)
{
	names_free(&a->keys);
	if (r < 0)
		growth_table_free(a->table);
	else if (a->table->n > 0)
		qsort(a->table->rows, a->table->n, sizeof *a->table->rows, by_growth);
	return r;
}

static int make_of_threads(struct growth_table *t, const struct profile_growth *g)
{
	for (size_t i = 0; i < g->n_threads; i++) {
		const struct profile_thread *thread = &g->threads[i];
		struct growth_row *row = array_more(&t->rows, &t->n, sizeof *row);
		if (!row)
			return -ENOMEM;
		*row = (struct growth_row){ .pid = thread->pid,
					    .thread = thread->thread,
					    .net = thread->net,
					    .grew = thread->grew,
					    .at_peak = thread->at_peak,
					    .steps = thread->steps };
		t->grew += thread->grew;
	}
	return 0;
}

int growth_table_make(struct growth_table *t, const struct profile_growth *g, enum growth_by by,
		      bool users)
{
	struct adding a = { .table = t, .growth = g, .by = by };
	int r = 0;
	*t = (struct growth_table){ 0 };
	if (by == GROWTH_BY_THREAD)
		return finish(&a, make_of_threads(t, g));
	for (size_t i = 0; i < g->n_frames && r == 0; i++) {
		const struct profile_frame *f = &g->frames[i];
		const struct growth_row row = { .frame = users ? growth_users_frame(g, i) : i,
						.net = f->net,
						.grew = f->grew,
						.at_peak = f->at_peak,
						.steps = f->steps };
		if (f->steps > 0)
			r = add(&a, &row);
	}
	return finish(&a, r);
}

int growth_table_of_steps(struct growth_table *t, const struct profile_growth *g, enum growth_by by,
			  bool users, size_t first, size_t end)
{
	struct adding a = { .table = t, .growth = g, .by = by };
	int r = 0;
	*t = (struct growth_table){ 0 };
	for (size_t i = first; i < end && r == 0; i++) {
		const struct profile_step *s = &g->steps[i];
		const struct growth_row row = {
			.frame = users ? growth_users_frame(g, s->frame) : s->frame,
			.net = s->delta,
			.grew = s->delta > 0 ? s->delta : 0,
			.steps = 1,
		};
		r = add(&a, &row);
	}
	return finish(&a, r);
}

void growth_table_free(struct growth_table *t)
{
	free(t->rows);
	*t = (struct growth_table){ 0 };
}

/* ---- phases ---- */

enum { SMALL_TURN = 12 }; /* one of less than so manieth of the largest sum is no turn */

static int64_t largest_sum(const struct profile_growth *g)
{
	int64_t sum = 0, largest = 0;
	for (size_t i = 0; i < g->n_steps; i++) {
		sum += g->steps[i].delta;
		largest = sum > largest ? sum : largest;
	}
	return largest;
}

static void end_phase(const struct profile_growth *g, struct growth_phase *phases, size_t *n,
		      size_t most, size_t end, int64_t sum)
{
	size_t first = *n ? phases[*n - 1].end : 0;
	if (end <= first || *n == most)
		return;
	int64_t before = *n ? phases[*n - 1].to.umib : 0;
	phases[(*n)++] = (struct growth_phase){
		.first = first,
		.end = end,
		.from = { g->steps[first].at.us, before },
		.to = { g->steps[end - 1].at.us, sum },
		.net = sum - before,
	};
}

/* A turn is seen when the curve has come back from its last extreme by more than a small turn. */
size_t growth_phases(const struct profile_growth *g, struct growth_phase *phases, size_t most)
{
	int64_t sum = 0, extreme = 0, turn = largest_sum(g) / SMALL_TURN;
	size_t extreme_end = 0, n = 0;
	int direction = 1;
	for (size_t i = 0; i < g->n_steps; i++) {
		sum += g->steps[i].delta;
		if ((sum - extreme) * direction >= 0) {
			extreme = sum;
			extreme_end = i + 1;
		} else if ((extreme - sum) * direction > turn) {
			end_phase(g, phases, &n, most, extreme_end, extreme);
			direction = -direction;
			extreme = sum;
			extreme_end = i + 1;
		}
	}
	end_phase(g, phases, &n, most, extreme_end, extreme);
	end_phase(g, phases, &n, most, g->n_steps, sum);
	return n;
}
