/* What several descendants held at one time. */
#pragma once

#include "share/profile/profile.h"

struct lull { /* µs: nobody lived */
	int64_t from, to;
};

struct together {
	struct profile_series sum;
	struct lull *lulls; /* before the last sample */
	size_t n_lulls;
};

/* Into one that is {0}; the caller frees it in any case. 0 or -ENOMEM. */
int together_make(struct together *together, const struct profile_child *const members[], size_t n);
void together_free(struct together *together);
