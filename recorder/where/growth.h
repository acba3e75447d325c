/* The growth probe's state, which its files share. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "recorder/python/told.h"
#include "recorder/recording/purse.h"
#include "recorder/recording/recording.h"
#include "recorder/where/asker.h"
#include "recorder/where/growers.h"
#include "recorder/where/queue.h"

enum where { WHERE_AUTO, WHERE_STACKS, WHERE_LINES, WHERE_OFF };

struct growth_probe {
	enum where where; /* what is asked for: --where */
	bool precise;     /* --precise, which does nothing any more */
	bool events;      /* page faults are told, so that nobody is polled */
	struct growers growers;
	struct queue_room room;
	struct told told;
	struct reader reader;
	struct asker asker;
	unsigned round; /* told's, that the shares' frames are of */
	uint64_t steps;

	/* When to look. */
	size_t queued;       /* faults that wait */
	int64_t next, moved; /* monotonic ns: of the next look; when something last moved */
	int64_t began;       /* monotonic ns */
	int64_t huge_at;     /* monotonic ns: when something grew by more than faults tell */
	int64_t again;       /* … so that it is looked at again then; 0: not */
	int64_t not_before;  /* faults are not looked at until then */
	int64_t flushed_at;
	int64_t measured_at; /* monotonic ns: when all were measured last */
	struct purse purse;  /* for looks */

	/* What the file and the user are told of the Pythons. */
	bool is_told;         /* META has the version of one that can be read */
	int version, refusal; /* of the first Python that was refused */
	uid_t user;           /* the last whose the file tells of, where it does */
	bool has_user;
	pid_t stalls; /* the file tells that this process lets nobody read */
};

/* What the recording has told of files and frames, whoever tells of them: numbers are the same for
 * all records. */
struct told *growth_told(struct recording *recording);

/* That probe itself, where it takes part; NULL. */
struct growth_probe *growth_of(struct recording *recording);
