/* Members whose points lie in a file, so that any number of them needs little memory. */
#pragma once

#include <sys/types.h>

#include "share/fleet/fleet.h"

struct stored {
	struct fleet_member member; /* without its points: there are n_points at `at` */
	off_t at;
};

struct store {
	int fd; /* of a file without a name */
	off_t end;
	struct stored *all;
	size_t n;
};

/* The file lies in the folder of `beside`, which is to be written and has room; where that cannot
 * be, among the temporary ones. 0 or -errno. */
int store_open(struct store *store, const char *beside);

/* Takes the member over, whatever happens. 0 or -errno. */
int store_add(struct store *store, struct fleet_member *member);

/* Sorted as a fleet is; what is there twice goes. */
void store_sort(struct store *store);

/* The points of one; the caller frees *points. 0 or -errno. */
int store_points(const struct store *store, const struct stored *stored,
		 struct fleet_point **points);

void store_close(struct store *store);
