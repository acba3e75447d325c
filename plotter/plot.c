#include "plotter/plot.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stddef.h>

#include "plotter/backend/backend.h"
#include "plotter/drawing.h"
#include "plotter/drawing_many.h"
#include "plotter/figure/theme.h"
#include "share/commands/catalog.h"
#include "share/fault.h"
#include "share/number.h"

enum { MOST_PIXELS = 32767 };

/* ---- options ---- */

static int parse_size(const char *text, void *value)
{
	struct picture_size size;
	int r = number_pair(text, 'x', &size.width, &size.height);
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

static const struct option_type type_size = {
	"WxH", "a width from 16 and a height from 4 to 32767, such as 1260x600", parse_size
};
static const struct option_type type_dpi = { "DPI", "dots per inch from 24 to 1200", parse_dpi };
static const struct option_type type_theme = { "THEME", "light or dark", parse_theme,
					       "light dark" };
static const struct option_type type_backend = { "NAME", "a name", option_parse_text,
						 BACKEND_NAMES };
static const struct option_type type_name = { "NAME", "a name", option_parse_text };

static int parse_sort(const char *text, void *value)
{
	static const char *const words[] = { "rank", "peak", NULL };
	int r = option_parse_word(text, words);
	if (r < 0)
		return r;
	*(enum many_sort *)value = r == 1 ? MANY_BY_PEAK : MANY_BY_RANK;
	return 0;
}

static const struct option_type type_sort = { "HOW", "rank or peak", parse_sort, "rank peak" };

#define BACKEND_LISTED(name) ", " #name
#define AT(member)           offsetof(struct drawing_wish, member)

static const struct command_option options_table[] = {
	{ 'o', "output", &option_file, AT(picture.output),
	  "write the picture to FILE; - is standard output" },
	{ 0, "open", NULL, AT(picture.open),
	  "show it in the browser: a page, in this folder unless -o says where" },
	{ 'b', "backend", &type_backend, AT(picture.backend),
	  &(BACKENDS(BACKEND_LISTED) "; else FILE's extension tells")[2] },
	{ 't', "title", &option_text, AT(title), "the title, instead of the command line" },
	{ 'w', "window", &option_window, AT(window), "show only the seconds from A to B" },
	{ 0, "align", &option_align, AT(align),
	  "lay several over each other by their start (default), the clock or a mark" },
	{ 0, "no-band", NULL, AT(no_band),
	  "draw each of more than 12 by itself, not how far apart they are" },
	{ 0, "heatmap", NULL, AT(heatmap),
	  "many as an image: a row each, by colour how much was held" },
	{ 0, "sort", &type_sort, AT(sort), "the rows of --heatmap: by rank (default) or peak" },
	{ 'n', "no-function-ts", NULL, AT(no_functions), "leave the function calls out" },
	{ 'f', "flame", NULL, AT(flame),
	  "stack the calls, or where Python memory grew, as boxes under the curve" },
	{ 's', "slope", NULL, AT(slope), "draw the trend after warm-up and name its slope" },
	{ 0, "heap", NULL, AT(heap),
	  "who holds the heap, as areas by line; recorded with run --heap" },
	{ 0, "bill", NULL, AT(bill), "show what the memory consisted of, as stacked areas" },
	{ 0, "apart", NULL, AT(apart),
	  "draw processes of one name each by itself, not as one sum" },
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

/* -1 to go on, else the exit status. */
static int check(const struct drawing_wish *wish, size_t n)
{
	if (wish->heap && wish->bill)
		return fault(STATUS_USAGE, "--heap and --bill exclude each other");
	if ((wish->heap || wish->bill) && n > 1)
		return fault(STATUS_USAGE, "--%s is drawn of one recording",
			     wish->heap ? "heap" : "bill");
	if (wish->heatmap &&
	    (wish->no_band || wish->heap || wish->bill || wish->flame || wish->slope))
		return fault(STATUS_USAGE, "--heatmap is drawn without %s",
			     wish->no_band ? "--no-band"
			     : wish->heap  ? "--heap"
			     : wish->bill  ? "--bill"
			     : wish->flame ? "--flame"
					   : "--slope");
	if (wish->sort != MANY_BY_RANK && !wish->heatmap)
		return fault(STATUS_USAGE, "--sort is of the rows of --heatmap");
	if (wish->flame && n > 1)
		warning("--flame is drawn of one recording");
	return -1;
}

static int draw(const struct drawing_wish *wish, const struct selection *selection)
{
	return drawing_is_many(wish, selection->paths, selection->n)
		       ? drawing_make_many(wish, selection->paths, selection->n)
		       : drawing_make(wish, selection->paths, selection->n);
}

static int run(int argc, char *argv[])
{
	struct drawing_wish wish = { .picture = { .dpi = 96 } };
	int n = 0;
	int status = command_parse(&command_plot_here, OPERANDS_ANYWHERE, argc, argv, &wish, &n);
	if (status != -1)
		return status;
	setlocale(LC_CTYPE,
		  ""); /* which characters the terminal knows; numbers keep their points */
	struct selection selection;
	status = selection_make(&selection, argv + 1, (size_t)n);
	if (status == -1 && wish.picture.open && is_stdout(wish.picture.output))
		status = fault(STATUS_USAGE,
			       "--open needs a file: standard output cannot be opened");
	if (status == -1)
		status = check(&wish, selection.n);
	if (status == -1)
		status = draw(&wish, &selection);
	selection_free(&selection);
	return status;
}

const struct command command_plot_here = {
	.name = "plot",
	.usage = "[OPTIONS] [PROFILE …]",
	.summary = "draw one or several recordings",
	.run = run,
	.options = options_table,
	.details =
		"PROFILE is a file, - for standard input, or an index from mprof-c list: 0 is "
		"the oldest, -1 the\n"
		"newest, which is the default. Several are drawn over each other, each from its "
		"own start\n"
		"or as --align says; of more than 12, of a folder or of what mprof-c merge made, "
		"a band shows how\n"
		"far apart they are, and names who stands out.\n"
		"Without -o and -b the picture is shown: in a window where there is a display, "
		"else in the terminal;\n"
		"on a desktop where neither is, in the browser.",
};
