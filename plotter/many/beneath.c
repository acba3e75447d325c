#include "plotter/many/beneath.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "plotter/chart/parts.h"
#include "plotter/many/line.h"
#include "plotter/many/many.h"
#include "share/array.h"
#include "share/format.h"
#include "share/known.h"

/* So many nodes have a line each; of more, the highest have, and the others are an area. */
enum { LINES = 12, NAMED = 2, COLOUR = 6 };

/* A line further above would press the nodes to the floor. */
static const double NEAR = 3;

static int add_row(struct chart *chart, const struct node *node, unsigned colour)
{
	char peak[FORMAT_SIZE], limit[FORMAT_SIZE], of[FORMAT_SIZE + 8] = "";
	format_memory(peak, node->peak);
	if (node->limit > 0)
		snprintf(of, sizeof of, " of %s", format_memory(limit, node->limit));
	return parts_add_row(chart, ROW_CHILD, colour,
			     parts_text("%.40s, its %zu together", node->name, node->ranks),
			     parts_text("%s %s%s, below", known_peak(KNOWN_SAMPLED), peak, of));
}

/* All of them from the lowest to the highest. */
static int add_area(struct chart *chart, const struct many *many)
{
	const struct nodes *nodes = &many->nodes;
	struct chart_point *points = calloc(2 * nodes->bins + 1, sizeof *points);
	float *low = calloc(nodes->bins + 1, sizeof *low);
	struct chart_band *band =
		points && low ? array_more(&chart->bands, &chart->n_bands, sizeof *band) : NULL;
	size_t n = 0;
	if (!band) {
		free(points);
		free(low);
		return -ENOMEM;
	}
	for (size_t i = 0; i < nodes->bins; i++) {
		float least = NAN, most = NAN;
		for (size_t k = 0; k < nodes->n; k++) {
			least = fminf(least, nodes->items[k].mib[i]);
			most = fmaxf(most, nodes->items[k].mib[i]);
		}
		if (isnan(most))
			continue;
		points[n] = (struct chart_point){ grid_x(&many->grid, i), most };
		low[n++] = least;
	}
	for (size_t i = 0; i < n; i++)
		points[2 * n - 1 - i] = (struct chart_point){ points[i].x, low[i] };
	free(low);
	*band = (struct chart_band){ CHART_OTHERS, points, 2 * n, n, false, true };
	return 0;
}

static int add_area_row(struct chart *chart, const struct nodes *nodes)
{
	return parts_add_row(chart, ROW_BAND, CHART_OTHERS, parts_text("all %zu nodes", nodes->n),
			     parts_text("from the lowest to the highest, below"));
}

static int add_lines(struct chart *chart, const struct many *many)
{
	const struct nodes *nodes = &many->nodes;
	const struct chart_wish *wish = many->wish->chart;
	int r = nodes->n > LINES ? add_area(chart, many) : 0;
	for (size_t i = 0; i < nodes->n && r == 0; i++) {
		/* The band's own row comes after. */
		bool named = i < NAMED && parts_room(chart, wish) > 1;
		unsigned colour = named ? COLOUR + (unsigned)i : CHART_OTHERS;
		const struct line_style style = { CHART_CHILD, colour, named ? 1.5 : 0.8, true };
		if (!named && nodes->n > LINES)
			break;
		r = line_add(chart, &many->grid, nodes->items[i].mib, &style);
		if (r == 0 && named)
			r = add_row(chart, &nodes->items[i], colour);
	}
	/* The median's, the band's and the edges' rows come after. */
	if (r == 0 && nodes->n > LINES && parts_room(chart, wish) > 3)
		r = add_area_row(chart, nodes);
	return r;
}

int beneath_show(struct chart *chart, struct many *many)
{
	const struct nodes *nodes = &many->nodes;
	char limit[FORMAT_SIZE];
	if (nodes->n == 0 || !nodes->sums)
		return 0;
	int r = add_lines(chart, many);
	if (r < 0 || nodes->limit <= 0 || nodes->limit > NEAR * nodes->items[0].peak)
		return r;
	format_memory(limit, nodes->limit);
	return parts_add_limit(chart, nodes->limit, CHART_PEAK, true,
			       parts_text("limit of a node %s", limit));
}
