/* The kernel's own high-water mark of a process' resident set, VmHWM of /proc/PID/status, which no
 * spike between two samples escapes. It is kept from the process' last exec on. Writing 5 to
 * /proc/PID/clear_refs lowers it to what is held now (proc(5)): then each reading tells of the time
 * since the one before, but the process' own VmHWM and ru_maxrss are lowered as well.
 *
 * The kernel counts pages per CPU and in batches: a mark may be off by some hundred KiB, more on
 * machines of many CPUs. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "recorder/kernel/procfs.h"

/* A mark must be so many bytes above what was sampled to tell more than the samples do. */
enum { HIGH_WATER_NOISE = 256 << 10 };

struct high_water {
	struct procfs status, clear; /* clear.name NULL: the mark is only read */
	uint64_t highest;            /* bytes, of all readings */
	uint64_t last;
	uint64_t addresses; /* bytes: VmPeak, the most addresses that were taken */
	uint64_t huge;      /* bytes, of all readings: huge pages, which no mark counts */
	char name[64];      /* the line that exec changes */
	bool changed;       /* by exec, since the reading before: its old mark is lost */
};

/* With `reset` it will be reset at each reading; where the process does not let us (it is setuid,
 * or not dumpable) it is only read. 0; -ESRCH: it has ended. */
int high_water_open(struct high_water *mark, pid_t pid, bool reset);
bool high_water_is_reset(const struct high_water *mark);

/* *most: bytes held at most since the last reading, so far as this one tells it: 0 when nothing
 * rose above the mark of before. 0; -ESRCH. */
int high_water_read(struct high_water *mark, uint64_t *most);
void high_water_close(struct high_water *mark);
