/* What turns a chart into a picture. One file per backend under backend/, one line in backend.c's
 * table and one word in meson; chosen by name, else by the output's extension. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "plotter/figure/canvas.h"

struct chart;
struct profile;

struct backend {
	const char *name;
	const char *extensions; /* "png", "svg pdf": blank-separated, lower case, the default first;
				   "" for none */
	const char *summary;
	bool cells;  /* measures in character cells */
	bool binary; /* not to be written to a terminal */
	/* Draws the chart: 0 or -errno (write errors may also be left in ferror(out)). */
	int (*draw)(const struct chart *chart, const struct canvas *canvas, FILE *out);
	/* Instead of draw: writes every sample, by reading the recordings again (profile->path,
	 * or its copy).
	 * `from`, `to`: window in seconds, both 0 for everything. */
	int (*export)(const struct profile *const profiles[], size_t n, double from, double to,
		      FILE *out);
	/* Called once before the recordings are read, to start what takes time (gnuplot); NULL:
	 * nothing to start. -ENOENT: the program that this backend needs is not installed. */
	int (*prepare)(const struct canvas *canvas);
	/* After a failure: what the program behind the backend said of it, or "". NULL: there is
	 * none. */
	const char *(*complaint)(void);
};

extern const struct backend *const backends[]; /* ends with NULL */

const struct backend *backend_by_name(const char *name);

/* What stands behind a path's last dot, "" when there is none; does the backend write that (in
 * either case)? */
const char *backend_extension(const char *path);
bool backend_writes(const struct backend *backend, const char *extension);

const struct backend *
backend_by_extension(const char *path); /* NULL: no extension, or none that we write */
