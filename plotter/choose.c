#include "plotter/choose.h"

#include <langinfo.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "plotter/figure/theme.h"
#include "plotter/opening.h"
#include "share/environment.h"
#include "share/fault.h"
#include "share/nearest.h"
#include "share/number.h"

enum { WIDTH = 1260, HEIGHT = 600, MOST_CELLS = 1000 };

#define BACKEND_QUOTED(name) #name,

static int unknown_backend(const char *name)
{
	const char *names[] = { BACKENDS(BACKEND_QUOTED) NULL };
	const char *near = nearest(name, names);
	if (near)
		return fault(STATUS_USAGE, "there is no backend '%s'; did you mean %s?", name,
			     near);
	char *list = backend_list_names("");
	fault(STATUS_USAGE, "there is no backend '%s': choose %s", name, list ? list : "another");
	free(list);
	return STATUS_USAGE;
}

bool is_stdout(const char *output)
{
	return output && strcmp(output, "-") == 0;
}

/* The extension, when the backend writes it: gnuplot's terminal follows from it. */
static void set_format(struct choice *choice)
{
	const char *extension =
		choice->wanted->output ? backend_extension(choice->wanted->output) : "";
	if (backend_writes(choice->backend, extension))
		choice->canvas.format = extension;
}

static int choose_named(struct choice *choice)
{
	const struct picture *o = choice->wanted;
	choice->backend = backend_by_name(o->backend);
	if (!choice->backend)
		return unknown_backend(o->backend);
	if (choice->backend->inlaid && o->open)
		return fault(STATUS_USAGE,
			     "the %s backend draws in a terminal, which --open does not open",
			     choice->backend->name);
	set_format(choice);
	unsigned places = choice->backend->places;
	choice->canvas.window =
		(places & TO_WINDOW) && !o->output && !o->open && environment_has_display();
	choice->opens = o->open && !o->output;
	if (!o->output && !o->open && !(places & TO_TERMINAL) && !choice->canvas.window)
		return fault(
			STATUS_USAGE,
			"the %s backend needs a file: add -o FILE, or -o - for standard output",
			choice->backend->name);
	return -1;
}

static int unknown_format(const char *output)
{
	char *list = backend_list_extensions(".");
	fault(STATUS_USAGE, "cannot tell the format of '%s': end it in %s, or choose with -b",
	      output, list ? list : "another way");
	free(list);
	return STATUS_USAGE;
}

static int choose_by_output(struct choice *choice)
{
	const struct picture *o = choice->wanted;
	choice->backend =
		is_stdout(o->output) ? backend_usual(TO_FILE) : backend_by_extension(o->output);
	if (!choice->backend)
		return unknown_format(o->output);
	set_format(choice);
	return -1;
}

static bool can_open_window(struct choice *choice)
{
	choice->backend = environment_has_display() ? backend_usual(TO_WINDOW) : NULL;
	choice->canvas.window = true;
	choice->prepared = choice->backend && (!choice->backend->prepare ||
					       choice->backend->prepare(&choice->canvas) == 0);
	choice->canvas.window = choice->prepared;
	return choice->prepared;
}

/* Where the terminal shows pictures, one; a size is meant in characters. */
static void choose_picture(struct choice *choice)
{
	if (choice->wanted->ascii || choice->wanted->size.width > 0)
		return;
	terminal_find(&choice->terminal);
	if (choice->terminal.backend)
		choice->backend = choice->terminal.backend;
}

/* To be written here, and opened. */
static int choose_page(struct choice *choice)
{
	choice->backend = backend_by_name("html");
	choice->opens = true;
	return -1;
}

/* Neither a file nor a backend was named: a window, else the terminal, else, on a desktop, a page.
 */
static int choose_by_surroundings(struct choice *choice)
{
	if (choice->wanted->open)
		return choose_page(choice);
	if (can_open_window(choice))
		return -1;
	choice->backend = backend_usual(TO_TERMINAL);
	if (isatty(STDOUT_FILENO)) {
		choose_picture(choice);
		return -1;
	}
	if (opening_can() == 0)
		return choose_page(choice);
	const char *extensions = backend_usual(TO_FILE)->extensions;
	return fault(STATUS_USAGE,
		     "standard output is no terminal and there is no display: say where the "
		     "picture goes, -o FILE.%.*s, or choose -b %s",
		     (int)strcspn(extensions, " "), extensions, choice->backend->name);
}

bool choose_has_place(const struct picture *wanted)
{
	return wanted->backend || wanted->output || wanted->open || environment_has_display() ||
	       isatty(STDOUT_FILENO);
}

int choose_backend(struct choice *choice)
{
	const struct picture *o = choice->wanted;
	int status = o->backend  ? choose_named(choice)
		     : o->output ? choose_by_output(choice)
				 : choose_by_surroundings(choice);
	if (status != -1)
		return status;
	if (is_stdout(o->output) && !(choice->backend->places & TO_TERMINAL) &&
	    isatty(STDOUT_FILENO))
		return fault(STATUS_USAGE,
			     "a picture would only fill the terminal with noise: use -o FILE");
	return -1;
}

static double positive_variable(const char *name)
{
	long value;
	const char *text = getenv(name);
	return text && number_whole(text, &value) == 0 && value > 0 && value <= MOST_CELLS
		       ? (double)value
		       : 0;
}

static void measure_terminal(struct canvas *canvas)
{
	struct winsize size = { 0 };
	canvas->width = positive_variable("COLUMNS");
	canvas->height = positive_variable("LINES");
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 1) {
		canvas->width = canvas->width > 0 ? canvas->width : size.ws_col;
		canvas->height = canvas->height > 0 ? canvas->height : size.ws_row;
	}
	canvas->width = canvas->width > 0 ? canvas->width : 80;
	canvas->height = canvas->height > 0 ? canvas->height - 1 : 24; /* the prompt's line */
}

void choose_canvas(struct choice *choice)
{
	const struct picture *o = choice->wanted;
	struct canvas *canvas = &choice->canvas;
	canvas->dpi = o->dpi;
	canvas->scale = o->dpi / 96;
	bool dark = choice->backend->inlaid && choice->terminal.dark; /* as what is around it */
	canvas->theme = theme_find(o->theme ? o->theme : dark ? "dark" : "light");
	canvas->font = o->font;
	canvas->ascii = o->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	const char *term = getenv("TERM");
	canvas->colour = !o->output && !choice->opens && isatty(STDOUT_FILENO) &&
			 !environment_word("NO_COLOR") && !(term && strcmp(term, "dumb") == 0);
	const struct backend *b = choice->backend;
	canvas->width = floor((b->width > 0 ? b->width : WIDTH) * canvas->scale);
	canvas->height = floor((b->height > 0 ? b->height : HEIGHT) * canvas->scale);
	if (b->cells)
		measure_terminal(canvas);
	if (b->inlaid && !o->output && isatty(STDOUT_FILENO))
		terminal_measure(&choice->terminal, canvas);
	if (o->size.width > 0) {
		canvas->columns = 0;
		canvas->width = o->size.width;
		canvas->height = o->size.height;
	}
	if (b->cells) {
		canvas->width = fmin(canvas->width, MOST_CELLS);
		canvas->height = fmin(canvas->height, MOST_CELLS);
	}
}
