/* Many recordings and what they come to: how far apart they are, who stands out, and what their
 * nodes hold. Pure, as chart/ is. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "plotter/chart/chart.h"
#include "plotter/many/grid.h"
#include "plotter/many/lay.h"
#include "plotter/many/nodes.h"
#include "plotter/many/spread.h"
#include "plotter/many/standing.h"

struct fleet;

enum many_sort { MANY_BY_RANK, MANY_BY_PEAK };

struct many_wish {
	const struct chart_wish *chart; /* what fits; bill, heap and the like are not looked at */
	enum lay_by by;
	const char *mark; /* LAY_MARK: its name */
	bool heatmap;
	bool compact; /* no room for more than the most needful */
	enum many_sort sort;
	size_t heat_rows; /* that can be told apart, at the most */
};

struct many {
	const struct fleet *fleet;
	const struct many_wish *wish;
	struct lay lay;
	struct grid grid;
	struct spread spread;
	struct nodes nodes;
	struct standing standing;
	char (*alive)[48]; /* the labels of the chart's spans */
};

/* The fleet must outlive it, and it the chart. 0, -ENOMEM, or -ENODATA: nothing lies inside the
 * window, or nobody has the mark. */
int many_make(struct many *many, const struct fleet *fleet, const struct many_wish *wish);
void many_free(struct many *many);
