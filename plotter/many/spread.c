#include "plotter/many/spread.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "plotter/many/grid.h"

static int by_size(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return (x > y) - (x < y);
}

/* Of few, the band leaves the outermost out: else the one that stands out would be its edge. */
static void part(struct spread_bin *bin, const float *sorted, size_t n)
{
	size_t low = (size_t)ceil(0.05 * (double)(n - 1)), high = (size_t)(0.95 * (double)(n - 1));
	if (low > high) {
		low = 0;
		high = n - 1;
	}
	bin->alive = n;
	bin->low = sorted[low];
	bin->high = sorted[high];
	bin->middle = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
	bin->most = sorted[n - 1];
}

static void sum_up(struct spread *spread)
{
	for (size_t i = 0; i < spread->n; i++)
		if (spread->bins[i].alive > spread->alive)
			spread->alive = spread->bins[i].alive;
	for (size_t i = 0; i < spread->n; i++) {
		const struct spread_bin *bin = &spread->bins[i];
		if (bin->alive > 0)
			spread->most = fmax(spread->most, bin->most);
		if (bin->alive > 0 && 2 * bin->alive >= spread->alive)
			spread->usual = fmax(spread->usual, bin->high);
	}
}

int spread_make(struct spread *spread, const struct grid *grid)
{
	float *living = calloc(grid->members + 1, sizeof *living);
	*spread = (struct spread){ .n = grid->bins };
	spread->bins = calloc(grid->bins + 1, sizeof *spread->bins);
	if (!living || !spread->bins) {
		free(living);
		spread_free(spread);
		return -ENOMEM;
	}
	for (size_t i = 0; i < grid->bins; i++) {
		size_t n = 0;
		for (size_t k = 0; k < grid->members; k++)
			if (!isnan(grid_row(grid, k)[i]))
				living[n++] = grid_row(grid, k)[i];
		if (n == 0)
			continue;
		qsort(living, n, sizeof *living, by_size);
		part(&spread->bins[i], living, n);
		spread->bins[i].least = grid->least[i];
	}
	free(living);
	sum_up(spread);
	return 0;
}

void spread_free(struct spread *spread)
{
	free(spread->bins);
	*spread = (struct spread){ 0 };
}
