/* What malloc_trim(3) would give back: of each free block the pages that are free as a whole. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* As malloc_info(3) has it; it needs some KiB of stack. False: it is not the C library's malloc, or
 * what it says is not understood. One thread at a time. */
bool trim_ask(uint64_t *bytes);

/* Of n blocks of so many bytes together that lie anywhere: none where they are hardly a page. */
uint64_t trim_of(uint64_t bytes, uint64_t n);
