#include "share/fleet/nodes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "share/array.h"
#include "share/fleet/member.h"
#include "share/fleet/total.h"
#include "share/names.h"

enum { MOST = 1 << 20, STRETCHES = 500 };

/* ---- who runs where ---- */

static int note(struct fleet_nodes *nodes, struct names *names, const struct fleet *fleet, size_t i)
{
	const struct fleet_member *m = &fleet->members[i];
	size_t known = names->n;
	long at = names_find(names, m->node, MOST);
	if (at < 0)
		return at == -ENOMEM ? -ENOMEM : 0;
	if (names->n > known) {
		struct fleet_node *node = array_more(&nodes->all, &nodes->n, sizeof *node);
		if (!node)
			return -ENOMEM;
		*node = (struct fleet_node){ .name = m->node, .first = i, .peak.umib = -1 };
	}
	struct fleet_node *node = &nodes->all[at];
	node->ranks++;
	node->unsynchronised |= m->unsynchronised;
	if (m->limit > node->limit) {
		node->limit = m->limit;
		node->machine = m->machine;
	}
	return 0;
}

/* ---- what they held ---- */

static int add_up(struct fleet_node *node, const struct fleet *fleet, int64_t from, int64_t to)
{
	struct total total;
	int r = total_open(&total, from, to, STRETCHES);
	size_t left = node->ranks;
	bool sum = true;
	for (size_t i = node->first; i < fleet->n && left > 0 && r == 0; i++) {
		const struct fleet_member *m = &fleet->members[i];
		if (!m->node || strcmp(m->node, node->name) != 0)
			continue;
		total_add(&total, m->points, m->n_points, m->to);
		sum &= member_adds_up(m);
		left--;
	}
	if (r == 0 && sum)
		node->peak = total_peak(&total);
	total_close(&total);
	return r;
}

double fleet_node_share(const struct fleet_node *node)
{
	return node->limit > 0 && node->peak.umib > 0
		       ? (double)node->peak.umib / (double)node->limit
		       : 0;
}

static int by_share(const void *a, const void *b)
{
	const struct fleet_node *x = a, *y = b;
	double p = fleet_node_share(x), q = fleet_node_share(y);
	int by = (p < q) - (p > q);
	by = by ? by : (x->peak.umib < y->peak.umib) - (x->peak.umib > y->peak.umib);
	return by ? by : strcmp(x->name, y->name);
}

int fleet_nodes_make(struct fleet_nodes *nodes, const struct fleet *fleet)
{
	struct names names = { 0 };
	int64_t from = INT64_MAX, to = 0;
	int r = 0;
	*nodes = (struct fleet_nodes){ 0 };
	for (size_t i = 0; i < fleet->n && r == 0; i++) {
		const struct fleet_member *m = &fleet->members[i];
		from = m->from < from ? m->from : from;
		to = m->to > to ? m->to : to;
		r = m->node ? note(nodes, &names, fleet, i) : 0;
	}
	names_free(&names);
	for (size_t i = 0; i < nodes->n && r == 0; i++)
		r = add_up(&nodes->all[i], fleet, from, to);
	if (r < 0)
		fleet_nodes_free(nodes);
	else if (nodes->n > 0)
		qsort(nodes->all, nodes->n, sizeof *nodes->all, by_share);
	return r;
}

void fleet_nodes_free(struct fleet_nodes *nodes)
{
	free(nodes->all);
	*nodes = (struct fleet_nodes){ 0 };
}
