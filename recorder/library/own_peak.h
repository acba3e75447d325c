/* The high-water mark of this process, as high_water.h explains it: told, and reset, at once, from
 * whatever thread. */
#pragma once

#include <stdint.h>

int own_peak_read(uint64_t *bytes); /* 0 or -errno */
int own_peak_reset(void);           /* 0 or -errno: /proc is read-only, or knows no such file */
