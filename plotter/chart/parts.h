/* What the makers of a chart's parts have in common. All that return an int return 0 or -ENOMEM. */
#pragma once

#include "plotter/chart/chart.h"

/* printf into memory of its own, made printable; NULL: no memory. */
char *parts_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Adds a row to the legend; takes both texts, NULL for no memory included. */
int parts_add_row(struct chart *chart, enum chart_row_kind kind, unsigned colour, char *label,
		  char *detail);

/* Adds a line across; takes the label. */
int parts_add_limit(struct chart *chart, double mib, unsigned colour, bool below, char *label);

/* Appends a curve for the part of a series inside the window; `start` is the zero of its time. */
int parts_add_curve(struct chart *chart, const struct profile_series *series, int64_t start,
		    enum chart_role role, unsigned colour, const struct chart_wish *wish);

/* The same without a gap anywhere; and its gaps, where that series has holes. */
int parts_add_line(struct chart *chart, const struct profile_series *series, int64_t start,
		   enum chart_role role, unsigned colour, const struct chart_wish *wish);
int parts_break_holes(struct chart_curve *curve, const struct profile_series *series, int64_t start,
		      const struct chart_wish *wish);

/* Breaks the curve's line where it crosses all of that time, if that is wide enough to be seen. */
void parts_break(struct chart_curve *curve, double from, double to, const struct chart_wish *wish);

/* A column's samples in the order of time, each once: how many. */
size_t parts_samples(const struct column *column, struct sample out[4]);

/* The index of the curve's first point that is not before x; its length where all are. */
size_t parts_from(const struct chart_curve *curve, double x);

/* How many of n things get a row where `rows` fit: all, or one row is left for “N more”. */
size_t parts_fitting(size_t n, size_t rows);

/* The same for what is told apart by colour alone, of which there are so few. */
size_t parts_named(size_t n, size_t rows);

/* How many rows are still free. */
size_t parts_room(const struct chart *chart, const struct chart_wish *wish);

/* How long the run lasted, in seconds, as far as is told. */
double parts_length(const struct profile *profile);
