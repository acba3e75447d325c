/* Sampled parts of memory that the program maps itself. All with the lock held. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "recorder/heap/preload/table.h"

void mapped_add(const struct sampled *one);

/* What lies there is unmapped, all or some of it. `even`: any number, drawn. true: some of it was
 * sampled. */
bool mapped_end(const void *low, size_t size, uint64_t even);

size_t mapped_size(void); /* may be asked without the lock */
struct sampled *mapped_all(size_t *n);
