/* What a folder's recordings say of themselves, for people and for programs. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "share/known.h"
#include "share/profile/near.h"

/* How the ranks ended, of what merge wrote, where they did not all end alike. */
struct list_ends {
	size_t all; /* ranks; 0: there are none, or they ended alike */
	struct list_end {
		int status; /* as an entry's */
		size_t n;
	} most[3]; /* the most frequent first; 0: there are no more */
};

struct list_entry {
	const char *name;   /* the catalog's */
	const char *reason; /* why it cannot be read: NULL, or only `name` and `start_us` hold */
	char *command;      /* as recorded; NULL: not told */
	char *metric;       /* that `peak` is of; NULL: not told */
	const char *killed; /* by the kernel, in words; NULL: not so */
	struct profile_near near; /* `held` 0: not so */
	struct list_ends ends;
	int64_t start_us; /* 0: not known, but the name may tell */
	int64_t length_us;
	int64_t sampled;  /* umib: the highest sample */
	double peak;      /* MiB: the highest that is known */
	enum known known; /* how */
	uint64_t samples;
	bool ended; /* the recording tells of its end */
	int status; /* exit status, -signal, or PROFILE_STATUS_UNKNOWN */
};

/* To standard output, n > 0. 0 or -ENOMEM. */
int list_print_text(const struct list_entry *entries, size_t n);

/* The same of any n: an array. */
void list_print_json(const struct list_entry *entries, size_t n);
