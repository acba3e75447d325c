/* What the allocators say of themselves, where the recorder wants to know or much has changed. */
#pragma once

#include "recorder/heap/preload/table.h"

/* Finds them, which takes a lock of the loader: not from within an allocator. With the memory that
 * is shared, and what else was noted there. */
void figures_begin(void);

/* In whichever thread comes along, outside of every allocator and with the lock not held. */
void figures_answer(void);

/* A sampled block has come, 1, or gone, -1. */
void figures_move(const struct sampled *block, int sign);

void figures_forked(void);
