/* The threads of one process, and who of them has had page faults since that was last asked: the
 * kernel counts them for each (proc_pid_stat(5), fields 10 and 12). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "recorder/kernel/procfs.h"

struct crew_stat {
	uint64_t faults;  /* since the thread's birth, minor and major */
	unsigned threads; /* of the process */
	char state;       /* R, S, D, … */
};

struct crew_member {
	pid_t thread;
	char state;
	bool known;      /* `faults` was read before, or is 0 since it was born meanwhile */
	uint64_t faults; /* as last read */
	uint64_t fresh;  /* more than at the crew_look before: 0 of who was not asked */
	unsigned warm;   /* it has had some lately; its file is kept open meanwhile */
	bool lives;      /* the list's */
	unsigned round;  /* of the look that has asked it last */
	struct procfs stat;
};

struct crew {
	pid_t pid;
	struct crew_member *members; /* by their number */
	size_t n;
	unsigned threads; /* of the process, as the kernel told it last */
	size_t next;      /* of those that are asked in turn */
	unsigned round;   /* of looks */
	size_t asked;     /* in this one */
	bool looked;      /* who is new was born since */
	bool stale;       /* the list is to be made anew */
};

/* A look asks so many at most: those that have had faults lately, and of the others some in turn.
 */
enum { CREW_ASKED = 64, CREW_MOST = 4096, CREW_CHOSEN = 8 };

/* Asks them, and once so many faults are found no others than those few. The sum of `fresh`; the
 * first time it is 0, since what came before is no change. */
uint64_t crew_look(struct crew *crew, uint64_t wanted);

/* Asks one again: what is new is counted in its `fresh`. */
void crew_ask(struct crew_member *member);

/* Of those with most faults, but for trifles, in `chosen`; where nobody had any, who runs, else the
 * main thread. `sum`: of their `fresh`. How many. */
size_t crew_choose(struct crew *crew, bool by_faults, uint64_t sum,
		   struct crew_member *chosen[CREW_CHOSEN]);

/* Does it run, or wait for no more than pages, its own or a file's, as the state tells that was
 * read last? */
bool crew_runs(const struct crew_member *member);
void crew_close(struct crew *crew);

int crew_parse(const char *text, struct crew_stat *stat); /* 0 or -EINVAL */
