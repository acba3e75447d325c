/* Which class of a bill a map is of. Pure. What nothing tells is an anonymous map: a heap's arenas
 * and threads' stacks are known by how glibc lays them out, and by nothing less. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "recorder/bill/smaps.h"
#include "share/bill.h"

struct classes_hints {
	uint64_t stack;                   /* bytes: how large a thread's stack is (RLIMIT_STACK) */
	const uint64_t *volatile_devices; /* of tmpfs and ramfs, as stat has them */
	size_t n_volatile;
};

struct classes_sum {
	uint64_t bytes[BILL_CLASSES];
	uint64_t heap_range; /* bytes of addresses that BILL_HEAP is resident in */
};

/* Adds them. 0 or -ENOMEM. */
int classes_add(struct classes_sum *sum, const struct smaps_maps *maps,
		const struct classes_hints *hints);
