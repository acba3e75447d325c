/* A process of ours that stands beside the target: in its group, its session and its control group.
 * It holds every signal, so that what was sent to all of them, and hence to the target, can be told
 * from what was sent to us alone. When we are killed, it says that the program runs on.
 *
 * Its name is not ours, and its command line is the target's behind a word, so that who looks for
 * one of us by name finds it neither by our name nor as the target, and who looks through command
 * lines for the target's words finds both. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define WITNESS_NAME "witness"
#define WITNESS_WORD "recorded:"

struct witness {
	pid_t pid;      /* 0: there is none */
	int socket;     /* -1: likewise */
	uint32_t asked; /* questions so far */
};

#define WITNESS_NONE         \
	{                    \
		.socket = -1 \
	}

/* `words` are the target's, NULL at the end. 0 or -errno. */
int witness_start(struct witness *witness, pid_t target, char *const words[]);

/* Would this process have been sent what the witness was: is it in the same groups, and anybody's
 * to signal who may signal the witness? */
bool witness_is_equal(const struct witness *witness, const siginfo_t *info, pid_t pid);

/* Was the witness sent this too? Waits some milliseconds for whoever signals one process after the
 * other. False also when it is not certain. */
bool witness_saw(struct witness *witness, const siginfo_t *info);

/* We are about to be stopped: it wakes us when the target goes on, or ends, without us. */
void witness_watch(struct witness *witness, bool on);

/* The target has ended, and those that it left behind are recorded on: it says of them, then, that
 * they run on. */
void witness_tell_of_heirs(struct witness *witness);

/* It ends, and is waited for. */
void witness_dismiss(struct witness *witness);
