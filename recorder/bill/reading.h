/* The bill of some processes, read from what the kernel tells of their maps. That walks their page
 * tables, as smaps_rollup does (about 9 ms a GiB where pages are small), and may be held up by
 * whoever holds a process' map lock: a thread beside does it, on nothing but this. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "recorder/recording/results.h"
#include "share/bill.h"

struct reading_process {
	pid_t pid;
	uint64_t start;           /* procfs_stat's; 0: not known */
	uint64_t bytes;           /* as MEM has it, just before */
	struct heap_figures heap; /* asked 0: none */
};

struct reading {
	bool pss;     /* that is what MEM is; else RSS */
	int64_t most; /* ns of CPU time, then it is given up; 0: as long as it takes */
	struct reading_process *processes;
	size_t n;
	/* What has come of it: */
	uint64_t bytes[BILL_CLASSES];
	size_t gone;    /* processes that ended meanwhile; what they held is not told */
	size_t refused; /* that may not be read; the same */
	bool given_up;  /* there is no bill */
};

/* `context` is a struct reading. */
void reading_do(void *context);
