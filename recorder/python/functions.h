/* The sorted table of .eh_frame_hdr: which entry of .eh_frame speaks of a function. */
#pragma once

#include <stdint.h>

#include "recorder/python/binary.h"

/* Reads it, where it is not too large to be kept: what is looked for is found sooner then. The
 * caller frees `functions`. */
void functions_read(struct binary *binary, int fd);

/* Where the entry of the function begins that has `address`; 0: there is none. */
uint64_t functions_find(const struct binary *binary, int fd, uint64_t address);
