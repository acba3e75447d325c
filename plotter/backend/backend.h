/* What turns a chart into a picture, and all that others need to know of it. A new one is a file
 * that defines `const struct backend backend_NAME`, a line in BACKENDS and a word in meson. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "plotter/figure/canvas.h"
#include "share/growth/growth.h"

struct chart;
struct many;
struct profile;
struct export;

/* In the order in which they are asked and listed: where two write an extension, the first does. */
#define PICTURES(X) \
	X(png)      \
	X(svg)      \
	X(gnuplot)  \
	X(term)     \
	X(kitty)    \
	X(iterm)    \
	X(sixel)    \
	X(html)
/* Those that write what a recording holds, for other programs: the formats of export. */
#define EXPORTS(X)     \
	X(csv)         \
	X(json)        \
	X(firefox)     \
	X(perfetto)    \
	X(speedscope)  \
	X(openmetrics) \
	X(folded)
#define BACKENDS(X) PICTURES(X) EXPORTS(X)

/* Where a picture can go. */
enum backend_place {
	TO_FILE = 1,     /* a file, or standard output that is no terminal */
	TO_TERMINAL = 2, /* standard output that is one: text */
	TO_WINDOW = 4,   /* a window of its own, where there is a display */
};

/* What a page is made of. */
struct backend_page {
	const struct chart *chart; /* as it is drawn */
	const struct chart *dense; /* the same, with all points that the profiles keep */
	const struct profile *const *profiles;
	const struct profile *const *drawn; /* the same, with the zeros of the chart's axis */
	size_t n;
	growth_own own;
	/* Of many, instead of the profiles and the dense chart; NULL: it is not of many. */
	const struct many *many;
};

struct backend {
	const char *name;
	const char *extensions; /* "png", "svg pdf": blank-separated, lower case, the default first;
				   "" for none */
	const char *summary;
	unsigned places; /* backend_place: where it can draw */
	unsigned usual;  /* backend_place: where it draws when nobody says how */
	bool cells;      /* measures in character cells, of which the terminal tells how many */
	bool inlaid;     /* pixels among the text of a terminal, as wide as that */
	double width, height; /* its usual size in pixels at 96 dpi; 0: 1260x600 */
	/* Draws the chart: 0 or -errno (write errors may also be left in ferror(out)). */
	int (*draw)(const struct chart *chart, const struct canvas *canvas, FILE *out);
	/* Instead of draw: writes the chart and more. */
	int (*page)(const struct backend_page *page, const struct canvas *canvas, FILE *out);
	/* Instead of draw: writes every sample, which the spool of `of` has kept, a span for each
	 * of the profiles; see export_of. */
	int (*export)(const struct export *of, const struct profile *const profiles[], size_t n);
	bool ranks; /* export: also each rank of what is merged, and not all together only */
	/* Called once before the recordings are read, to start what takes time: the program of
	 * the backend's name, which may not be installed (-ENOENT). NULL: nothing to start. */
	int (*prepare)(const struct canvas *canvas);
	/* After a failure: what the program behind the backend said of it, or "". NULL: there is
	 * none. */
	const char *(*complaint)(void);
	/* After a success: what is worth saying of the picture, or "". NULL: there is nothing. */
	const char *(*remark)(void);
};

#define BACKEND_DECLARE(name) extern const struct backend backend_##name;
BACKENDS(BACKEND_DECLARE)
#undef BACKEND_DECLARE

extern const struct backend *const backends[]; /* ends with NULL */

#define BACKEND_SPACED(name) " " #name
/* "png svg …", for tables made at compile time. */
#define BACKEND_NAMES (&(BACKENDS(BACKEND_SPACED))[1])
#define EXPORT_NAMES  (&(EXPORTS(BACKEND_SPACED))[1])

const struct backend *backend_by_name(const char *name);

/* Who draws there when nobody says how; NULL: nobody. */
const struct backend *backend_usual(enum backend_place place);

/* What stands behind a path's last dot, or behind an earlier one where a backend writes that
 * ("a.x.json"), "" when there is none; does the backend write that (in either case)? */
const char *backend_extension(const char *path);
bool backend_writes(const struct backend *backend, const char *extension);

const struct backend *
backend_by_extension(const char *path); /* NULL: no extension, or none that we write */

/* Words for a sentence, each behind `prefix`: "png, svg or term". The caller frees it; NULL: no
 * memory. All names; those of backends that draw by themselves; all extensions, each once. */
char *backend_list_names(const char *prefix);
char *backend_list_own(const char *prefix);
char *backend_list_extensions(const char *prefix);
char *backend_list_exports(const char *prefix); /* extensions of those that export */
