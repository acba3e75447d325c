#include "recorder/kernel/reap.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/wait.h>

int reap_status(int wait_status)
{
	return WIFSIGNALED(wait_status) ? -WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

pid_t reap_child(pid_t which, int *status, uint64_t *ru_maxrss, bool *core)
{
	struct rusage usage;
	int wait_status;
	pid_t pid;
	do
		pid = wait4(which, &wait_status, WNOHANG, &usage);
	while (pid < 0 && errno == EINTR);
	if (pid <= 0)
		return pid < 0 ? -errno : 0;
	*status = reap_status(wait_status);
	if (core)
		*core = WIFSIGNALED(wait_status) && WCOREDUMP(wait_status);
	*ru_maxrss = (uint64_t)usage.ru_maxrss * 1024; /* getrusage(2): kilobytes */
	return pid;
}
