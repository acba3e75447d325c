/* Blocks of memory of which some are sampled: by their bytes, each with the same chance. What
 * stands before an allocator counts bytes down from sample_distance to zero, thread by thread, and
 * tells of the block that it was reached in; distances have no memory, so that allocators may count
 * apart. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* > 0: what this thread is given now is an allocator's own, or ours, and is not counted. */
extern _Thread_local int sample_quiet;

int64_t sample_distance(void); /* bytes to the next sample, drawn; > 0 */

/* The block is a sample: it is charged to this thread's stack until it is freed. */
void sample_taken(const void *pointer, size_t size);

/* The same of a block that CPython makes, above malloc. */
void sample_object(const void *pointer, size_t size);

void sample_freed(const void *pointer); /* before it is; of one that is no sample: nothing */
