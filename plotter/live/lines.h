/* The lines that grew lately. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "share/growth/names.h"

struct profile;

enum { LINES_MOST = 12 };

struct lines {
	struct line {
		char name[GROWTH_NAME]; /* "train.py:5 load" */
		int64_t net, grew;      /* umib */
	} items[LINES_MOST];            /* what grew most comes first */
	size_t n, all;                  /* all: those that there was no room for, too */
};

/* Of what was told since `from`, µs; 0: ever. 0 or -ENOMEM. */
int lines_make(struct lines *lines, const struct profile *profile, int64_t from, growth_own own);
