#include "plotter/figure/heat.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "plotter/figure/sheet.h"

/* The scale's, in pixels at 96 dpi. */
static const double BAR = 9, LEVEL = 9, NARROW = 5, ABOVE = 8;

/* Which of the chart's columns, or rows, a pixel is of: all that touch it, or where they are larger
 * than it, the one in its middle. */
static void share(size_t at, size_t pixels, size_t of, size_t *from, size_t *to)
{
	if (of <= pixels) {
		*from = (2 * at + 1) * of / (2 * pixels);
		*to = *from + 1;
		return;
	}
	*from = at * of / pixels;
	*to = ((at + 1) * of + pixels - 1) / pixels;
	*to = *to > of ? of : *to;
}

/* The highest of what falls onto a pixel. */
static uint8_t highest(const struct chart_heat *heat, const size_t x[2], const size_t y[2])
{
	uint8_t level = 0;
	for (size_t row = y[0]; row < y[1]; row++)
		for (size_t column = x[0]; column < x[1]; column++) {
			uint8_t one = heat->levels[row * heat->columns + column];
			level = one > level ? one : level;
		}
	return level;
}

static void fill(uint8_t *levels, const struct painter_cells *cells, const struct chart_heat *heat)
{
	for (size_t row = 0; row < cells->rows; row++) {
		size_t y[2], x[2];
		share(row, cells->rows, heat->rows, &y[0], &y[1]);
		for (size_t column = 0; column < cells->columns; column++) {
			share(column, cells->columns, heat->columns, &x[0], &x[1]);
			levels[row * cells->columns + column] = highest(heat, x, y);
		}
	}
}

/* Rows that are as high as several pixels are not drawn several times. */
static size_t rows_for(const struct chart_heat *heat, double pixels)
{
	return (double)heat->rows <= pixels ? heat->rows : (size_t)pixels;
}

static void draw_image(const struct sheet *f)
{
	const struct chart_heat *heat = &f->chart->heat;
	double left = floor(f->plot.x), top = floor(f->plot.y);
	struct painter_cells cells = { .box = { left, top, floor(f->plot.x + f->plot.w) - left,
						floor(f->plot.y + f->plot.h) - top },
				       .rgb = f->theme->levels,
				       .n_levels = CHART_LEVELS };
	if (cells.box.w < 1 || cells.box.h < 1)
		return;
	cells.columns = (size_t)cells.box.w;
	cells.rows = rows_for(heat, cells.box.h);
	uint8_t *levels = calloc(cells.columns * cells.rows + 1, 1);
	if (!levels)
		return;
	fill(levels, &cells, heat);
	cells.levels = levels;
	sheet_rect(f, cells.box, (struct ink){ f->theme->paper, 1 }); /* no grid in what is blank */
	f->painter->cells(f->painter->state, &cells);
	free(levels);
}

/* Above the right end of the plot: "0 ▒▒▒▒ 9.62 GiB". */
static void draw_scale(const struct sheet *f)
{
	const struct text_style style = { SHEET_SMALL, false, ANCHOR_LEFT, { f->theme->muted, 1 } };
	const char *most = f->chart->heat.most;
	double gap = sheet_scaled(f, 6), wide = sheet_scaled(f, f->small ? NARROW : LEVEL);
	double words = sheet_measure(f, most, SHEET_SMALL, false);
	double right = f->plot.x + f->plot.w - words, y = f->plot.y - sheet_scaled(f, ABOVE);
	double left = floor(right - gap - CHART_LEVELS * wide);
	for (size_t i = 0; i < CHART_LEVELS; i++) {
		double from = floor((double)i * wide), to = floor((double)(i + 1) * wide);
		sheet_rect(f,
			   (struct box){ left + from, floor(y - sheet_scaled(f, BAR)), to - from,
					 floor(sheet_scaled(f, BAR)) },
			   (struct ink){ f->theme->levels[i], 1 });
	}
	sheet_text(f, right, y, most, words + gap, &style);
	sheet_text(f, left - gap - sheet_measure(f, "0", SHEET_SMALL, false), y, "0", words,
		   &style);
}

void heat_draw(const struct sheet *f)
{
	draw_image(f);
	draw_scale(f);
}
