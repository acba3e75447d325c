#include "plotter/choose.h"

#include <langinfo.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "plotter/figure/theme.h"
#include "share/fault.h"
#include "share/nearest.h"
#include "share/number.h"

enum { DEFAULT_WIDTH = 1260, DEFAULT_HEIGHT = 600, MOST_CELLS = 1000 };

static bool has_display(void)
{
	const char *x = getenv("DISPLAY"), *wayland = getenv("WAYLAND_DISPLAY");
	return (x && *x) || (wayland && *wayland);
}

static int unknown_backend(const char *name)
{
	const char *names[32];
	char list[256] = "";
	size_t n = 0;
	for (; backends[n]; n++) {
		names[n] = backends[n]->name;
		strcat(strcat(list, n ? ", " : ""), names[n]);
	}
	names[n] = NULL;
	const char *near = nearest(name, names);
	if (near)
		return fault(STATUS_USAGE, "there is no backend '%s'; did you mean %s?", name,
			     near);
	return fault(STATUS_USAGE, "there is no backend '%s'; there are %s", name, list);
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
	set_format(choice);
	bool shows = strcmp(choice->backend->name, "gnuplot") == 0;
	choice->canvas.window = shows && !o->output && has_display();
	if (!o->output && choice->backend->binary && !choice->canvas.window)
		return fault(
			STATUS_USAGE,
			"the %s backend needs a file: add -o FILE, or -o - for standard output",
			choice->backend->name);
	return -1;
}

static int choose_by_output(struct choice *choice)
{
	const struct picture *o = choice->wanted;
	choice->backend =
		is_stdout(o->output) ? backend_by_name("png") : backend_by_extension(o->output);
	if (!choice->backend)
		return fault(STATUS_USAGE,
			     "cannot tell the format of '%s': end it in .png, .svg, .pdf, .txt, "
			     ".csv or .json, "
			     "or choose with -b",
			     o->output);
	set_format(choice);
	return -1;
}

/* Neither a file nor a backend was named: a window, else the terminal. */
static int choose_by_surroundings(struct choice *choice)
{
	const struct backend *gnuplot = backend_by_name("gnuplot");
	choice->canvas.window = true;
	if (has_display() && gnuplot &&
	    (!gnuplot->prepare || gnuplot->prepare(&choice->canvas) == 0)) {
		choice->backend = gnuplot;
		choice->prepared = true;
		return -1;
	}
	choice->canvas.window = false;
	if (!isatty(STDOUT_FILENO))
		return fault(
			STATUS_USAGE,
			"standard output is no terminal and there is no display: say where the "
			"picture goes, -o FILE.png, or choose -b term");
	choice->backend = backend_by_name("term");
	return -1;
}

int choose_backend(struct choice *choice)
{
	const struct picture *o = choice->wanted;
	int status = o->backend  ? choose_named(choice)
		     : o->output ? choose_by_output(choice)
				 : choose_by_surroundings(choice);
	if (status != -1)
		return status;
	if (is_stdout(o->output) && choice->backend->binary && isatty(STDOUT_FILENO))
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
	canvas->theme = theme_find(o->theme);
	canvas->font = o->font;
	canvas->ascii = o->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	canvas->colour = !o->output && isatty(STDOUT_FILENO) && !(no_color && *no_color) &&
			 !(term && strcmp(term, "dumb") == 0);
	canvas->width = floor(DEFAULT_WIDTH * canvas->scale);
	canvas->height = floor(DEFAULT_HEIGHT * canvas->scale);
	if (choice->backend->cells)
		measure_terminal(canvas);
	if (o->size.width > 0) {
		canvas->width = o->size.width;
		canvas->height = o->size.height;
	}
	if (choice->backend->cells) {
		canvas->width = fmin(canvas->width, MOST_CELLS);
		canvas->height = fmin(canvas->height, MOST_CELLS);
	}
}
