/* Signals while we record. Those that would end us, or that are meant for the recorded program, are
 * blocked and read as data; what we change in ourselves is undone in a program that we start. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct signals {
	int fd;                              /* readable when a signal came; -1: not open */
	sigset_t mask;                       /* as it was before us */
	struct sigaction child, pipe, large; /* SIGCHLD, SIGPIPE, SIGXFSZ, likewise */
};

/* Blocks what would end us, and SIGCHLD; lets no ignored SIGCHLD, no SIGPIPE and no SIGXFSZ stand
 * in our way. */
void signals_hold(struct signals *signals);

/* In a child of ours, before exec: everything as it was. Async-signal-safe. */
void signals_restore(const struct signals *signals);

/* Takes the next of the held signals, waiting so many nanoseconds for it (-1: without end), which
 * is the cheapest way to sleep until a tick or until a child has ended. Its number, or 0. */
int signals_wait(int64_t nanoseconds, siginfo_t *info);

/* Opens the descriptor, for those who wait for something else as well. 0 or -errno. */
int signals_open(struct signals *signals);

/* Did it reach `target` without us? So did what the terminal sends to the whole foreground group,
 * and what a launcher sends to every process of its step. */
bool signals_has_reached(const siginfo_t *info, pid_t target);

/* Was it ignored by whoever started us (nohup)? */
bool signals_is_ignored(int signal);
void signals_close(struct signals *signals);

/* The exit status that a command ends with. Below 0 it is the signal that the target died of, and
 * so do we, that a shell sees what it would have seen without us; but leave no core of ours.
 * Returns the status where that is impossible. */
int signals_end(int status);
