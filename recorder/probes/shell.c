#include "recorder/probes/shell.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "recorder/recording/descriptors.h"
#include "recorder/recording/signals.h"

extern char **environ;

static const unsigned long USUAL_SLACK = 50000; /* ns; ours is less (sampler.c) */

/* Where standard error was closed, its number may be that of a file of ours. */
static int standard_error_or(int other)
{
	int flags = fcntl(STDERR_FILENO, F_GETFD);
	return flags >= 0 && !(flags & FD_CLOEXEC) ? STDERR_FILENO : other;
}

/* After vfork: only system calls. */
static _Noreturn void become(char *const argv[], const struct signals *held,
			     const struct rlimit *descriptors, int null, int out)
{
	setsid();
	prctl(PR_SET_TIMERSLACK, USUAL_SLACK, 0UL, 0UL, 0UL);
	descriptors_restore(descriptors);
	signals_restore(held);
	dup2(out, STDOUT_FILENO);
	dup2(STDOUT_FILENO, STDERR_FILENO);
	dup2(null, STDIN_FILENO);
	execve("/bin/sh", argv, environ);
	_exit(127);
}

pid_t shell_start(const char *text, const struct signals *held, const struct rlimit *descriptors)
{
	char *argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, (char *)text, NULL };
	/* Above the standard ones, so that none is overwritten by another. */
	int opened = open("/dev/null", O_RDWR | O_CLOEXEC);
	int null = opened < 0 ? -1 : fcntl(opened, F_DUPFD_CLOEXEC, 3);
	if (opened >= 0)
		close(opened);
	if (null < 0)
		return -errno;
	int out = standard_error_or(null);
	pid_t pid = vfork();
	if (pid == 0)
		become(argv, held, descriptors, null, out);
	int e = errno;
	close(null);
	return pid < 0 ? -e : pid;
}
