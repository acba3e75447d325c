/* Names for the native frames of faults: the helper is asked for some, as many as may be spent on
 * it, and what a thread took at the same place meanwhile is taken to be of the same stack. An
 * answer comes later, and the records that wait for it are written then. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/python/told.h"
#include "recorder/recording/purse.h"
#include "recorder/recording/recording.h"
#include "recorder/where/native.h"

enum { ASKER_KEPT = 1024, ASKER_PLACES = 256, ASKER_RECENT = 16 };

/* What is remembered of questions; mostly empty. */
struct asked {
	struct question {
		uint64_t ticket;
		int64_t at; /* monotonic ns */
		pid_t thread;
		uint64_t frame;                /* its Python's; 0: none */
		uint64_t named;                /* with what was answered */
		unsigned round;                /* told's, that both are of */
	} questions[ASKER_KEPT];               /* the last, by their tickets */
	struct asked_place {                   /* a thread and a frame */
		uint64_t recent[ASKER_RECENT]; /* the last tickets */
		size_t n, turn;                /* in all; of who stands for those not asked */
	} places[ASKER_PLACES];
};

struct asker {
	bool off;              /* nobody is to be asked */
	struct native *native; /* NULL: not yet wanted, or not there */
	bool tried;
	pid_t helper; /* that the recording knows of */
	struct purse purse;
	int64_t spent; /* ns of CPU that it has used, as last seen */
	uint64_t tries;
	int64_t next_framed; /* monotonic ns: until then nothing is asked of Python's threads */
	unsigned framed;     /* how often that was */
	uint64_t asked, answered; /* the last ticket of each; they are counted from 1 */
	struct asked *asked_of;   /* NULL: none was asked */
	struct waiting {
		uint64_t ticket;
		unsigned round;
		struct profile_record record;
	} * waiting;
	size_t n_waiting;
};

/* The ticket of the answer that names a fault at a place: a new one where it is asked, else one of
 * the last ones there, in turn. 0: none will. */
uint64_t asker_ask(struct asker *asker, struct recording *recording, const struct told *told,
		   const struct fault *fault, uint64_t frame, int64_t now);

/* Writes a GROW with the names, at once or once they are there. */
void asker_put(struct asker *asker, struct recording *recording, const struct told *told,
	       const struct profile_record *record, uint64_t ticket);

/* Takes the answers that are there. */
void asker_take(struct asker *asker, struct recording *recording, struct told *told, int64_t now);

/* Waits for what was asked, but not long; what still waits then is written without names. */
void asker_end(struct asker *asker, struct recording *recording, struct told *told);
void asker_close(struct asker *asker);
