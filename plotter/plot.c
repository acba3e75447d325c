#include "plotter/plot.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/backend/backend.h"
#include "plotter/backend/spool.h"
#include "plotter/chart/make.h"
#include "plotter/choose.h"
#include "plotter/figure/theme.h"
#include "share/command.h"
#include "share/commands/catalog.h"
#include "share/commands/place.h"
#include "share/commands/recording.h"
#include "share/fault.h"
#include "share/growth/heap.h"
#include "share/growth/own.h"
#include "share/number.h"
#include "share/output.h"
#include "share/profile/profile.h"

enum {
	MOST_PIXELS = 32767,
	PAGE_COLUMNS = 1 << 20 /* points of a curve that a page holds at the most */
};

struct window {
	double from, to;
};

struct plot_options {
	struct picture picture;
	const char *title;
	struct own own;
	struct window window;
	bool no_functions, flame, slope, heap, bill;
};

/* One call of the command: what was asked for, and what has been made of it so far. */
struct plot {
	struct plot_options options;
	struct choice choice;
	struct profile *profiles;
	const struct profile **shown; /* those with samples */
	size_t n, n_shown;
	struct spool spool; /* for a backend that exports */
};

/* ---- options ---- */

/* Two decimals with `separator` between them. */
static int parse_pair(const char *text, char separator, double *first, double *second)
{
	char left[64];
	const char *at = strchr(text, separator);
	if (!at || (size_t)(at - text) >= sizeof left)
		return -EINVAL;
	memcpy(left, text, (size_t)(at - text));
	left[at - text] = '\0';
	int r = number_decimal(left, first);
	return r < 0 ? r : number_decimal(at + 1, second);
}

static int parse_window(const char *text, void *value)
{
	struct window window;
	int r = parse_pair(text, ',', &window.from, &window.to);
	if (r < 0)
		return r;
	if (window.from < 0 || window.to <= window.from || window.to > 1e9)
		return -ERANGE;
	*(struct window *)value = window;
	return 0;
}

static int parse_size(const char *text, void *value)
{
	struct picture_size size;
	int r = parse_pair(text, 'x', &size.width, &size.height);
	if (r < 0)
		return r;
	if (size.width < 16 || size.height < 4 || size.width > MOST_PIXELS ||
	    size.height > MOST_PIXELS || size.width != floor(size.width) ||
	    size.height != floor(size.height))
		return -ERANGE;
	*(struct picture_size *)value = size;
	return 0;
}

static int parse_dpi(const char *text, void *value)
{
	double dpi;
	int r = number_decimal(text, &dpi);
	if (r < 0)
		return r;
	if (!(dpi >= 24 && dpi <= 1200))
		return -ERANGE;
	*(double *)value = dpi;
	return 0;
}

static int parse_theme(const char *text, void *value)
{
	if (!theme_find(text))
		return -EINVAL;
	*(const char **)value = text;
	return 0;
}

static const struct option_type type_window = { "A,B",
						"two seconds with 0 <= A < B, such as 0,20.5",
						parse_window };
static const struct option_type type_size = { "WxH",
					      "a width and a height up to 32767, such as 1260x600",
					      parse_size };
static const struct option_type type_dpi = { "DPI", "dots per inch from 24 to 1200", parse_dpi };
static const struct option_type type_theme = { "THEME", "light or dark", parse_theme,
					       "light dark" };
static const struct option_type type_backend = { "NAME", "a name", option_parse_text,
						 BACKEND_NAMES };
static const struct option_type type_name = { "NAME", "a name", option_parse_text };

#define BACKEND_LISTED(name) ", " #name
#define AT(member)           offsetof(struct plot_options, member)

static const struct command_option options_table[] = {
	{ 'o', "output", &option_file, AT(picture.output),
	  "write the picture to FILE; - is standard output" },
	{ 'b', "backend", &type_backend, AT(picture.backend),
	  &(BACKENDS(BACKEND_LISTED) "; else FILE's extension tells")[2] },
	{ 't', "title", &option_text, AT(title), "the title, instead of the command line" },
	{ 'w', "window", &type_window, AT(window), "show only the seconds from A to B" },
	{ 'n', "no-function-ts", NULL, AT(no_functions), "leave the function calls out" },
	{ 'f', "flame", NULL, AT(flame),
	  "stack the calls, or where Python memory grew, as boxes under the curve" },
	{ 's', "slope", NULL, AT(slope), "draw the trend after warm-up and name its slope" },
	{ 0, "heap", NULL, AT(heap),
	  "who holds the heap, as areas by line; recorded with run --heap" },
	{ 0, "bill", NULL, AT(bill), "show what the memory consisted of, as stacked areas" },
	{ 0, "own", &option_own, AT(own), OWN_HELP },
	{ 0, "size", &type_size, AT(picture.size),
	  "pixels (1260x600), or character cells in a terminal" },
	{ 0, "dpi", &type_dpi, AT(picture.dpi),
	  "scale lines and text for this many dots per inch (96)" },
	{ 0, "theme", &type_theme, AT(picture.theme), "light (default) or dark" },
	{ 0, "font", &type_name, AT(picture.font),
	  "a font family; builtin is the built-in stroke face" },
	{ 0, "ascii", NULL, AT(picture.ascii), "draw in the terminal with ASCII characters only" },
	{ 0 },
};

/* What fits on the canvas, in numbers. */
static struct chart_wish wish_for(const struct plot *plot)
{
	const struct plot_options *o = &plot->options;
	const struct canvas *c = &plot->choice.canvas;
	bool cells = plot->choice.backend->cells;
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
		.functions = !o->no_functions,
		.flame = o->flame,
		.slope = o->slope,
		.heap = o->heap,
		.bill = o->bill,
		.coarse = cells,
	};
}

/* ---- reading ---- */

static int show(struct plot *plot, const struct profile *profile)
{
	int r = plot->choice.backend->export ? spool_keep(&plot->spool) : 0;
	plot->shown[plot->n_shown++] = profile;
	return r < 0 ? fault(STATUS_FAULT, "out of memory") : -1;
}

static int load_one(struct plot *plot, const char *path, const struct profile_wish *wish)
{
	struct profile *profile = &plot->profiles[plot->n];
	spool_begin(&plot->spool);
	int r = profile_load(profile, path, wish);
	if (r < 0)
		return fault(STATUS_FAULT, "cannot read %s: %s",
			     strcmp(path, "-") == 0 ? "standard input" : path, recording_reason(r));
	plot->n++;
	recording_warn(profile);
	if (plot->options.bill && profile->bills.n == 0)
		warning("%s does not hold what the memory consisted of: run -b bill records it",
			profile->path);
	if (profile->memory.samples > 0)
		return show(plot, profile);
	if (wish->to > 0 && profile->start_us > 0)
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
static int load(struct plot *plot, const char *const paths[], size_t n)
{
	bool exports = plot->choice.backend->export;
	bool page = plot->choice.backend->page;
	struct profile_wish wish = { .columns = page ? PAGE_COLUMNS / n : columns_of_each(n),
				     .from = plot->options.window.from,
				     .to = plot->options.window.to,
				     .also = exports ? &spool_sink : NULL,
				     .also_context = &plot->spool };
	plot->profiles = calloc(n + 1, sizeof *plot->profiles);
	plot->shown = calloc(n + 1, sizeof *plot->shown);
	if (!plot->profiles || !plot->shown)
		return fault(STATUS_FAULT, "out of memory");
	int status = STATUS_OK;
	for (size_t i = 0; i < n; i++) {
		/* Of the first nobody knows yet whether it will be alone. */
		wish.curves = plot->n_shown > 0 && !exports && !page;
		int bad = load_one(plot, paths[i], &wish);
		status = bad == -1 ? status : bad;
	}
	return status;
}

/* ---- drawing ---- */

static int draw_page(struct plot *plot, const struct chart *chart, FILE *out)
{
	struct chart dense;
	struct chart_wish wish = wish_for(plot);
	wish.columns = PAGE_COLUMNS;
	int r = chart_make(&dense, plot->shown, plot->n_shown, &wish);
	if (r < 0)
		return r;
	const struct backend_page page = { chart, &dense, plot->shown, plot->n_shown,
					   plot->options.own.globs };
	r = plot->choice.backend->page(&page, &plot->choice.canvas, out);
	chart_free(&dense);
	return r;
}

static int draw_chart(struct plot *plot, FILE *out)
{
	struct chart chart;
	struct chart_wish wish = wish_for(plot);
	int r = chart_make(&chart, plot->shown, plot->n_shown, &wish);
	if (r < 0)
		return r;
	r = plot->choice.backend->page
		    ? draw_page(plot, &chart, out)
		    : plot->choice.backend->draw(&chart, &plot->choice.canvas, out);
	chart_free(&chart);
	return r;
}

static int say_not_drawn(const struct backend *backend, const char *name, int error)
{
	const char *complaint = backend->complaint ? backend->complaint() : "";
	return fault(STATUS_FAULT, "the %s backend cannot draw to %s: %s", backend->name, name,
		     *complaint ? complaint : strerror(-error));
}

static int draw(struct plot *plot)
{
	const struct plot_options *o = &plot->options;
	struct output output;
	const char *path = o->picture.output ? o->picture.output : "-";
	const char *name = is_stdout(path) ? "standard output" : path;
	int r = output_open(&output, path, REPLACE_PICTURE);
	if (r < 0)
		return place_say(name, REPLACE_PICTURE, r);
	if (plot->choice.backend->export)
		r = plot->choice.backend->export(&plot->spool, plot->shown, plot->n_shown,
						 o->window.from, o->window.to, output.stream);
	else
		r = draw_chart(plot, output.stream);
	if (r < 0) {
		output_abandon(&output);
		return say_not_drawn(plot->choice.backend, name, r);
	}
	const struct backend *backend = plot->choice.backend;
	if (backend->remark && *backend->remark())
		warning("%s", backend->remark());
	r = output_commit(&output);
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

static int start(struct plot *plot)
{
	struct choice *choice = &plot->choice;
	int status = choose_backend(choice);
	if (status != -1)
		return status;
	choose_canvas(choice);
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

static int plot_paths(struct plot *plot, const char *const paths[], size_t n)
{
	int status = check_place(plot->options.picture.output, paths, n);
	if (status == -1 && !choose_has_place(&plot->options.picture))
		status = check_files(paths, n);
	if (status == -1)
		status = start(plot);
	if (status != -1)
		return status;
	status = load(plot, paths, n);
	if (plot->n_shown == 0)
		return status;
	if (plot->options.heap && plot->n_shown == 1 && plot->shown[0]->heap.records == 0)
		return say_no_heap(plot->shown[0]);
	int drawn = draw(plot);
	return drawn != STATUS_OK ? drawn : status;
}

static void plot_free(struct plot *plot)
{
	for (size_t i = 0; i < plot->n; i++)
		profile_free(&plot->profiles[i]);
	free(plot->profiles);
	free(plot->shown);
	spool_free(&plot->spool);
}

static int run(int argc, char *argv[])
{
	struct plot plot = { .options.picture = { .theme = "light", .dpi = 96 } };
	int n = 0;
	int status =
		command_parse(&command_plot_here, OPERANDS_ANYWHERE, argc, argv, &plot.options, &n);
	if (status != -1)
		return status;
	setlocale(LC_CTYPE,
		  ""); /* which characters the terminal knows; numbers keep their points */
	plot.choice.wanted = &plot.options.picture;
	struct selection selection;
	status = selection_make(&selection, argv + 1, (size_t)n);
	if (status == -1 && plot.options.heap && plot.options.bill)
		status = fault(STATUS_USAGE, "--heap and --bill exclude each other");
	if (status == -1 && plot.options.heap && selection.n > 1)
		status = fault(STATUS_USAGE, "--heap is drawn of one recording");
	if (status == -1)
		status = plot_paths(&plot, selection.paths, selection.n);
	plot_free(&plot);
	selection_free(&selection);
	return status;
}

const struct command command_plot_here = {
	.name = "plot",
	.usage = "[OPTIONS] [PROFILE …]",
	.summary = "draw one or several recordings",
	.run = run,
	.options = options_table,
	.details = "PROFILE is a file, - for standard input, or an index from mprof-c list: 0 is "
		   "the oldest, -1 the\n"
		   "newest, which is the default. Several are drawn over each other, each from its "
		   "own start.\n"
		   "Without -o and -b the picture is shown: in a window where there is a display, "
		   "else in the terminal.",
};
