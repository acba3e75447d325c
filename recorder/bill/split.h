/* The heap, split into what is in use and what is kept free, by what malloc and CPython say of
 * themselves in that process. Pure. */
#pragma once

#include "recorder/bill/classes.h"

struct heap_figures;

/* Of one process' sum; leaves the total as it is. Without figures nothing changes. */
void split_heap(struct classes_sum *sum, const struct heap_figures *figures);
