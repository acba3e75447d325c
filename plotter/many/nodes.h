/* What the recordings of each node hold together, against what the node allows. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct fleet;
struct fleet_member;
struct grid;
struct lay;

struct node {
	const char *name;
	size_t members, ranks;           /* a rank may have several starts */
	const struct fleet_member *last; /* that was counted */
	double limit; /* MiB: what its members were allowed, where all say the same; 0: not told */
	/* MiB of each bin: the sum of what each held at the highest in that stretch, as far as
	 * was sampled; NAN: none of them lived. */
	float *mib;
	double peak; /* the highest of those */
};

struct nodes {
	struct node *items; /* the highest peak first */
	size_t n, bins;     /* n 0: no member tells its node */
	/* Else the figures are of groups, or the machine, or the members of a node were laid apart:
	 * no sum of them is. */
	bool sums;
	double limit; /* the same for all nodes; 0: it is not, or is not told */
};

/* 0 or -ENOMEM. */
int nodes_make(struct nodes *nodes, const struct fleet *fleet, const struct grid *grid,
	       const struct lay *lay);
void nodes_free(struct nodes *nodes);
