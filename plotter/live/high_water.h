/* The kernel's own high-water mark of a recorded process that still runs. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct profile;

/* The most it has held, umib. False: it is not of this machine, runs no more, or is not surely the
 * one that was started with the recording. */
bool high_water_read(const struct profile *profile, int64_t *umib);
