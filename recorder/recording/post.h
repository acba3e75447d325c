/* The witness's own side: what it does at its post. */
#pragma once

#include <signal.h>
#include <stdint.h>
#include <sys/types.h>

struct question {
	uint32_t number;
	enum question_kind {
		QUESTION_CAME,  /* answered: did the same signal come? */
		QUESTION_WATCH, /* not answered: wake the recorder when the target goes on */
		QUESTION_REST,  /* not answered: do not */
		QUESTION_HEIRS, /* not answered: the target has ended, and its heirs are recorded */
	} kind;
	int signal, code;
	pid_t pid; /* the sender's; 0: the kernel's, or of another namespace */
	uid_t uid;
	intptr_t value; /* of those that are queued */
};

struct answer {
	uint32_t number;
	int came;
};

struct post {
	int socket;     /* to the recorder */
	pid_t recorder; /* our parent, as long as it lives */
	pid_t target;
	char *const *words; /* the target's */
};

/* What of a signal must be the same for it to be the same sending. */
struct question question_of(const siginfo_t *info);

/* In a new process, with all signals blocked. */
_Noreturn void post_stand(struct post *post);
