/* A fleet looked through: who held most, who ended badly, what differs. */
#pragma once

#include "share/fleet/clocks.h"
#include "share/fleet/lines.h"
#include "share/fleet/nodes.h"

struct fleet_ranks {
	const struct fleet *fleet;
	int64_t from;    /* µs: the first sample of all, by the clocks of most nodes */
	size_t *by_peak; /* members, the highest first */
	size_t *bad;     /* those that failed, were killed or have no end; the first to end first */
	size_t n_bad;
	size_t failed;  /* of them, those that have an end, or were killed */
	size_t jobs;    /* that are told */
	size_t known;   /* members whose peak is; the first of by_peak */
	int64_t median; /* umib: of their peaks */
	struct fleet_nodes nodes;
	struct fleet_lines lines;
	struct fleet_clocks clocks;
};

/* Of at least one member; the fleet outlives it. 0 or -ENOMEM; either way fleet_ranks_free
 * follows. */
int fleet_ranks_make(struct fleet_ranks *ranks, const struct fleet *fleet);
void fleet_ranks_free(struct fleet_ranks *ranks);

/* Seconds since `from` at a moment that was told on that node, whose clock may be off. */
double fleet_ranks_at(const struct fleet_ranks *ranks, const char *node, int64_t us);

/* Of the line where one rank stands out from the others; NULL: of none. */
const struct fleet_line *fleet_ranks_odd(const struct fleet_ranks *ranks);

enum { FLEET_WHO = 256, FLEET_SENTENCE = 2048 };

/* "rank 7 on n3", "rank 7, start 2, on n3", "a.dat on n3". Returns `out`. */
char *fleet_who(char out[FLEET_WHO], const struct fleet_member *member);

/* "exit 1", "killed: out of memory", "no end". Returns `out`. */
char *fleet_ended(char out[FLEET_WHO], const struct fleet_member *member);

/* What it comes to, in one sentence or two. Returns `out`. */
char *fleet_ranks_say(char out[FLEET_SENTENCE], const struct fleet_ranks *ranks);

/* ---- to standard output ---- */

/* `top` rows of each table. 0 or -ENOMEM. */
int fleet_ranks_text(const struct fleet_ranks *ranks, size_t top);

/* An object: all ranks, nodes, lines and clocks. `profile`: the path, or NULL where there were
 * several. */
void fleet_ranks_json(const struct fleet_ranks *ranks, const char *profile);

/* A line for each rank, in their order, and which held most. 0 or -ENOMEM. */
int fleet_peaks_text(const struct fleet_ranks *ranks);
int fleet_peaks_highest(const struct fleet_ranks *ranks); /* only the latter */
