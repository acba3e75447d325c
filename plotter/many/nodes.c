#include "plotter/many/nodes.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/many/grid.h"
#include "plotter/many/lay.h"
#include "share/array.h"
#include "share/fleet/fleet.h"
#include "share/fleet/member.h"

static int by_node(const void *a, const void *b, void *context)
{
	const struct fleet_member *members = context;
	size_t i = *(const size_t *)a, k = *(const size_t *)b;
	int order = strcmp(members[i].node, members[k].node);
	return order ? order : (i > k) - (i < k);
}

static int by_peak(const void *a, const void *b)
{
	const struct node *x = a, *y = b;
	return x->peak != y->peak ? (x->peak < y->peak) - (x->peak > y->peak)
				  : strcmp(x->name, y->name);
}

static void add_member(struct node *node, const struct grid *grid, size_t at,
		       const struct fleet_member *member)
{
	double limit = (double)member->limit / 1e6;
	const float *mib = grid_row(grid, at);
	node->ranks += !node->last || !lay_is_again(node->last, member);
	node->last = member;
	if (node->members++ == 0)
		node->limit = limit;
	else if (node->limit != limit)
		node->limit = 0;
	for (size_t i = 0; i < grid->bins; i++)
		if (!isnan(mib[i]))
			node->mib[i] = (isnan(node->mib[i]) ? 0 : node->mib[i]) + mib[i];
}

static struct node *new_node(struct nodes *nodes, const char *name)
{
	float *mib = calloc(nodes->bins + 1, sizeof *mib);
	struct node *node = mib ? array_more(&nodes->items, &nodes->n, sizeof *node) : NULL;
	if (!node) {
		free(mib);
		return NULL;
	}
	*node = (struct node){ .name = name, .mib = mib };
	for (size_t i = 0; i < nodes->bins; i++)
		mib[i] = NAN;
	return node;
}

/* What each member was allowed by itself, where together they held more, is no node's. */
static void settle(struct nodes *nodes)
{
	for (size_t i = 0; i < nodes->n; i++) {
		struct node *node = &nodes->items[i];
		for (size_t k = 0; k < nodes->bins; k++)
			node->peak =
				isnan(node->mib[k]) ? node->peak : fmax(node->peak, node->mib[k]);
		if (node->members > 1 && node->peak > 1.05 * node->limit)
			node->limit = 0;
	}
	if (nodes->n > 1)
		qsort(nodes->items, nodes->n, sizeof *nodes->items, by_peak);
	nodes->limit = nodes->n > 0 ? nodes->items[0].limit : 0;
	for (size_t i = 0; i < nodes->n; i++)
		if (nodes->items[i].limit != nodes->limit)
			nodes->limit = 0;
}

/* Were both laid elsewhere by the same time, nearly: else their sum never was. */
static bool are_together(const struct lay *lay, size_t a, size_t b)
{
	static const double near = 0.01; /* in parts of the axis */
	return fabs((double)(lay->zeros[a] - lay->zeros[b])) / 1e6 <= near * lay->end;
}

int nodes_make(struct nodes *nodes, const struct fleet *fleet, const struct grid *grid,
	       const struct lay *lay)
{
	size_t n = 0, *order = calloc(fleet->n + 1, sizeof *order);
	*nodes = (struct nodes){ .bins = grid->bins, .sums = true };
	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < fleet->n; i++)
		if (lay->shown[i] && fleet->members[i].node)
			order[n++] = i;
	qsort_r(order, n, sizeof *order, by_node, fleet->members);
	struct node *node = NULL;
	for (size_t i = 0, first = 0; i < n; i++) {
		const struct fleet_member *member = &fleet->members[order[i]];
		if (!node || strcmp(node->name, member->node) != 0) {
			node = new_node(nodes, member->node);
			first = order[i];
		}
		if (!node)
			break;
		add_member(node, grid, order[i], member);
		nodes->sums &= member_adds_up(member) && are_together(lay, first, order[i]);
	}
	bool lacking = n > 0 && !node;
	free(order);
	if (lacking) {
		nodes_free(nodes);
		return -ENOMEM;
	}
	settle(nodes);
	return 0;
}

void nodes_free(struct nodes *nodes)
{
	for (size_t i = 0; i < nodes->n; i++)
		free(nodes->items[i].mib);
	free(nodes->items);
	*nodes = (struct nodes){ 0 };
}
