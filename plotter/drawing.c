#include "plotter/drawing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/backend/backend.h"
#include "plotter/chart/make.h"
#include "plotter/export/export.h"
#include "plotter/export/spool.h"
#include "plotter/page/dense.h"
#include "plotter/placing.h"
#include "share/commands/recording.h"
#include "share/fault.h"
#include "share/growth/heap.h"
#include "share/profile/profile.h"
#include "share/text.h"

/* What has been made so far of what was asked for. */
struct drawing {
	const struct drawing_wish *wish;
	struct placing placing;
	struct profile *profiles;
	const struct profile **shown; /* those with samples */
	size_t n, n_shown;
	bool whole;             /* read whatever the window is */
	struct aligned aligned; /* the shown, as they lie on the axis */
	struct spool spool;     /* for a backend that exports */
};

/* ---- reading ---- */

static int show(struct drawing *drawing, const struct profile *profile)
{
	int r = drawing->placing.choice.backend->export ? spool_keep(&drawing->spool) : 0;
	drawing->shown[drawing->n_shown++] = profile;
	return r < 0 ? fault(STATUS_FAULT, "out of memory") : -1;
}

/* What was asked for and will not be seen. */
static void warn_of_nothing(const struct drawing *drawing, const struct profile *profile)
{
	if (drawing->wish->bill && profile->bills.n == 0)
		warning("%s does not hold what the memory consisted of: run -b bill records it",
			profile->path);
	if (drawing->wish->flame && profile->n_calls + profile->n_entered == 0 &&
	    profile->growth.n_steps == 0)
		warning("%s has neither calls nor growth by line for --flame to show",
			profile->path);
}

/* Children may go on without the program itself. */
static bool has_samples(const struct profile *profile)
{
	if (profile->memory.samples > 0)
		return true;
	for (size_t i = 0; i < profile->n_children; i++)
		if (profile->children[i].series.samples > 0)
			return true;
	return false;
}

static int load_one(struct drawing *drawing, const char *path, const struct profile_wish *wish)
{
	struct profile *profile = &drawing->profiles[drawing->n];
	spool_begin(&drawing->spool);
	int r = profile_load(profile, path, wish);
	if (r == -EISDIR)
		return fault(STATUS_FAULT,
			     "%s is a folder: name the recordings in it, such as %s%s*.dat", path,
			     path, text_ends_in(path, "/") ? "" : "/");
	if (r < 0)
		return fault(STATUS_FAULT, "cannot read %s: %s",
			     strcmp(path, "-") == 0 ? "standard input" : path, recording_reason(r));
	drawing->n++;
	recording_warn(profile);
	warn_of_nothing(drawing, profile);
	if (!align_can(&drawing->wish->align, profile))
		return fault(STATUS_FAULT, "%s has no mark '%s' to be aligned at", profile->path,
			     drawing->wish->align.mark);
	bool windowed = wish->to > 0 && profile->start_us > 0;
	if (profile->memory.samples > 0 || (windowed && has_samples(profile)))
		return show(drawing, profile);
	if (windowed)
		return fault(STATUS_FAULT, "%s has no samples between %g and %g s", path,
			     wish->from, wish->to);
	return recording_say_empty(profile);
}

/* What all recordings of a picture may keep together. With fewer than 64 each has the loader's own
 * choice; from 256 on a picture of usual width has fewer columns of each than pixels, which nobody
 * can tell from that many curves. */
static size_t columns_of_each(size_t n)
{
	enum { ALL = 1 << 18, MOST = 4096, FEWEST = 128 };
	size_t columns = FEWEST;
	while (columns < MOST && 2 * columns * n <= ALL)
		columns *= 2;
	return columns;
}

/* A recording that cannot be shown is said and left out, as long as another one can. */
static int load(struct drawing *drawing, const char *const paths[], size_t n)
{
	bool exports = drawing->placing.choice.backend->export;
	bool page = drawing->placing.choice.backend->page;
	/* What of each is in the window is not known before all have been read. */
	bool all =
		(drawing->wish->align.by == ALIGN_CLOCK || drawing->wish->align.by == ALIGN_MARK) &&
		n > 1;
	drawing->whole = all;
	struct profile_wish wish = { .columns = page ? dense_columns(n) : columns_of_each(n),
				     .from = all ? 0 : drawing->wish->window.from,
				     .to = all ? 0 : drawing->wish->window.to,
				     .also = exports ? &spool_sink : NULL,
				     .also_context = &drawing->spool };
	drawing->profiles = calloc(n + 1, sizeof *drawing->profiles);
	drawing->shown = calloc(n + 1, sizeof *drawing->shown);
	if (!drawing->profiles || !drawing->shown)
		return fault(STATUS_FAULT, "out of memory");
	int status = STATUS_OK;
	for (size_t i = 0; i < n; i++) {
		/* Of the first nobody knows yet whether it will be alone. */
		wish.curves = drawing->n_shown > 0 && !exports && !page;
		int bad = load_one(drawing, paths[i], &wish);
		status = bad == -1 ? status : bad;
	}
	return status;
}

/* ---- drawing ---- */

/* What fits on the canvas, and what was asked for. */
static struct chart_wish wish_for(const struct drawing *drawing)
{
	const struct drawing_wish *o = drawing->wish;
	struct chart_wish wish = {
		.title = o->title,
		.own = o->own.globs,
		.from = o->window.from,
		.to = o->window.to,
		.aligned = drawing->aligned.how,
		.meeting = drawing->aligned.meeting,
		.meets = drawing->aligned.meets,
		.functions = !o->no_functions,
		.flame = o->flame,
		.slope = o->slope,
		.heap = o->heap,
		.bill = o->bill,
		.apart = o->apart,
	};
	placing_room(&drawing->placing, &wish);
	return wish;
}

static int draw_page(struct drawing *drawing, const struct chart *chart, FILE *out)
{
	struct chart dense;
	const struct chart_wish wish = wish_for(drawing);
	int r = dense_make(&dense, drawing->aligned.profiles, drawing->n_shown, &wish);
	if (r < 0)
		return r;
	const struct backend_page page = { chart,
					   &dense,
					   drawing->shown,
					   drawing->aligned.profiles,
					   drawing->n_shown,
					   drawing->wish->own.globs };
	r = drawing->placing.choice.backend->page(&page, &drawing->placing.choice.canvas, out);
	chart_free(&dense);
	return r;
}

static int draw_chart(struct drawing *drawing, FILE *out)
{
	struct chart chart;
	struct chart_wish wish = wish_for(drawing);
	int r = chart_make(&chart, drawing->aligned.profiles, drawing->n_shown, &wish);
	if (r < 0)
		return r;
	r = drawing->placing.choice.backend->page
		    ? draw_page(drawing, &chart, out)
		    : drawing->placing.choice.backend->draw(&chart, &drawing->placing.choice.canvas,
							    out);
	chart_free(&chart);
	return r;
}

static int draw(void *context, FILE *out)
{
	struct drawing *drawing = context;
	const struct drawing_wish *o = drawing->wish;
	const struct backend *backend = drawing->placing.choice.backend;
	const struct export of = {
		.spool = &drawing->spool, .out = out, .from = o->window.from, .to = o->window.to
	};
	return backend->export ? backend->export(&of, drawing->shown, drawing->n_shown)
			       : draw_chart(drawing, out);
}

static int say_no_heap(const struct profile *p)
{
	char reason[HEAP_UNSEEN];
	if (heap_is_unseen(p))
		return fault(STATUS_FAULT, "%s has no sampled heap: %s", p->path,
			     heap_say_unseen(reason, p));
	return fault(STATUS_FAULT,
		     "%s has no sampled heap: that is recorded with: mprof-c run --heap", p->path);
}

/* On the one axis. -1 to go on, else the exit status. */
static int lay(struct drawing *drawing)
{
	const struct window *window = &drawing->wish->window;
	struct aligned *aligned = &drawing->aligned;
	int r = align_make(aligned, &drawing->wish->align, drawing->shown, drawing->n_shown);
	if (r == 0 && window->to > 0 && drawing->whole)
		r = align_window(aligned, window->from, window->to);
	if (r < 0)
		return fault(STATUS_FAULT, "out of memory");
	for (size_t i = 0; i < aligned->n; i++)
		if (has_samples(aligned->profiles[i]))
			return -1;
	return fault(STATUS_FAULT, "no recording has samples between %g and %g s", window->from,
		     window->to);
}

/* -1 to go on, else the exit status. */
static int check_wish(const struct drawing *drawing)
{
	const struct backend *backend = drawing->placing.choice.backend;
	bool moved =
		drawing->wish->align.by != ALIGN_USUAL && drawing->wish->align.by != ALIGN_START;
	if (backend->export && moved)
		return fault(STATUS_USAGE,
			     "--align is for pictures: in %s each moment's own time stands as well",
			     backend->name);
	if (backend->export && drawing->wish->heatmap)
		return fault(STATUS_USAGE, "--heatmap is a picture: %s holds the samples",
			     backend->name);
	return -1;
}

/* Whoever takes it in elsewhere sees one curve, and nothing of whose it is. */
static void warn_of_sums(const struct drawing *drawing)
{
	const struct backend *backend = drawing->placing.choice.backend;
	for (size_t i = 0; i < drawing->n_shown && backend->export && !backend->ranks; i++)
		if (drawing->shown[i]->n_ranks > 1)
			warning("%s holds %zu recordings, and %s is told what they come to "
				"together; to tell them apart export each of them",
				drawing->shown[i]->path, drawing->shown[i]->n_ranks, backend->name);
}

static int draw_paths(struct drawing *drawing, const char *const paths[], size_t n)
{
	int status = placing_start(&drawing->placing, paths, n);
	if (status == -1)
		status = check_wish(drawing);
	if (status != -1)
		return status;
	status = load(drawing, paths, n);
	if (drawing->n_shown == 0)
		return status;
	if (drawing->wish->heap && drawing->n_shown == 1 && drawing->shown[0]->heap.records == 0)
		return say_no_heap(drawing->shown[0]);
	int laid = lay(drawing);
	if (laid != -1)
		return laid;
	int drawn = placing_draw(&drawing->placing, draw, drawing);
	if (drawn == STATUS_OK)
		warn_of_sums(drawing);
	return drawn != STATUS_OK ? drawn : status;
}

static void drawing_free(struct drawing *drawing)
{
	for (size_t i = 0; i < drawing->n; i++)
		profile_free(&drawing->profiles[i]);
	free(drawing->profiles);
	free(drawing->shown);
	align_free(&drawing->aligned);
	spool_free(&drawing->spool);
}

int drawing_make(const struct drawing_wish *wish, const char *const paths[], size_t n)
{
	struct drawing drawing = { .wish = wish, .placing.choice.wanted = &wish->picture };
	int status = draw_paths(&drawing, paths, n);
	placing_free(&drawing.placing);
	drawing_free(&drawing);
	return status;
}
