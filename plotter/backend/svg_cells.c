#include "plotter/backend/svg_cells.h"

#include <stdint.h>
#include <stdlib.h>

#include "plotter/figure/painter.h"

/* A run takes some seven bytes. */
enum { MOST_RUNS = 180000 };

static size_t count_runs(const uint8_t *levels, size_t columns, size_t rows)
{
	size_t n = 0;
	for (size_t row = 0; row < rows; row++)
		for (size_t i = 0; i < columns; i++) {
			const uint8_t *at = levels + row * columns + i;
			n += *at > 0 && (i == 0 || at[-1] != *at);
		}
	return n;
}

/* Two columns become one, which is the higher. */
static size_t halve(uint8_t *levels, size_t columns, size_t rows)
{
	size_t half = (columns + 1) / 2;
	for (size_t row = 0; row < rows; row++)
		for (size_t i = 0; i < half; i++) {
			const uint8_t *from = levels + row * columns + 2 * i;
			uint8_t next = 2 * i + 1 < columns ? from[1] : 0;
			levels[row * half + i] = *from > next ? *from : next;
		}
	return half;
}

/* From where the run before it ended, or from the row's beginning: "m0 1" is the next row. */
struct walk {
	FILE *out;
	size_t x, y;
	int begun;
};

static void put_run(struct walk *walk, size_t x, size_t y, size_t width)
{
	if (!walk->begun)
		fprintf(walk->out, "M%zu %zu.5", x, y);
	else
		fprintf(walk->out, "m%ld%s%ld", (long)x - (long)walk->x, y < walk->y ? "" : " ",
			(long)y - (long)walk->y);
	fprintf(walk->out, "h%zu", width);
	*walk = (struct walk){ walk->out, x + width, y, 1 };
}

static void put_level(FILE *out, const struct painter_cells *cells, const uint8_t *levels,
		      size_t columns, uint8_t level)
{
	struct walk walk = { .out = out };
	for (size_t row = 0; row < cells->rows; row++)
		for (size_t from = 0, to; from < columns; from = to) {
			const uint8_t *line = levels + row * columns;
			for (to = from + 1; to < columns && line[to] == line[from];)
				to++;
			if (line[from] != level)
				continue;
			if (!walk.begun)
				fprintf(out, "<path stroke=\"#%06x\" d=\"",
					cells->rgb[level - 1] & 0xffffff);
			put_run(&walk, from, row, to - from);
		}
	if (walk.begun)
		fputs("\"/>\n", out);
}

void svg_cells(FILE *out, const struct painter_cells *cells)
{
	size_t columns = cells->columns, all = columns * cells->rows;
	uint8_t *levels = malloc(all + 1);
	if (!levels)
		return;
	for (size_t i = 0; i < all; i++)
		levels[i] = cells->levels[i];
	while (columns > 1 && count_runs(levels, columns, cells->rows) > MOST_RUNS)
		columns = halve(levels, columns, cells->rows);
	fprintf(out,
		"<g fill=\"none\" stroke-width=\"1.02\" shape-rendering=\"crispEdges\" "
		"transform=\"translate(%.4g %.4g) scale(%.6g %.6g)\">\n",
		cells->box.x, cells->box.y, cells->box.w / (double)columns,
		cells->box.h / (double)cells->rows);
	for (size_t level = 1; level <= cells->n_levels; level++)
		put_level(out, cells, levels, columns, (uint8_t)level);
	fputs("</g>\n", out);
	free(levels);
}
