/* Work that may never end, such as reading another's memory, whose page may be one that somebody
 * has yet to deliver: a thread does it, and is waited for so long and no longer. The kernel lets
 * nothing but the end of the process break such a wait. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct aside; /* one thread, which begins with the first work */

struct aside *aside_new(void); /* NULL: no memory */

/* 0, and *cost is the CPU time of it in ns; -ETIMEDOUT: it goes on, and what it uses must stay as
 * long as aside_is_busy; -EBUSY: what was begun before goes on. Where there can be no thread, or
 * `aside` is NULL, it is done here and now. */
int aside_do(struct aside *aside, void (*work)(void *), void *context, int64_t patience,
	     int64_t *cost);
bool aside_is_busy(struct aside *aside);

/* What that has cost which was not waited for, in ns of CPU time: once it is not busy any more. */
void aside_cost(struct aside *aside, int64_t *cost);

/* false: it is busy, so that it and what it uses stay until the process ends. */
bool aside_free(struct aside *aside); /* NULL is accepted */
