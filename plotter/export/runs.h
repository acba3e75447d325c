/* What tells the recordings of one export apart in the labels of their series: job, step, rank and
 * node where these are enough, else their names. */
#pragma once

#include <stddef.h>

struct profile;

struct runs {
	char **labels; /* of each; NULL: one of this very name stands before it */
	size_t n;
	const struct profile *twice; /* the first such one */
};

/* 0 or -errno; to be freed either way. */
int runs_tell_apart(struct runs *runs, const struct profile *const profiles[], size_t n);
void runs_free(struct runs *runs);
