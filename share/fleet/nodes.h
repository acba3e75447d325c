/* The nodes of a fleet, and what all ranks of one held together. */
#pragma once

#include "share/fleet/fleet.h"

struct fleet_node {
	const char *name;   /* the fleet's */
	size_t ranks;       /* members that ran there, each start one */
	size_t first;       /* index of one of them */
	struct sample peak; /* the highest sum; umib -1: nobody there has a sample, or what they
			       tell does not add up */
	int64_t limit;      /* umib: the most that one of them was allowed; 0: not told */
	bool machine;       /* that is all that it has */
	bool unsynchronised;
};

struct fleet_nodes {
	struct fleet_node *all; /* those nearest to their limits first, else by their sums */
	size_t n;
};

/* 0 or -ENOMEM. */
int fleet_nodes_make(struct fleet_nodes *nodes, const struct fleet *fleet);
void fleet_nodes_free(struct fleet_nodes *nodes);

/* Of what is allowed, so much was held: 0 where nothing is told. */
double fleet_node_share(const struct fleet_node *node);
