/* What a recording under way comes to at this moment. */
#pragma once

#include <stdbool.h>

#include "plotter/live/recent.h"
#include "share/format.h"
#include "share/growth/outlook.h"
#include "share/growth/peak_known.h"

struct figures {
	double elapsed;  /* seconds from the first sample to the last */
	bool sampled;    /* there is a sample; the following hold */
	double now;      /* MiB, of MEM */
	double together; /* MiB, with the children's that are recorded beside it; 0: there are none
			  */
	struct peak_verdict peak;
	double allowed;    /* MiB; 0: not known */
	bool of_machine;   /* nobody allowed it: the machine has so much */
	double rate, over; /* MiB a minute, and of how many seconds that is told; over 0: too few */
	bool trended;      /* the following is told */
	struct outlook outlook;
};

/* `mark`: the kernel's own mark of the process, umib; 0: not known. The outlook is made only where
 * `look`: it costs more than all the rest, and stays as it was else. 0 or -ENOMEM. */
int figures_make(struct figures *figures, const struct profile *profile,
		 const struct recent *recent, int64_t mark);
int figures_look(struct figures *figures, const struct profile *profile, growth_own own);

/* ---- in words ---- */

enum { FIGURES_WORDS = 192 };

/* "812.4 MiB"; with children "812.4 MiB, with children 1.20 GiB". */
char *figures_say_now(char out[FIGURES_WORDS], const struct figures *figures);

/* "exact peak 1.20 GiB" */
char *figures_say_peak(char out[FIGURES_WORDS], const struct figures *figures);

/* "40 % of 2.00 GiB allowed", "3 % of the machine's 24.0 GiB", or "". */
char *figures_say_allowed(char out[FIGURES_WORDS], const struct figures *figures);

/* "+31.2 MiB/min in the last 60 s", or "". */
char *figures_say_rate(char out[FIGURES_WORDS], const struct figures *figures);

/* "limit in 38 min (30–50)", "at that rate the limit in 3 min", "does not grow", or "". */
char *figures_say_limit(char out[FIGURES_WORDS], const struct figures *figures);

/* Percent of what is allowed; -1: nothing is, or nobody knows. */
int figures_percent(const struct figures *figures);
