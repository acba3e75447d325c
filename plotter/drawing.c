#include "plotter/drawing.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/backend/backend.h"
#include "plotter/chart/make.h"
#include "plotter/export/export.h"
#include "plotter/export/spool.h"
#include "plotter/opening.h"
#include "plotter/page/dense.h"
#include "share/commands/place.h"
#include "share/commands/recording.h"
#include "share/fault.h"
#include "share/growth/heap.h"
#include "share/output.h"
#include "share/profile/profile.h"

/* What has been made so far of what was asked for. */
struct drawing {
	const struct drawing_wish *wish;
	struct choice choice;
	struct profile *profiles;
	const struct profile **shown; /* those with samples */
	size_t n, n_shown;
	char *place;            /* of the picture, where nobody has named one; or NULL */
	bool whole;             /* read whatever the window is */
	struct aligned aligned; /* the shown, as they lie on the axis */
	struct spool spool;     /* for a backend that exports */
};

/* What fits on the canvas, in numbers. */
static struct chart_wish wish_for(const struct drawing *drawing)
{
	const struct drawing_wish *o = drawing->wish;
	const struct canvas *c = &drawing->choice.canvas;
	bool cells = drawing->choice.backend->cells;
	double s = c->scale;
	double x_ticks = cells ? c->width / 14 : c->width / (100 * s);
	double y_ticks = cells ? c->height / 4 : c->height / (75 * s);
	double rows = cells ? fmin(c->height / 4, 8) : (c->height - 100 * s) / (35 * s);
	return (struct chart_wish){
		.columns = (size_t)fmax(cells ? 2 * c->width : c->width, 64),
		.headroom =
			cells ? 0.12 : fmin(fmax(0.12, 26 * s / fmax(c->height - 170 * s, 1)), 0.4),
		.x_ticks = (unsigned)fmin(fmax(x_ticks, 2), 20),
		.y_ticks = (unsigned)fmin(fmax(y_ticks, 2), 12),
		.rows = (unsigned)fmin(fmax(rows, 1), 40),
		.recordings = cells ? (unsigned)fmax(c->height / 3, 1) : 0,
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
		.coarse = cells,
	};
}

/* ---- reading ---- */

static int show(struct drawing *drawing, const struct profile *profile)
{
	int r = drawing->choice.backend->export ? spool_keep(&drawing->spool) : 0;
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
	bool exports = drawing->choice.backend->export;
	bool page = drawing->choice.backend->page;
	/* What of each is in the window is not known before all have been read. */
	bool all = drawing->wish->align.by != ALIGN_START && n > 1;
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
	r = drawing->choice.backend->page(&page, &drawing->choice.canvas, out);
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
	r = drawing->choice.backend->page
		    ? draw_page(drawing, &chart, out)
		    : drawing->choice.backend->draw(&chart, &drawing->choice.canvas, out);
	chart_free(&chart);
	return r;
}

static int say_not_drawn(const struct backend *backend, const char *name, int error)
{
	const char *complaint = backend->complaint ? backend->complaint() : "";
	if (backend->export && *complaint)
		return fault(STATUS_FAULT, "nothing is written to %s: %s", name, complaint);
	return fault(STATUS_FAULT, "the %s backend cannot draw to %s: %s", backend->name, name,
		     *complaint ? complaint : strerror(-error));
}

/* It is there, whether it can be shown or not. */
static void open_picture(const struct drawing *drawing, const char *path)
{
	int r = opening_show(path);
	if (r == 0 && drawing->place)
		notice("wrote %s, and opened it with %s", path, opening_name());
	else if (r == -ENODEV)
		warning("%s is written, but there is no display to open it on", path);
	else if (r == -ENOENT)
		warning("%s is written, but there is no %s to open it with", path, opening_name());
	else if (r < 0)
		warning("%s is written, but %s could not open it", path, opening_name());
}

static const char *place_of(const struct drawing *drawing)
{
	const char *output = drawing->wish->picture.output;
	return output ? output : drawing->place ? drawing->place : "-";
}

static int draw(struct drawing *drawing)
{
	const struct drawing_wish *o = drawing->wish;
	const struct backend *backend = drawing->choice.backend;
	struct output output;
	const char *path = place_of(drawing);
	const char *name = is_stdout(path) ? "standard output" : path;
	int r = output_open(&output, path, REPLACE_PICTURE);
	if (r < 0)
		return place_say(name, REPLACE_PICTURE, r);
	const struct export of = { .spool = &drawing->spool,
				   .out = output.stream,
				   .from = o->window.from,
				   .to = o->window.to };
	if (backend->export)
		r = backend->export(&of, drawing->shown, drawing->n_shown);
	else
		r = draw_chart(drawing, output.stream);
	if (r < 0) {
		output_abandon(&output);
		return say_not_drawn(backend, name, r);
	}
	if (backend->remark && *backend->remark())
		warning("%s", backend->remark());
	r = output_commit(&output);
	if (r == 0 && (o->picture.open || drawing->place))
		open_picture(drawing, path);
	return r < 0 ? place_say(name, REPLACE_PICTURE, r) : STATUS_OK;
}

static int say_not_installed(const struct backend *backend)
{
	char *list = backend_list_own("-b ");
	fault(STATUS_FAULT, "%s is not installed; draw without it: %s", backend->name,
	      list ? list : "-b another");
	free(list);
	return STATUS_FAULT;
}

static int start(struct drawing *drawing)
{
	struct choice *choice = &drawing->choice;
	int status = choose_backend(choice);
	if (status != -1)
		return status;
	choose_canvas(choice);
	if (choice->backend->export && drawing->wish->align.by != ALIGN_START)
		return fault(STATUS_USAGE,
			     "--align is for pictures: in %s each moment's own time stands as well",
			     choice->backend->name);
	if (choice->backend->prepare && !choice->prepared &&
	    choice->backend->prepare(&choice->canvas) < 0)
		return say_not_installed(choice->backend);
	return -1;
}

/* The place of the picture is none of the recordings. */
static int check_place(const char *output, const char *const paths[], size_t n)
{
	int status = -1;
	for (size_t i = 0; i < n && status == -1 && output && !is_stdout(output); i++)
		status = place_check(output, REPLACE_PICTURE, (const char *[]){ paths[i], NULL });
	return status;
}

/* Before it is said that a picture has no place, that there will be none. */
static int check_files(const char *const paths[], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int r = recording_is_file(paths[i]) ? recording_is_one(paths[i]) : 1;
		if (r < 0)
			return fault(STATUS_FAULT, "cannot read %s: %s", paths[i],
				     recording_reason(r));
		if (r == 0)
			return fault(STATUS_FAULT, "%s is no recording: it holds no samples",
				     paths[i]);
	}
	return -1;
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

/* A name for what is opened. -1 to go on, else the exit status. */
static int name_place(struct drawing *drawing, const char *const paths[], size_t n)
{
	char extension[16];
	const char *all = drawing->choice.backend->extensions;
	if (!drawing->choice.opens)
		return -1;
	snprintf(extension, sizeof extension, "%.*s", (int)strcspn(all, " "), all);
	drawing->place = opening_place(paths[0], extension);
	if (!drawing->place)
		return fault(STATUS_FAULT, "out of memory");
	return check_place(drawing->place, paths, n);
}

static int draw_paths(struct drawing *drawing, const char *const paths[], size_t n)
{
	int status = check_place(drawing->wish->picture.output, paths, n);
	if (status == -1 && !choose_has_place(&drawing->wish->picture))
		status = check_files(paths, n);
	if (status == -1)
		status = start(drawing);
	if (status == -1)
		status = name_place(drawing, paths, n);
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
	int drawn = draw(drawing);
	return drawn != STATUS_OK ? drawn : status;
}

static void drawing_free(struct drawing *drawing)
{
	for (size_t i = 0; i < drawing->n; i++)
		profile_free(&drawing->profiles[i]);
	free(drawing->profiles);
	free(drawing->shown);
	free(drawing->place);
	align_free(&drawing->aligned);
	spool_free(&drawing->spool);
}

int drawing_make(const struct drawing_wish *wish, const char *const paths[], size_t n)
{
	struct drawing drawing = { .wish = wish, .choice.wanted = &wish->picture };
	int status = draw_paths(&drawing, paths, n);
	terminal_leave(&drawing.choice.terminal);
	drawing_free(&drawing);
	return status;
}
