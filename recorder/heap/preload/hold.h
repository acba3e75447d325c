/* A sampled block whose end is still open: it may be moved, or stay. */
#pragma once

#include <stdbool.h>

#include "recorder/heap/preload/table.h"

bool sample_withdraw(const void *pointer, struct sampled *was); /* false: it is no sample */
void sample_return(const struct sampled *was);                  /* it stays where it was */
void sample_ended(const struct sampled *was);                   /* it is no more */

/* Sampled memory that the program maps, and what it unmaps. */
void sample_mapped(const void *pointer, size_t size);
bool sample_unmapped(const void *pointer, size_t size); /* true: there were samples */

void sample_forked(void); /* in a child */
