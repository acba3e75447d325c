#include "plotter/drawing_many.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "plotter/backend/backend.h"
#include "plotter/drawing.h"
#include "plotter/many/many.h"
#include "plotter/many/picture.h"
#include "plotter/placing.h"
#include "share/commands/recording.h"
#include "share/fault.h"
#include "share/fleet/clocks.h"
#include "share/fleet/fleet.h"
#include "share/fleet/kind.h"

/* So many can still be drawn each by itself. */
enum { A_FEW = 12 };

/* Points of each: more than that a picture does not show, and 4096 of them are in memory. */
enum { MOST_POINTS = 1000 };

/* Warnings. */
enum { MOST_CLOCKS = 4 };

/* A picture that is lower or narrower is of the band alone: pixels at 96 dpi, and cells. */
enum { LOW = 300, NARROW = 520, LOW_ROWS = 20, NARROW_COLUMNS = 60 };

struct drawing_many {
	const struct drawing_wish *wish;
	struct placing placing;
	struct fleet fleet;
	struct many many;
	struct chart_wish chart_wish;
	struct many_wish many_wish;
};

/* ---- is it many? ---- */

static bool is_folder(const char *path)
{
	struct stat status;
	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool exports(const struct picture *picture)
{
	const struct backend *backend = picture->backend  ? backend_by_name(picture->backend)
					: picture->output ? backend_by_extension(picture->output)
							  : NULL;
	return backend && backend->export;
}

bool drawing_is_many(const struct drawing_wish *wish, const char *const paths[], size_t n)
{
	bool each = wish->no_band || wish->slope || wish->apart || wish->flame || wish->heap ||
		    wish->bill;
	bool many = n > A_FEW || wish->heatmap;
	if (exports(&wish->picture) || (each && !wish->heatmap))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(paths[i], "-") == 0)
			return wish->heatmap;
		many = many || is_folder(paths[i]) || fleet_is_merged(paths[i]);
	}
	return many;
}

/* ---- reading ---- */

static enum lay_by lay_by(const struct drawing_many *d)
{
	switch (d->wish->align.by) {
	case ALIGN_CLOCK: return LAY_CLOCK;
	case ALIGN_START: return LAY_START;
	case ALIGN_MARK: return LAY_MARK;
	default: return lay_usual(&d->fleet);
	}
}

static int say_none(const char *const paths[], size_t n)
{
	return n == 1 ? fault(STATUS_FAULT, "there is no recording in %s", paths[0])
		      : fault(STATUS_FAULT, "none of the %zu files is a recording", n);
}

static void warn_of_unread(const struct fleet *fleet)
{
	unsigned long long more = fleet->unreadable - 1;
	const char *why = fleet->why ? recording_reason(fleet->why) : "it holds no recording";
	if (more == 0)
		warning("%s is left out: %s", fleet->unread, why);
	else
		warning("%s is left out: %s; and %llu more", fleet->unread, why, more);
}

static int read_all(struct drawing_many *d, const char *const paths[], size_t n)
{
	const struct align *align = &d->wish->align;
	size_t columns = d->chart_wish.columns;
	const struct fleet_wish wish = { .columns = columns < MOST_POINTS ? columns : MOST_POINTS,
					 .mark = align->by == ALIGN_MARK ? align->mark : NULL };
	int r = fleet_read(&d->fleet, paths, n, &wish);
	if (r < 0 && n == 1)
		return fault(STATUS_FAULT, "cannot read %s: %s", paths[0], recording_reason(r));
	if (r < 0)
		return fault(STATUS_FAULT, "cannot read the recordings: %s", recording_reason(r));
	recording_warn_cut(d->fleet.cut, d->fleet.first_cut);
	if (d->fleet.unreadable > 0)
		warn_of_unread(&d->fleet);
	if (d->fleet.n == 0)
		return say_none(paths, n);
	return -1;
}

/* Whose clocks put their recordings where they were not: of one job only, others began when they
 * did. */
static void warn_of_clocks(const struct drawing_many *d)
{
	struct fleet_clocks clocks;
	char sentence[FLEET_CLOCK_SENTENCE];
	if (d->many_wish.by != LAY_CLOCK || lay_usual(&d->fleet) != LAY_CLOCK ||
	    fleet_clocks_make(&clocks, &d->fleet) < 0)
		return;
	for (size_t i = 0; i < clocks.n && i < MOST_CLOCKS; i++)
		warning("%s; --align start lays them side by side",
			fleet_clock_say(sentence, &clocks.all[i]));
	if (clocks.n > MOST_CLOCKS)
		warning("so are the clocks of %zu more nodes", clocks.n - MOST_CLOCKS);
	fleet_clocks_free(&clocks);
}

static int lay_out(struct drawing_many *d)
{
	const struct drawing_wish *wish = d->wish;
	d->many_wish = (struct many_wish){ .chart = &d->chart_wish,
					   .by = lay_by(d),
					   .mark = wish->align.mark,
					   .heatmap = wish->heatmap,
					   .sort = wish->sort,
					   .heat_rows = (size_t)d->placing.choice.canvas.height };
	const struct canvas *canvas = &d->placing.choice.canvas;
	bool cells = d->placing.choice.backend->cells;
	d->many_wish.compact = cells ? canvas->height < LOW_ROWS || canvas->width < NARROW_COLUMNS
				     : canvas->height < LOW * canvas->scale ||
					       canvas->width < NARROW * canvas->scale;
	int r = many_make(&d->many, &d->fleet, &d->many_wish);
	if (r == -ENODATA && d->many_wish.by == LAY_MARK && wish->window.to == 0)
		return fault(STATUS_FAULT, "none of %zu recordings has a mark '%s'", d->fleet.n,
			     wish->align.mark);
	if (r == -ENODATA)
		return fault(STATUS_FAULT, "no recording has samples between %g and %g s",
			     wish->window.from, wish->window.to);
	if (r < 0)
		return fault(STATUS_FAULT, "out of memory");
	if (d->many.lay.out > 0)
		warning("%zu of %zu recordings have no mark '%s', and are left out",
			d->many.lay.out, d->fleet.n, wish->align.mark);
	if (d->many.lay.empty > 0)
		warning("%zu of %zu recordings hold no samples, and are left out",
			d->many.lay.empty, d->fleet.n);
	if (d->many_wish.by == LAY_MARK) {
		d->chart_wish.meeting = wish->align.mark;
		d->chart_wish.meets = d->many.lay.meets;
	}
	return -1;
}

/* ---- drawing ---- */

static int draw(void *context, FILE *out)
{
	struct drawing_many *d = context;
	const struct backend *backend = d->placing.choice.backend;
	struct chart chart;
	int r = many_chart(&chart, &d->many);
	if (r < 0)
		return r;
	const struct backend_page page = { .chart = &chart, .many = &d->many };
	r = backend->page ? backend->page(&page, &d->placing.choice.canvas, out)
			  : backend->draw(&chart, &d->placing.choice.canvas, out);
	chart_free(&chart);
	return r;
}

static int make(struct drawing_many *d, const char *const paths[], size_t n)
{
	const struct drawing_wish *wish = d->wish;
	int status = placing_start(&d->placing, paths, n);
	if (status != -1)
		return status;
	d->chart_wish = (struct chart_wish){ .title = wish->title,
					     .from = wish->window.from,
					     .to = wish->window.to };
	placing_room(&d->placing, &d->chart_wish);
	status = read_all(d, paths, n);
	if (status == -1)
		status = lay_out(d);
	if (status != -1)
		return status;
	warn_of_clocks(d);
	status = placing_draw(&d->placing, draw, d);
	return status == STATUS_OK && d->fleet.unreadable > 0 ? STATUS_FAULT : status;
}

int drawing_make_many(const struct drawing_wish *wish, const char *const paths[], size_t n)
{
	struct drawing_many d = { .wish = wish, .placing.choice.wanted = &wish->picture };
	int status = make(&d, paths, n);
	placing_free(&d.placing);
	many_free(&d.many);
	fleet_free(&d.fleet);
	return status;
}
