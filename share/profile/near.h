/* A recording without an end whose control group had nearly used up what it was allowed: most
 * likely all of that group was killed for memory, and the recorder with it. */
#pragma once

#include <stdbool.h>

struct profile;

struct profile_near {
	double held, limit; /* MiB: as last told of the group; what it was allowed */
	double ago;         /* seconds from then to the last sample */
	bool whole;         /* whoever is killed in that group, all of it is */
	long kills;         /* that the kernel counted there since the recording began */
};

/* False: it has an end, a recorder still holds the file, it was not near, or that is not known. */
bool profile_ends_near_limit(const struct profile *profile, struct profile_near *near);
