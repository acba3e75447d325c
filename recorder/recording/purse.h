/* CPU time that may be spent on what is costly: a share of the time that passes is saved up, to a
 * bound, and who has overspent rests until it is earned. Pure. */
#pragma once

#include <stdint.h>

struct purse {
	int64_t share;      /* one part in so many of a CPU is earned */
	int64_t most;       /* ns that may be saved, and that there are at first */
	int64_t saved;      /* ns that may be spent at once; below 0: owed */
	int64_t paid_at;    /* monotonic ns; 0: not yet */
	int64_t not_before; /* monotonic ns: until then it is owed */
};

/* 1 % of a CPU, of which 50 ms may have been saved: short programs are seen in full. */
#define PURSE_USUAL                             \
	{                                       \
		.share = 100, .most = 50000000, \
	}

/* At `now`, for what has cost so many ns of CPU time. */
void purse_pay(struct purse *purse, int64_t now, int64_t cost);
