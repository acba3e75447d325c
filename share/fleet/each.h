/* Many recordings, one at a time. */
#pragma once

#include "share/fleet/merged.h"

struct unread { /* files that held no recording */
	uint64_t n;
	uint64_t named; /* of those: given by name, not found in a folder */
	char *first;    /* owned */
	int why;        /* -errno, or 0 */
	uint64_t n_cut; /* files that were read, and lack their end: recordings may be missing */
	char *cut;      /* the first of them; owned */
};

/* Hands each member over as it is read, in the order of the paths. `skip`: a file that is passed
 * over whatever leads to it, or NULL. 0, -errno as fleet_read's, or what the sink returned. */
int fleet_each(const char *const *paths, size_t n, const struct fleet_wish *wish,
	       const struct member_sink *sink, const char *skip, struct unread *unread);
