/* Whose growth it was where no event tells: found by looking from time to time. Each thread is
 * charged by its own page faults; nobody for what grew while it slept (blame.h). All of it is an
 * estimate, and told as such: PROFILE_POLLED. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "recorder/python/told.h"
#include "recorder/where/blame.h"
#include "recorder/where/reader.h"
#include "share/profile/profile.h"

struct polled; /* what was seen of one process; NULL is accepted where one is given */

struct polled_to { /* where it is told */
	struct reader *reader;
	struct told *told;
	struct profile_writer *writer;
	bool is_short; /* told_stack's */
	bool huge;     /* it is known that what has grown are huge pages */
};

struct polled *polled_new(void); /* NULL: no memory */

/* That the process holds so many bytes more (or fewer) than was told last; `at`: when, and what it
 * holds. How many of them were told of: all, or fewer where its memory cannot be read just now. */
int64_t polled_put(struct polled *polled, struct grower *grower, const struct polled_to *to,
		   int64_t change, struct sample at);

/* That the stack's innermost line, `seen`'s frame of told.h's numbers, took as many pages as it
 * weighs is certain: what is not goes by that. */
void polled_learn(struct polled *polled, const struct stack *stack, const struct blame_share *seen,
		  int64_t now);

/* That thread stood there, or does. */
void polled_saw(struct polled *polled, pid_t thread, const struct stack *stack);

/* Numbers of frames have begun anew. */
void polled_forget(struct polled *polled);

/* Who took what a thread did that was met there only later: the lines that are certain to take
 * memory, and huge pages where it did, of its innermost function or that one's caller. How many; 0:
 * none is known. */
size_t polled_find(const struct polled *polled, const struct stack *stack, bool huge,
		   struct blame_share shares[BLAME_MOST]);

/* Is it worth looking more often for a while? Bursts were missed, which one look may tell of. */
bool polled_is_keen(const struct polled *polled, int64_t now);

/* Tells of what was kept back, and is known by now, or never will be. */
void polled_review(struct polled *polled, const struct grower *grower, const struct polled_to *to,
		   struct sample at);

/* Tells all that was kept back: the end, with what the process held. */
void polled_settle(struct polled *polled, const struct grower *grower, const struct polled_to *to,
		   struct sample at);
void polled_free(struct polled *polled);
