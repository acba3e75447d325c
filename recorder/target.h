/* The process that is watched: spawned, unnoticed by it, or adopted while it runs. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

/* What we change in ourselves and a program that we start must not inherit. Taken before anything
 * is changed. */
struct heritage {
	sigset_t mask;
	struct sigaction child, pipe; /* dispositions of SIGCHLD and SIGPIPE */
	struct rlimit files;
};

struct target {
	pid_t pid;
	int pidfd; /* readable once the process has ended; -1 where the kernel has none (before 5.3)
		    */
	bool ours; /* spawned: we learn its status */
	bool ended;
	int status;         /* once ended: exit status, -signal, or PROFILE_STATUS_UNKNOWN */
	uint64_t ru_maxrss; /* bytes, of it and the descendants that it waited for; 0: not told */
};

/* Takes what is to be handed on, then prepares ourselves: blocks `signals` and SIGCHLD, lets no
 * SIGPIPE and no ignored SIGCHLD stand in our way, and raises the limit on open files. */
void heritage_take(struct heritage *heritage, const sigset_t *signals);

/* Starts `file` (searched in PATH when it has no slash) with argv as it is. Returns once it runs:
 * 0, or -errno of fork or of exec (-ENOENT, -EACCES, …), upon which nothing runs. */
int target_spawn(struct target *target, const char *file, char *const argv[],
		 const struct heritage *heritage);

/* 0, -ESRCH or -EPERM. */
int target_adopt(struct target *target, pid_t pid);

/* Has it ended? Learns its status when it is ours. Never waits. */
bool target_has_ended(struct target *target);

/* What wait4 told of it. */
void target_take(struct target *target, int wait_status, const struct rusage *usage);
void target_signal(const struct target *target, int signal);
void target_close(struct target *target);

/* wait4's status in our words: exit status, or -signal. */
int target_status(int wait_status);
