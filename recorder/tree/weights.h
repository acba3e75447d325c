/* How many faults a fault that is told stands for. The kernel counts each thread's on each CPU by
 * itself, and tells with a fault the period that it sets then: after so many it tells the next one.
 * So it stands for those since the one before, which told how many they are. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct weights {
	struct weight {
		pid_t thread;
		uint32_t ring, period;
	} * slots; /* WEIGHTS of them; NULL: none are known */
};

enum { WEIGHTS = 4096 };

/* The fault that `thread` took on the CPU of `ring` has told this period. A thread's first one
 * stands for itself; of one whose last is not known any more, since there are so many, the period
 * itself is the guess. Never 0. */
uint64_t weights_take(struct weights *weights, pid_t thread, size_t ring, uint64_t period);
void weights_free(struct weights *weights);
