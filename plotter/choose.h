/* Which backend draws, and on how large a canvas: from the command line, else from where the
 * program stands. Part of the plot command: says its own faults. */
#pragma once

#include <stdbool.h>

#include "plotter/backend/backend.h"
#include "plotter/terminal.h"

struct picture_size {
	double width, height; /* 0: the backend's usual */
};

/* What the command line asks of the picture itself. */
struct picture {
	const char *output, *backend, *theme, *font; /* NULL: not given */
	struct picture_size size;
	double dpi;
	bool ascii;
	bool open; /* show the file when it is written */
};

struct choice {
	const struct picture *wanted;
	const struct backend *backend;
	struct canvas canvas;
	struct terminal terminal;
	bool prepared; /* backend->prepare was called already */
	bool opens;    /* the picture goes to a file that nobody has named, and is opened */
};

/* Is `output` "-"? */
bool is_stdout(const char *output);

/* Is there anywhere that the picture can go? */
bool choose_has_place(const struct picture *wanted);

/* -1 to go on, else the exit status. */
int choose_backend(struct choice *choice);
void choose_canvas(struct choice *choice);
