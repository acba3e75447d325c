/* Native frames as what a Python line called, or by themselves. */
#pragma once

#include <stdint.h>

#include "recorder/python/told.h"
#include "recorder/where/native.h"

/* The number of the innermost frame, below the Python frame of that number (0: there is none). The
 * interpreter's own insides are left out: its lines stand for them. */
uint64_t stitch(struct told *told, struct profile_writer *writer, uint64_t frame,
		const struct native_answer *answer);
