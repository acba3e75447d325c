/* What a recording's growth means: whose code it was, and how places are named to people. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "share/profile/profile.h"

struct growth_reading {
	const struct profile_growth *told; /* borrowed: what the file tells */
	bool *users;                       /* by path: is it the user's own code? */
	size_t *user;  /* by frame: itself, or the nearest of its callers, that is the user's own
			  code; 0: none is */
	size_t *shown; /* by path: where in it the part begins that people are shown */
};

/* 0, or -ENOMEM, upon which there is nothing to free. */
int growth_read(struct growth_reading *growth, const struct profile_growth *told);
void growth_reading_free(struct growth_reading *growth);
