/* Colours, 0xRRGGBB. The series are Okabe and Ito's palette (2008), which stays apart under every
 * common colour blindness; the dark theme lightens it. */
#pragma once

#include <stdint.h>

#include "plotter/chart/chart.h"

enum { THEME_SERIES = 8 };

struct theme {
	const char *name;
	uint32_t paper, ink, muted, grid,
		frame; /* background, text, secondary text, grid lines, axis lines */
	uint32_t main; /* the main curve */
	uint32_t peak;
	uint32_t series[THEME_SERIES]; /* children, further recordings, functions */
	uint32_t classes[CHART_CLASSES];
	uint32_t levels[CHART_LEVELS]; /* from little to much */
};

/* By name, NULL when there is none; the table ends with an entry without a name. */
const struct theme *theme_find(const char *name);
extern const struct theme themes[];

/* The colour of a chart's curve or row: index 0 is the theme's main colour, the others are its
 * series. */
static inline uint32_t theme_colour(const struct theme *theme, unsigned index)
{
	if (index == CHART_OTHERS)
		return theme->muted;
	if (index == CHART_PEAK)
		return theme->peak;
	if (index >= CHART_LEVEL)
		return theme->levels[(index - CHART_LEVEL) % CHART_LEVELS];
	if (index >= CHART_CLASS)
		return theme->classes[(index - CHART_CLASS) % CHART_CLASSES];
	return index == 0 ? theme->main : theme->series[(index - 1) % THEME_SERIES];
}
