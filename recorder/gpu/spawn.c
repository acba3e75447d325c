#include "recorder/gpu/spawn.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "recorder/gpu/become.h"
#include "recorder/kernel/detach.h"

static _Noreturn void become_helper(struct gpu_task *task, const struct signals *signals)
{
	prctl(PR_SET_NAME, "mprof-c-gpu");
	detach(task->socket, task->recorder);
	task->socket = DETACH_KEPT;
	signals_restore(signals);
	gpu_become(task);
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
