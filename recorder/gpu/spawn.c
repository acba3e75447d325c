#include "recorder/gpu/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "recorder/kernel/descriptor.h"

/* It keeps nothing of ours open, so that whoever waits for the end of a file of ours does not wait
 * for a driver. */
static void let_go(int keep)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; fd < 3 && null >= 0; fd++)
		dup2(null, fd);
	dup2(keep, 3);
	descriptor_close_from(4);
}

static _Noreturn void become_helper(struct gpu_task *task, const struct signals *signals)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "mprof-c-gpu");
	setsid();
	if (getppid() == task->recorder) {
		let_go(task->socket);
		task->socket = 3;
		signals_restore(signals);
		gpu_help(task);
	}
	_exit(0);
}

pid_t gpu_spawn(struct gpu_task *task, const struct signals *signals, int *socket)
{
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	task->socket = ends[1];
	pid_t pid = fork();
	int error = errno;
	if (pid == 0)
		become_helper(task, signals);
	close(ends[1]);
	if (pid < 0)
		close(ends[0]);
	*socket = pid < 0 ? -1 : ends[0];
	return pid < 0 ? -error : pid;
}
