#include "plotter/screen/heat.h"

#include <stdint.h>
#include <string.h>

#include "plotter/screen/screen.h"

enum { SHADES = 4 };

/* From little to much; nothing is a blank. */
static const char *const shades[SHADES] = { "░", "▒", "▓", "█" };
static const char letters[SHADES] = { '.', ':', '=', '#' };

/* Which of `of` a cell is of: all that begin in it, or where they are larger than it, the one in
 * its middle. */
static void share(int at, int cells, size_t of, size_t *from, size_t *to)
{
	size_t i = (size_t)at, n = (size_t)cells;
	*from = of <= n ? (2 * i + 1) * of / (2 * n) : i * of / n;
	*to = of <= n ? *from + 1 : (i + 1) * of / n;
}

/* The highest of what falls onto row `y` of `rows`, column `x` of all. */
static unsigned highest(const struct screen *s, int x, int y, int rows)
{
	const struct chart_heat *heat = &s->chart->heat;
	size_t left, right, top, bottom;
	unsigned level = 0;
	share(x, s->plot.w, heat->columns, &left, &right);
	share(y, rows, heat->rows, &top, &bottom);
	for (size_t row = top; row < bottom; row++)
		for (size_t i = left; i < right; i++) {
			unsigned one = heat->levels[row * heat->columns + i];
			level = one > level ? one : level;
		}
	return level;
}

static int32_t colour_of(const struct screen *s, unsigned level)
{
	return level > 0 ? (int32_t)s->theme->levels[level - 1] : CELL_PLAIN;
}

static void put_colours(struct screen *s, int x, int y)
{
	unsigned upper = highest(s, x, 2 * y, 2 * s->plot.h);
	unsigned lower = highest(s, x, 2 * y + 1, 2 * s->plot.h);
	struct cell_style style = { .ink = colour_of(s, upper), .paper = colour_of(s, lower) };
	const char *text = "▀";
	if (upper == 0) {
		text = lower > 0 ? "▄" : " ";
		style = (struct cell_style){ .ink = colour_of(s, lower), .paper = CELL_PLAIN };
	}
	cells_put(&s->cells, s->plot.x + x, s->plot.y + y, text, ' ', &style);
}

static void put_shade(struct screen *s, int x, int y, unsigned level)
{
	unsigned shade = level > 0 ? (level - 1) * SHADES / CHART_LEVELS : 0;
	if (level > 0)
		cells_put(&s->cells, x, y, shades[shade], letters[shade], &screen_plain);
	else
		cells_put(&s->cells, x, y, " ", ' ', &screen_plain);
}

/* "0 ░▒▓█ 9.62 GiB" */
static void put_scale(struct screen *s)
{
	const char *most = s->chart->heat.most;
	int row = s->top[PART_MEMORY_TITLE], width = s->colour ? CHART_LEVELS : SHADES;
	int x = s->cells.width - cells_width(most) - width - 3;
	if (!s->rows[PART_MEMORY_TITLE] || x < cells_width(s->chart->y.title) + 2)
		return;
	cells_text(&s->cells, x, row, "0", 1, &screen_faint);
	for (int i = 0; i < width; i++)
		if (s->colour)
			cells_put(
				&s->cells, x + 2 + i, row, "█", '#',
				&(struct cell_style){ colour_of(s, (unsigned)i + 1), CELL_PLAIN });
		else
			put_shade(s, x + 2 + i, row, (unsigned)(i * CHART_LEVELS / SHADES + 1));
	cells_text(&s->cells, x + 3 + width, row, most, cells_width(most), &screen_faint);
}

void heat_cells(struct screen *s)
{
	for (int y = 0; y < s->plot.h; y++)
		for (int x = 0; x < s->plot.w; x++)
			if (s->colour && !s->cells.ascii)
				put_colours(s, x, y);
			else
				put_shade(s, s->plot.x + x, s->plot.y + y,
					  highest(s, x, y, s->plot.h));
	put_scale(s);
}
