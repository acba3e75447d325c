/* One process whose growth is followed: its resident set, and where its Python stands. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "recorder/kernel/procfs.h"
#include "recorder/python/code.h"
#include "recorder/python/position.h"
#include "recorder/python/runtime.h"
#include "recorder/python/stack.h"
#include "recorder/where/crew.h"
#include "recorder/where/queue.h"
#include "recorder/where/shares.h"

enum grower_state {
	GROWER_LOOKING, /* for a Python in it; it may call exec, or map the library late */
	GROWER_READY,
	GROWER_REFUSED, /* a Python that cannot be read, or may not */
};

enum { GROWER_STATES = 512, GROWER_ADDRESSES = 16, GROWER_MAPS = 8 };

struct polled;

struct grower {
	pid_t pid;
	uid_t user; /* whose it was when the Python in it was found */
	enum grower_state state;
	int refusal;          /* runtime_find's, where it is refused */
	int64_t next_find;    /* monotonic ns */
	int64_t pause;        /* ns between two searches */
	bool likely;          /* by its name, when last searched */
	int64_t likely_since; /* monotonic ns */
	struct procfs statm;
	struct crew crew;
	struct polled *polled; /* the prober's */
	struct {
		pid_t thread;
		unsigned trusted, limit; /* where it has no state: so often taken to have none
					    since, and how often it may */
		uint64_t state;
	} states[GROWER_STATES]; /* of threads, by their number, as last found */
	struct runtime runtime;
	struct codes codes;
	uint64_t held, most;      /* bytes: when last told; highest told */
	uint64_t now, still;      /* bytes: when last read, and when last read without a move … */
	int64_t now_at, still_at; /* … monotonic ns: when */
	bool noted;               /* that it is ready or refused; the prober's */
	int failures;             /* stacks in a row that could not be read */

	/* Where its page faults are told: */
	uint64_t seen;  /* bytes: at this look, as far as it is known, told or not */
	bool met;       /* it has been looked at */
	bool stirred;   /* something was told of it since a Python was looked for in it */
	bool executed;  /* it has called exec since it was looked at */
	uint64_t start; /* told.h's number of what it took before it ran any code; 0: not told */
	bool ran;       /* a line of its Python was seen */
	bool huge;      /* it grew by more than its faults told, when it was looked at last */
	bool few;       /* and that is so since they were of huge pages: none was lost */
	bool lost;      /* not all that it did since the last account was told */
	struct arrears arrears;
	uint64_t taken, heard; /* faults: until the last account; told since, placed or not */
	struct queue queue;
	struct shares shares;
	struct positions *positions;
	struct {
		uint64_t low, high;
	} maps[GROWER_MAPS]; /* code that was mapped since it was read last … */
	size_t n_maps;       /* … so often; the last stands for all that had no room */
	uint64_t shared;     /* bytes: of what it shares with its parent, or a child, as many as may
				still be copied */
	bool heir;           /* it was born with memory, its parent's */
	bool parted;         /* it has come to share what it holds with a child since it was met */
	pid_t newborn, maker; /* its last child, until that calls exec or ends; whose that is */
	struct {
		pid_t thread;
		uint64_t at;
	} addresses[GROWER_ADDRESSES]; /* of the last fault of some threads, by their number */

	struct grower *next; /* of the same hash */
};

struct grower *grower_new(pid_t pid, int64_t now); /* NULL: no memory, or no such process */
void grower_free(struct grower *grower);

/* Is it time to look for a Python, and worth it? */
bool grower_is_due(struct grower *grower, int64_t now);

/* Looks for one: the state tells what came of it. */
void grower_find(struct grower *grower);

/* Is it still so young, or new to its name, that it must be asked between ticks? */
bool grower_is_hasty(const struct grower *grower);

/* What the process holds. False: it is not there any more. */
bool grower_holds(struct grower *grower, uint64_t *bytes);

/* How many faults it has taken since its birth. False: it is not there any more. */
bool grower_faults(const struct grower *grower, uint64_t *faults);

/* Is that enough more or less than was last told, that it is worth a look? */
bool grower_has_moved(const struct grower *grower, uint64_t bytes);
uint64_t grower_least(const struct grower *grower); /* bytes: a move of less is none */

/* Does it hold what it was born with, the memory of its parent? */
bool grower_is_forked(const struct grower *grower);

/* May that fault have brought a huge page? By how far it is from that thread's last. */
bool grower_is_far(struct grower *grower, const struct fault *fault);

/* Code was mapped there, or anywhere. And before it is read, what was so told is made known. */
void grower_map(struct grower *grower, uint64_t low, uint64_t high);
void grower_know_maps(struct grower *grower);

/* Does that thread sleep, so that where it stands is not where it took memory? */
bool grower_rests(const struct grower *grower, pid_t thread);

/* It is another program now: what was known of it is forgotten, but for what it held. */
void grower_begin_anew(struct grower *grower, int64_t now);

/* The Python state of the thread of that number; 0: it has none. */
uint64_t grower_find_thread(struct grower *grower, pid_t thread);

/* The stack of that thread; n is 0 where it could not be read. */
void grower_stack(struct grower *grower, uint64_t thread, struct stack *stack);

/* The stacks of several faults: grower_trim comes before, and what they point to lives until that
 * is called again. `seen` is the thread's stack as it stands now. */
void grower_trim(struct grower *grower);
void grower_read(struct grower *grower, uint64_t thread, struct stack *seen);
