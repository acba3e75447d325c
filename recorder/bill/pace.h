/* When a bill is taken. Asked for: as often as 1 % of a CPU allows. By itself: where more is held
 * than at the last one by a tenth, and now and then, ever more seldom, so that there is one of the
 * peak and one of near the end; and only while it is cheap. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/recording/purse.h"

struct pace {
	bool asked;
	bool torn;     /* the last one is of no moment: it changed meanwhile */
	bool spared;   /* one was left out, since it would have cost too much unasked */
	int64_t first; /* monotonic ns: of the first question; 0: none */
	struct purse purse;
	/* The last one: */
	int64_t at;     /* monotonic ns; 0: none */
	int64_t cost;   /* ns */
	uint64_t bytes; /* that MEM was */
	size_t n;       /* processes */
};

/* At a tick, at which so many processes hold so much. */
bool pace_is_due(struct pace *pace, int64_t now, uint64_t bytes, size_t n);

/* ns of CPU time that one may take; 0: any. */
int64_t pace_most(const struct pace *pace);

/* One has been taken or was given up, of what was so then, and has cost so many ns of CPU time. */
void pace_pay(struct pace *pace, int64_t now, uint64_t bytes, size_t n, int64_t cost);
