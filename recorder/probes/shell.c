#include "recorder/probes/shell.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "recorder/recording/descriptors.h"
#include "recorder/recording/signals.h"

extern char **environ;

/* Where standard error was closed, its number may be that of a file of ours. */
static int standard_error_or(int other)
{
	int flags = fcntl(STDERR_FILENO, F_GETFD);
	return flags >= 0 && !(flags & FD_CLOEXEC) ? STDERR_FILENO : other;
}

/* After vfork: only system calls. What is written to *error, we read. */
static _Noreturn void become(char *const argv[], const struct signals *held,
			     const struct rlimit *descriptors, const int files[2],
			     volatile int *error)
{
	setsid();
	descriptors_restore(descriptors);
	signals_restore(held);
	dup2(files[1], STDOUT_FILENO);
	dup2(STDOUT_FILENO, STDERR_FILENO);
	dup2(files[0], STDIN_FILENO);
	execve("/bin/sh", argv, environ);
	*error = errno;
	_exit(127);
}

/* Ours is less than usual (sampler.c), and a child has its parent's. */
static void set_slack(unsigned long ns)
{
	prctl(PR_SET_TIMERSLACK, ns, 0UL, 0UL, 0UL);
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
	const int files[2] = { null, standard_error_or(null) };
	volatile int error = 0;
	set_slack(0); /* what it was before us */
	pid_t pid = vfork();
	if (pid == 0)
		become(argv, held, descriptors, files, &error);
	int e = pid < 0 ? errno : error;
	set_slack(1);
	close(null);
	if (pid > 0 && e)
		waitpid(pid, NULL, 0);
	return e ? -e : pid;
}
