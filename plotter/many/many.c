#include "plotter/many/many.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "share/fleet/fleet.h"

/* More stretches than that nobody can tell apart, and each costs memory in all of them. */
enum { FEWEST_BINS = 32, MOST_BINS = 1000, MOST_CELLS = 8 << 20 };

/* The picture's legend takes a part of its width. */
static size_t bins_for(const struct chart_wish *wish, size_t members)
{
	size_t bins = wish->coarse ? wish->columns : wish->columns * 3 / 4;
	size_t fitting = MOST_CELLS / (members + 1);
	bins = bins > fitting ? fitting : bins;
	return bins < FEWEST_BINS ? FEWEST_BINS : bins > MOST_BINS ? MOST_BINS : bins;
}

static int look(struct many *many)
{
	int r = spread_make(&many->spread, &many->grid);
	if (r == 0)
		r = nodes_make(&many->nodes, many->fleet, &many->grid, &many->lay);
	if (r == 0)
		r = standing_make(&many->standing, many->fleet, &many->grid, &many->lay);
	return r < 0 ? r : many->standing.n > 0 ? 0 : -ENODATA;
}

int many_make(struct many *many, const struct fleet *fleet, const struct many_wish *wish)
{
	const struct chart_wish *chart = wish->chart;
	bool windowed = chart->from != chart->to;
	*many = (struct many){ .fleet = fleet, .wish = wish };
	int r = lay_make(&many->lay, fleet, wish->by);
	if (r == 0)
		r = many->lay.n > 0 ? 0 : -ENODATA;
	if (r == 0)
		r = grid_make(&many->grid, fleet, &many->lay, windowed ? chart->from : 0,
			      windowed            ? chart->to
			      : many->lay.end > 0 ? many->lay.end
						  : 1,
			      bins_for(chart, fleet->n));
	if (r == 0)
		r = look(many);
	if (r < 0)
		many_free(many);
	return r;
}

void many_free(struct many *many)
{
	lay_free(&many->lay);
	grid_free(&many->grid);
	spread_free(&many->spread);
	nodes_free(&many->nodes);
	standing_free(&many->standing);
	free(many->alive);
	*many = (struct many){ 0 };
}
