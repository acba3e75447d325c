/* The memory of a device that has none of its own, but shares the machine's (GB10, Tegra): its
 * driver tells none, and /proc/meminfo stands in. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Bytes: of the machine, and what of it is not to be had. False: not known. */
bool unified_memory(uint64_t *total, uint64_t *used);
