/* What is the same in all members of a store, and what they span. */
#pragma once

#include "share/fleet/store.h"

struct tally {
	size_t n, nodes, jobs; /* nodes and jobs that are told */
	int64_t from, to;      /* µs */
	/* Of all that tell one; NULL: there is none, or several. The store's. */
	const char *metric, *job;
	unsigned lacks;      /* KNOWN_…: what their sum does */
	const char *command; /* of the first that has one */
	int status;          /* that all ended with, else PROFILE_STATUS_UNKNOWN */
};

void tally_make(struct tally *tally, const struct store *store);
