#include "plotter/chart/growth_flame.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/chart/parts.h"
#include "share/array.h"
#include "share/format.h"
#include "share/growth/names.h"
#include "share/names.h"
#include "share/profile/sum.h"

enum { MOST_LEVELS = 24 }; /* deeper frames are not drawn: no box would be high enough to see */

/* A step's box is at least so many pixels wide: it says what grew, not how long that took. */
static const double LEAST = 3;

/* What grew less, in parts of all growth, ends a stack: importing a module goes thirty calls deep
 * for nothing that one would want to see. */
static const double NOTABLE = 0.01;

struct function {
	size_t frame; /* one that is in it: for its name */
	int64_t grew; /* umib, in what it called too */
	unsigned colour;
};

struct functions {
	struct names names; /* file and function → index into `items` */
	struct function *items;
	size_t n;
	size_t *of;            /* by frame: its function … */
	size_t *depth, *drawn; /* … its level, and who of its callers, or itself, is drawn */
	size_t *order;
	size_t notable; /* so many, the first of the order */
	double least;   /* umib: what they grew at least */
};

/* ---- who grew most ---- */

static int find_functions(struct functions *f, const struct growth *g)
{
	char key[GROWTH_NAME];
	f->of = calloc(g->n_frames + 1, sizeof *f->of);
	if (!f->of)
		return -ENOMEM;
	for (size_t i = 1; i < g->n_frames; i++) {
		snprintf(key, sizeof key, "%zu %s", g->frames[i].path, g->frames[i].function);
		long at = names_find(&f->names, key, g->n_frames);
		if (at < 0)
			return (int)at;
		if ((size_t)at == f->n) {
			struct function *made = array_more(&f->items, &f->n, sizeof *made);
			if (!made)
				return -ENOMEM;
			made->frame = i;
			made->colour = CHART_OTHERS;
		}
		f->of[i] = (size_t)at;
	}
	return 0;
}

/* Python's import: of what a module took, it is no part that one would want to see. */
static bool is_folded(const struct growth *g, size_t frame)
{
	static const char *const machinery[] = { "<frozen importlib", "<frozen zipimport",
						 "<frozen runpy" };
	const char *path = g->paths[g->frames[frame].path];
	for (size_t i = 0; i < sizeof machinery / sizeof *machinery; i++)
		if (strncmp(path, machinery[i], strlen(machinery[i])) == 0)
			return true;
	return strstr(path, "/importlib/") || strstr(path, "/runpy.py");
}

/* What the frame and all that it called grew by, though only once to one that called itself. */
static void charge(struct functions *f, const struct growth *g, size_t frame, int64_t grew)
{
	size_t above = g->frames[frame].caller, depth = 0;
	while (above > 0 && depth++ < MOST_LEVELS && f->of[above] != f->of[frame])
		above = g->frames[above].caller;
	if (above == 0 || depth > MOST_LEVELS)
		f->items[f->of[frame]].grew += grew;
}

/* Callers stand before those they call. */
static int charge_all(struct functions *f, const struct growth *g)
{
	int64_t *grew = calloc(g->n_frames + 1, sizeof *grew);
	if (!grew)
		return -ENOMEM;
	for (size_t i = g->n_frames; i-- > 1;) {
		grew[i] = sum_of(grew[i], g->frames[i].grew);
		grew[g->frames[i].caller] = sum_of(grew[g->frames[i].caller], grew[i]);
		if (grew[i] > 0 && !is_folded(g, i))
			charge(f, g, i, grew[i]);
	}
	free(grew);
	return 0;
}

/* How deep each frame stands, and the caller of it that is the deepest to be drawn. */
static int find_levels(struct functions *f, const struct growth *g)
{
	f->depth = calloc(g->n_frames + 1, sizeof *f->depth);
	f->drawn = calloc(g->n_frames + 1, sizeof *f->drawn);
	if (!f->depth || !f->drawn)
		return -ENOMEM;
	for (size_t i = 1; i < g->n_frames; i++) {
		size_t caller = g->frames[i].caller;
		bool left_out = f->depth[caller] == MOST_LEVELS || is_folded(g, i);
		f->depth[i] = left_out ? f->depth[caller] : f->depth[caller] + 1;
		f->drawn[i] = left_out ? f->drawn[caller] : i;
	}
	return 0;
}

static int by_growth(const void *a, const void *b, void *context)
{
	const struct function *items = context;
	size_t i = *(const size_t *)a, k = *(const size_t *)b;
	int64_t x = items[i].grew, y = items[k].grew;
	return x != y ? (x < y) - (x > y) : (i > k) - (i < k);
}

static int rank(struct functions *f, const struct growth *g, unsigned colour, size_t rows)
{
	int r = find_functions(f, g);
	f->order = calloc(f->n + 1, sizeof *f->order);
	if (r < 0 || !f->order)
		return r < 0 ? r : -ENOMEM;
	r = charge_all(f, g);
	r = r < 0 ? r : find_levels(f, g);
	if (r < 0)
		return r;
	for (size_t i = 0; i < f->n; i++)
		f->order[i] = i;
	qsort_r(f->order, f->n, sizeof *f->order, by_growth, f->items);
	for (size_t i = 1; i < g->n_frames; i++)
		f->least += NOTABLE * (double)g->frames[i].grew;
	while (f->notable < f->n && (double)f->items[f->order[f->notable]].grew >= f->least)
		f->notable++;
	size_t named = parts_named(f->notable, rows);
	for (size_t i = 0; i < named; i++)
		f->items[f->order[i]].colour = colour + (unsigned)i;
	return 0;
}

/* ---- boxes ---- */

/* What stands last at each level. */
struct pile {
	size_t last[MOST_LEVELS]; /* span's index + 1; 0: none */
	size_t function[MOST_LEVELS];
	size_t height; /* levels that the last step reached */
	double hair;   /* half a pixel, in seconds */
};

/* A stack's functions, the outermost first; how many. */
static size_t unfold(const struct functions *f, const struct growth *g, size_t frame,
		     size_t out[MOST_LEVELS])
{
	size_t depth = f->depth[frame], n = 0;
	for (size_t at = f->drawn[frame], level = depth; level > 0;
	     at = f->drawn[g->frames[at].caller])
		out[--level] = f->of[at];
	while (n < depth && (double)f->items[out[n]].grew >= f->least)
		n++;
	return n;
}

static int put_box(struct chart *chart, struct pile *pile, size_t level,
		   const struct chart_span *span, size_t function)
{
	struct chart_span *kept = array_more(&chart->spans, &chart->n_spans, sizeof *kept);
	if (!kept)
		return -ENOMEM;
	*kept = *span;
	kept->level = (int)level;
	pile->last[level] = chart->n_spans;
	pile->function[level] = function;
	if ((int)level >= chart->levels)
		chart->levels = (int)level + 1;
	return 0;
}

/* Too narrow to be told from the box before it: a picture has only so many pixels. */
static void join(struct chart *chart, struct pile *pile, size_t level,
		 const struct chart_span *span, size_t function)
{
	chart->spans[pile->last[level] - 1].to = span->to;
	pile->function[level] = function;
}

/* To the moment of a step, from a little before it; what stood in the same calls then goes on. */
static int pile_up(struct chart *chart, struct pile *pile, const struct functions *f,
		   const struct growth *g, const struct profile_step *step, double to)
{
	size_t stack[MOST_LEVELS], n = unfold(f, g, step->frame, stack);
	bool same = true;
	int r = 0;
	for (size_t level = 0; level < n && r == 0; level++) {
		same = same && level < pile->height && pile->function[level] == stack[level];
		if (same) {
			chart->spans[pile->last[level] - 1].to = to;
			continue;
		}
		const struct function *function = &f->items[stack[level]];
		double from = fmax(to - LEAST * 2 * pile->hair, chart->x.low);
		double free = pile->last[level] ? chart->spans[pile->last[level] - 1].to : from;
		const struct chart_span span = { .from = fmin(fmax(from, free), to),
						 .to = to,
						 .colour = function->colour,
						 .label = growth_label(g, function->frame) };
		if (pile->last[level] && span.to - span.from < pile->hair &&
		    span.from - free < pile->hair)
			join(chart, pile, level, &span, stack[level]);
		else
			r = put_box(chart, pile, level, &span, stack[level]);
	}
	pile->height = n;
	return r;
}

static int add_boxes(struct chart *chart, int64_t start, const struct growth *g,
		     const struct functions *f, const struct chart_wish *wish)
{
	double pixel = (chart->x.high - chart->x.low) / (double)(wish->columns ? wish->columns : 1);
	struct pile pile = { .hair = pixel / 2 };
	int r = 0;
	for (size_t i = 0; i < g->n_steps && r == 0; i++) {
		const struct profile_step *step = &g->steps[i];
		double to = sample_seconds(step->at.us - start);
		if (step->delta <= 0 || step->frame == 0 || to < chart->x.low || to > chart->x.high)
			continue;
		r = pile_up(chart, &pile, f, g, step, to);
	}
	return r;
}

static int add_rows(struct chart *chart, const struct growth *g, const struct functions *f,
		    size_t rows)
{
	size_t named = parts_named(f->notable, rows);
	int r = 0;
	for (size_t i = 0; i < named && r == 0; i++) {
		const struct function *function = &f->items[f->order[i]];
		const struct profile_frame *frame = &g->frames[function->frame];
		char size[FORMAT_SIZE];
		format_memory(size, sample_mib(function->grew));
		r = parts_add_row(chart, ROW_FUNCTION, function->colour,
				  parts_text("%s", frame->function),
				  parts_text("+%s · %s", size, growth_path(g, frame->path)));
	}
	if (r == 0 && named < f->notable && rows > 0)
		r = parts_add_row(chart, ROW_MORE, CHART_OTHERS,
				  parts_text("%zu more", f->notable - named),
				  parts_text("functions that grew less"));
	return r;
}

int growth_flame_show(struct chart *chart, const struct profile *profile,
		      const struct chart_wish *wish, unsigned colour, size_t rows)
{
	struct functions f = { 0 };
	struct growth g;
	if (profile->growth.n_steps == 0)
		return 0;
	int r = growth_open(&g, &profile->growth, wish->own);
	if (r < 0)
		return r;
	r = rank(&f, &g, colour, rows);
	if (r == 0)
		r = add_boxes(chart, profile->start_us, &g, &f, wish);
	if (r == 0)
		r = add_rows(chart, &g, &f, rows);
	growth_close(&g);
	names_free(&f.names);
	free(f.items);
	free(f.of);
	free(f.depth);
	free(f.drawn);
	free(f.order);
	return r;
}
