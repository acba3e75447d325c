/* How many faults a fault that is told stands for: those since the one before it. The kernel counts
 * each thread's on each CPU by itself. From 6.12 on a fault tells how many there were. Before that
 * it tells the period alone that is set then: the next one is told after so many, or earlier where
 * a tick of the clock shortens it. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct weights {
	struct weight {
		pid_t thread;
		uint32_t ring, period;
		uint64_t count;
	} * slots; /* WEIGHTS of them; NULL: none are known */
};

enum { WEIGHTS = 4096 };

/* The fault that `thread` took on the CPU of `ring` has told this period and, unless it is 0, this
 * count. Of one whose last is not known, since it is the first or there are so many threads, the
 * period is the guess, and no more than the count. Never 0. */
uint64_t weights_take(struct weights *weights, pid_t thread, size_t ring, uint64_t period,
		      uint64_t count);
void weights_free(struct weights *weights);
