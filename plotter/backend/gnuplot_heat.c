#include "plotter/backend/gnuplot_heat.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "plotter/backend/gnuplot_text.h"
#include "plotter/chart/chart.h"
#include "plotter/figure/canvas.h"
#include "plotter/figure/theme.h"

/* gnuplot leaves out what falls between the pixels, which could be the one row that matters: it is
 * given no more than it can show. */
static size_t step_for(size_t n, double pixels)
{
	return (size_t)fmax(ceil((double)n / fmax(pixels, 1)), 1);
}

static unsigned highest(const struct chart_heat *heat, size_t row, size_t column, size_t rows,
			size_t columns)
{
	unsigned level = 0;
	for (size_t y = row; y < row + rows && y < heat->rows; y++)
		for (size_t x = column; x < column + columns && x < heat->columns; x++) {
			unsigned one = heat->levels[y * heat->columns + x];
			level = one > level ? one : level;
		}
	return level;
}

/* The first colour is the paper's: nobody lived. */
static void put_palette(struct script *s)
{
	const struct theme *theme = s->canvas->theme;
	fprintf(s->out,
		"unset colorbox\nset cbrange [0:%d]\nset palette maxcolors %d defined (0 '#%06x'",
		CHART_LEVELS, CHART_LEVELS + 1, theme->paper);
	for (int i = 0; i < CHART_LEVELS; i++)
		fprintf(s->out, ", %d '#%06x'", i + 1, theme->levels[i]);
	fputs(")\n", s->out);
}

/* Above the right end of the plot: "0 ▒▒▒▒ 9.62 GiB". */
static void put_scale(struct script *s)
{
	const struct chart_heat *heat = &s->chart->heat;
	double width = s->canvas->width, height = s->canvas->height;
	double level = gnuplot_px(s, 9) / width, y = s->strip_top + gnuplot_px(s, 12) / height;
	double room = gnuplot_ems(NULL, heat->most) * gnuplot_px(s, 11), half = gnuplot_px(s, 5);
	double left = s->right - room / width - CHART_LEVELS * level;
	const struct theme *theme = s->canvas->theme;
	for (int i = 0; i < CHART_LEVELS; i++)
		fprintf(s->out,
			"set object %d rectangle from screen %.5f, screen %.5f to screen %.5f, "
			"screen %.5f noclip front fillcolor rgb '#%06x' fillstyle solid 1 "
			"noborder\n",
			++s->objects, left + i * level, y - half / height, left + (i + 1) * level,
			y + half / height, theme->levels[i]);
	gnuplot_label(s, (struct gnuplot_text){ heat->most, 11, room, theme->muted },
		      "screen %.5f,%.5f", left + CHART_LEVELS * level + gnuplot_px(s, 6) / width,
		      y);
	gnuplot_label(s, (struct gnuplot_text){ "0", 11, room, theme->muted },
		      "screen %.5f,%.5f right", left - gnuplot_px(s, 6) / width, y);
}

void gnuplot_heat(struct script *s)
{
	const struct chart *chart = s->chart;
	const struct chart_heat *heat = &chart->heat;
	size_t columns = step_for(heat->columns, (s->right - s->left) * s->canvas->width);
	size_t rows = step_for(heat->rows, (s->top - s->bottom) * s->canvas->height);
	double dx = (chart->x.high - chart->x.low) / (double)heat->columns * (double)columns;
	double dy = chart->y.high / (double)heat->rows * (double)rows;
	put_palette(s);
	put_scale(s);
	fprintf(s->out,
		"plot '-' matrix using (%.17g + ($1 + 0.5) * %.17g):(%.17g - ($2 + 0.5) * "
		"%.17g):3 with image notitle\n",
		chart->x.low, dx, chart->y.high, dy);
	for (size_t y = 0; y < heat->rows; y += rows) {
		for (size_t x = 0; x < heat->columns; x += columns)
			fprintf(s->out, "%u ", highest(heat, y, x, rows, columns));
		fputc('\n', s->out);
	}
	fputs("e\n", s->out);
}
