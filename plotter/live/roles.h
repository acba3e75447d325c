/* The children that live, put together by their names. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct profile;

struct role {
	const char *name; /* the profile's; NULL: they have none */
	size_t n;
	int64_t umib, peak; /* of all that are recorded one by one: now, and the highest of them,
			       each by itself */
	size_t measured;    /* so many are */
};

/* Those who hold most come first. The caller frees *roles. 0 or -ENOMEM. */
int roles_make(struct role **roles, size_t *n, const struct profile *profile);
