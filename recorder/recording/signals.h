/* Signals while we record. They are blocked and read as data, since they are meant for the recorded
 * program, or end a recording in good order; what we change in ourselves is undone in a program
 * that we start. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/time.h>
#include <sys/types.h>

enum { SIGNALS_TIMERS = 3 }; /* setitimer(2)'s */

struct signals {
	int fd;                 /* readable when a signal came; -1: not open */
	sigset_t held;          /* those that we block */
	sigset_t mask;          /* as it was before us */
	struct sigaction child; /* SIGCHLD, likewise */

	/* Of signals_stand_in. */
	struct itimerval timers[SIGNALS_TIMERS]; /* that run for the program, as they were */
	int with_parent;                         /* PR_SET_PDEATHSIG's; 0: none */
	int reaper; /* were orphans given to it: PR_SET_CHILD_SUBREAPER, which no fork inherits */
};

/* Blocks what would end us, and SIGCHLD, SIGPIPE and SIGXFSZ; no ignored SIGCHLD stands in our way.
 */
void signals_hold(struct signals *signals);

/* The same, where we stand in a program's place: blocks every signal that can be, and keeps for the
 * program what whoever started us has arranged to be sent to it: at a time (alarm) or at our
 * parent's end; and that orphans come to it. */
void signals_stand_in(struct signals *signals);

/* In a child of ours, before exec: everything as it was. Async-signal-safe. */
void signals_restore(const struct signals *signals);

/* In the program whose place we took, besides: its timers and orphans are its own.
 * Async-signal-safe. */
void signals_hand_over(const struct signals *signals);

/* Takes the next of the held signals, waiting so many nanoseconds for it (-1: without end), which
 * is the cheapest way to sleep until a tick or until a child has ended. Its number, or 0. */
int signals_wait(const struct signals *signals, int64_t nanoseconds, siginfo_t *info);

/* Opens the descriptor, for those who wait for something else as well. 0 or -errno. */
int signals_open(struct signals *signals);

/* Is it of our own making: a broken pipe of ours, our own limit of CPU time, an end of a child? */
bool signals_is_own(const siginfo_t *info);

/* Was it ignored by whoever started us (nohup)? */
bool signals_is_ignored(int signal);
void signals_close(struct signals *signals);

/* Do to ourselves what this signal does to whoever does not care for it; it is held again when we
 * go on. */
void signals_suffer(int signal);

/* The exit status that a command ends with. Below 0 it is the signal that the target died of, and
 * so do we, that a shell sees what it would have seen without us; but leave no core of ours.
 * Returns the status where that is impossible. */
int signals_end(int status);
