/* The makers of a chart's parts; chart.c puts them together. All return 0 or -ENOMEM. */
#pragma once

#include "plotter/chart/chart.h"

/* printf into memory of its own, made printable; NULL: no memory. */
char *parts_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

int parts_add_row(struct chart *chart, enum chart_row_kind kind, unsigned colour, char *label,
		  char *detail);

/* Appends a curve for the part of a series inside the window; `start` is the zero of its time. */
int parts_add_curve(struct chart *chart, const struct profile_series *series, int64_t start,
		    enum chart_role role, unsigned colour, const struct chart_wish *wish);

/* A column's samples in the order of time, each once: how many. */
size_t parts_samples(const struct column *column, struct sample out[4]);

/* The index of the curve's first point that is not before x; its length where all are. */
size_t parts_from(const struct chart_curve *curve, double x);

/* How many of n things get a colour and a row where `rows` fit: all, or one row is left for “N
 * more”. */
size_t parts_named(size_t n, size_t rows);

/* together.c: what several descendants held at one time, into a series that is {0}; the caller
 * frees its columns. */
int together_make(struct profile_series *sum, const struct profile_child *const members[],
		  size_t n);

/* children.c: the largest descendants as curves with a row each, those of one name as one; the rest
 * as “N others”, or where they have no names as thin lines. */
int children_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish,
		  unsigned colour, size_t rows);

/* beside.c: the metrics beside the first, and GPUs, as curves with a row each; on the axis to the
 * right where theirs is another scale. `top` is the highest of what stands on the left, MiB. Tells
 * how many colours it took. */
int beside_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish,
		unsigned *colour, double top);

/* limits.c: what the recording says that the program was allowed, where a curve comes near it. */
int limits_show(struct chart *chart, const struct profile *profile, double top);

/* Adds a line across; takes the label. */
int parts_add_limit(struct chart *chart, double mib, unsigned colour, bool right, char *label);

/* Is this META 1? */
bool parts_is_set(const struct profile *profile, const char *key);

/* summit.c: the peak as a dot with a label, and where it is known that more was held, how much. */
int summit_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish,
		unsigned colour, bool brief);

/* Is this MiB setting told? */
bool parts_setting(const struct profile *profile, const char *key, double *mib);

/* band.c: what was held between the samples, over the curve added last; with a row of its own when
 * it is the only recording. */
int band_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish,
	      unsigned colour, bool alone);

/* marks.c: the moments that the program named. */
int marks_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish);

/* places.c: where in a Python program the memory grew: the peak's place and the largest steps. */
int places_show(struct chart *chart, const struct profile *profile);

/* growth_flame.c: the stacks that memory grew in as spans, a row a function. */
int growth_flame_show(struct chart *chart, const struct profile *profile,
		      const struct chart_wish *wish, unsigned colour, size_t rows);

/* flame.c: FUNC calls as spans, a row per function. */
int flame_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish,
	       unsigned colour, size_t rows);

/* trend.c: the growth of a recording once it has warmed up, as a dashed line and a row. Nothing
 * where there are too few samples for one. */
int trend_show(struct chart *chart, const struct profile *profile, const struct chart_wish *wish,
	       unsigned colour);
