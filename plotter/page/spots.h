/* The user's own lines that a recording tells of, whatever it tells: what grew there, what of the
 * sampled heap is held from there, what the exact report counted. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "share/growth/growth.h"

struct spot {
	const char *path, *shown; /* the file, and what of its path people are shown */
	int line;
	int64_t grew, polled; /* umib; so much of it as an estimate */
	int64_t held, spread; /* umib at the end, and its variance */
	int64_t counted;      /* umib: by the exact report */
};

struct spot_file {
	size_t first, n; /* of the spots, by their lines */
	int64_t weight;  /* umib: of all its spots */
};

struct spots {
	struct spot *all; /* by file and line, each once */
	size_t n;
	struct spot_file *files; /* those of the most weight first */
	size_t n_files;
	int64_t most;             /* umib: the largest weight of one */
	bool grew, held, counted; /* which of them are told at all */
};

int64_t spot_weight(const struct spot *spot); /* the largest of its figures */

/* Borrows from both. 0 or -ENOMEM. */
int spots_find(struct spots *spots, const struct profile *profile, const struct growth *growth);
void spots_free(struct spots *spots);
