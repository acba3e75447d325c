#include "recorder/target.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "share/profile.h"

void heritage_take(struct heritage *heritage, const sigset_t *signals)
{
	sigset_t blocked = *signals;
	sigaddset(&blocked, SIGCHLD);
	sigprocmask(SIG_BLOCK, &blocked, &heritage->mask);
	/* An ignored SIGCHLD would have the kernel reap the target before we read its status. */
	sigaction(SIGCHLD, &(struct sigaction){ .sa_handler = SIG_DFL }, &heritage->child);
	sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, &heritage->pipe);
	getrlimit(RLIMIT_NOFILE, &heritage->files);
	struct rlimit most = { heritage->files.rlim_max, heritage->files.rlim_max };
	setrlimit(RLIMIT_NOFILE, &most);
}

static void hand_on(const struct heritage *heritage)
{
	setrlimit(RLIMIT_NOFILE, &heritage->files);
	sigaction(SIGCHLD, &heritage->child, NULL);
	sigaction(SIGPIPE, &heritage->pipe, NULL);
	sigprocmask(SIG_SETMASK, &heritage->mask, NULL);
}

static int open_pidfd(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

static void become(const char *file, char *const argv[], const struct heritage *heritage,
		   int report)
{
	hand_on(heritage);
	execvp(file, argv);
	int error = errno;
	ssize_t ignored = write(report, &error, sizeof error);
	(void)ignored;
	_exit(127);
}

int target_spawn(struct target *target, const char *file, char *const argv[],
		 const struct heritage *heritage)
{
	int ends[2], error = 0;
	*target = (struct target){ .pidfd = -1, .ours = true, .status = PROFILE_STATUS_UNKNOWN };
	if (pipe2(ends, O_CLOEXEC) < 0) /* exec closes it; what comes through is why exec failed */
		return -errno;
	target->pid = fork();
	if (target->pid == 0)
		become(file, argv, heritage, ends[1]);
	int r = target->pid < 0 ? -errno : 0;
	close(ends[1]);
	ssize_t n = 0;
	if (r == 0)
		do
			n = read(ends[0], &error, sizeof error);
		while (n < 0 && errno == EINTR);
	close(ends[0]);
	if (r < 0)
		return r;
	if (n == (ssize_t)sizeof error) {
		waitpid(target->pid, NULL, 0);
		return -error;
	}
	target->pidfd = open_pidfd(target->pid);
	return 0;
}

int target_adopt(struct target *target, pid_t pid)
{
	*target = (struct target){ .pid = pid, .pidfd = -1, .status = PROFILE_STATUS_UNKNOWN };
	if (kill(pid, 0) < 0 && errno == ESRCH)
		return -ESRCH;
	target->pidfd = open_pidfd(pid);
	return target->pidfd < 0 && errno == ESRCH ? -ESRCH : 0;
}

int target_status(int wait_status)
{
	if (WIFSIGNALED(wait_status))
		return -WTERMSIG(wait_status);
	return WEXITSTATUS(wait_status);
}

bool target_has_ended(struct target *target)
{
	if (target->ended)
		return true;
	if (!target->ours) {
		/* A zombie can still be signalled; its pidfd is readable all the same. */
		struct pollfd end = { .fd = target->pidfd, .events = POLLIN };
		target->ended = (target->pidfd >= 0 && poll(&end, 1, 0) > 0) ||
				(kill(target->pid, 0) < 0 && errno == ESRCH);
		return target->ended;
	}
	int status;
	struct rusage usage;
	pid_t got = wait4(target->pid, &status, WNOHANG, &usage);
	if (got == target->pid)
		target_take(target, status, &usage);
	else if (got < 0 && errno == ECHILD)
		target->ended = true;
	return target->ended;
}

void target_take(struct target *target, int wait_status, const struct rusage *usage)
{
	target->ended = true;
	target->status = target_status(wait_status);
	target->ru_maxrss = (uint64_t)usage->ru_maxrss * 1024; /* getrusage(2): kilobytes */
}

void target_signal(const struct target *target, int signal)
{
	if (!target->ended)
		kill(target->pid, signal);
}

void target_close(struct target *target)
{
	if (target->pidfd >= 0)
		close(target->pidfd);
	target->pidfd = -1;
}
