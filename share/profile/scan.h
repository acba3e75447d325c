/* The fast path of reading: runs of MEM lines as every recorder writes them, "MEM d….dddddd
 * dddddddddd.dddd[dd]". */
#pragma once

#include "share/profile/sample.h"

#include <stddef.h>

enum {
	PROFILE_BATCH = 1024,    /* samples handed on at once: they stay in the first-level cache */
	PROFILE_SCAN_SLACK = 64, /* bytes around the text that may be read, whatever they hold */
};

/* Past these a number in a file is damage: it keeps every sum and difference inside 64 bits. */
#define PROFILE_MOST_SECONDS INT64_C(8999999999)
#define PROFILE_MOST_MIB     INT64_C(1000000000000)

/* Takes MEM lines from *at on until `room` samples are found, a line is something else, or the
 * whole lines end; moves *at behind what it took. PROFILE_SCAN_SLACK bytes before *at and behind
 * `end` must be readable. */
typedef size_t profile_scanner(const char **at, const char *end, struct sample *samples,
			       size_t room);

profile_scanner profile_scan; /* the fastest that this processor has */
profile_scanner profile_scan_portable, profile_scan_avx2;
