/* A chart's points, packed: of each curve and then of each band the moments and then the figures
 * (KiB), each less the one before, zigzag, in groups of seven bits, low ones first, all of it as
 * gzip in base64. */
#pragma once

#include <stddef.h>
#include <stdio.h>

struct chart;
struct chart_band;

/* What moments are counted in: so many of it are a second. */
double points_unit(const struct chart *chart);

/* The curve that the band stands on, in which case only its upper edge is packed; n_curves: it has
 * a lower edge of its own, which follows the upper one, backwards. */
size_t points_floor(const struct chart *chart, const struct chart_band *band);

/* 0 or -ENOMEM; nothing where there are no points. */
int points_put(FILE *out, const struct chart *chart, double unit);
