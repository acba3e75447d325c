/* Reads the growers' processes aside, so that one which makes its readers wait holds up neither
 * samples nor signals. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "recorder/where/crew.h"
#include "recorder/where/grower.h"
#include "recorder/where/waiter.h"

enum { READER_BATCH = 16 };

struct placed { /* a fault's stack */
	enum position_known known;
	struct stack stack;
};

struct reading { /* all that is used aside, but for the grower */
	struct grower *grower;
	pid_t thread;
	struct stack stack; /* with the line that waits for it, where it has none of the user's */
	struct waiter waiter;

	/* Of reader_place: the faults of one process, and where each was. */
	struct queued *faults[READER_BATCH];
	size_t n_faults; /* of those that are its own: nobody else may use them */
	struct placed placed[READER_BATCH];
	/* Of reader_thread: */
	struct crew_member member; /* whose stack it is; asked again when that was read */
	bool runs;                 /* it did so each time */
	uint64_t ahead, meanwhile; /* faults, from there until its stack was read, and during that
				    */
	bool foreign;              /* no thread of Python's */
	int64_t waited, took;      /* ns: for how long these were counted */
};

struct reader {
	struct aside *aside;
	struct reading *reading; /* the last; its own while nothing is stalled */
	struct grower *orphan;   /* has gone while it was read */
	int64_t cost;            /* ns of CPU, of the readings since it was set to 0 */
	int64_t since;           /* monotonic ns: when a reading was given up; 0: none goes on */
};

int reader_open(struct reader *reader); /* 0 or -ENOMEM */
void reader_close(struct reader *reader);

/* grower_find: false where that takes too long, and goes on by itself; nothing is read until it
 * ends. */
bool reader_find(struct reader *reader, struct grower *grower);

/* Finds where the reading's faults were, which are the grower's. The same. */
bool reader_place(struct reader *reader, struct grower *grower);

/* The stack of that thread of the grower's crew, which was asked at `asked`: the reading's are set,
 * and the member's faults and state. The same. */
bool reader_thread(struct reader *reader, struct grower *grower, struct crew_member *member,
		   int64_t asked);

/* For how many ns a reading goes on that was given up; 0: there is none. */
int64_t reader_stalls(struct reader *reader, int64_t now);

void reader_drop(struct reader *reader, struct grower *grower); /* frees it, at once or later */
