/* This process' part of the memory that is shared with the recorder. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/heap/segment.h"

extern struct heap_process *shared_process; /* NULL: nothing is shared */
extern double shared_mean;

/* Looks where the variable says. Once; before the C library has its environment, false. */
bool shared_attach(void);

/* A part of its own for a process that was forked off the present one; false: there is no room, and
 * nothing is shared any more. */
bool shared_fork(void);

/* Nothing is shared any more. */
void shared_leave(void);

/* Was this process' memory copied from another since then, which is still to be told? */
bool shared_is_copy(void);

void shared_note(uint32_t flag); /* HEAP_SAW_… */

/* Items one after the other, in blocks of the file. */
enum { SHARED_SITES, SHARED_PLACES, SHARED_TEXTS, SHARED_EXTENTS };

/* Room for n items that follow one another; NULL: none. They count once shared_filled says so. */
void *shared_room(int list, uint32_t n);
void shared_filled(int list, uint32_t n);
uint64_t shared_offset(const void *pointer);
uint64_t shared_text(const char *text); /* written down; 0: there is no room */

struct heap_site *shared_first_site(void); /* of whatever has no room for its own */
