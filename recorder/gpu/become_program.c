#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "recorder/gpu/become.h"
#include "share/beside.h"
#include "share/version.h"

/* The version goes first: what is said over the socket has no other. */
static void execute(const char *path, const struct gpu_task *task)
{
	char target[16], recorder[16], mode[16], interval[32];
	snprintf(target, sizeof target, "%d", (int)task->target);
	snprintf(recorder, sizeof recorder, "%d", (int)task->recorder);
	snprintf(mode, sizeof mode, "%d", (int)task->mode);
	snprintf(interval, sizeof interval, "%.9f", task->interval);
	fcntl(task->socket, F_SETFD, 0);
	execl(path, GPU_PROGRAM, MPROF_VERSION, target, recorder, task->adopts ? "1" : "0", mode,
	      interval, (char *)NULL);
	fcntl(task->socket, F_SETFD, FD_CLOEXEC);
}

/* Without it the kernel's own drivers still tell. */
_Noreturn void gpu_become(const struct gpu_task *task)
{
	char path[PATH_MAX];
	if (beside_find(GPU_PROGRAM, path) == 0)
		execute(path, task);
	gpu_help(task);
	_exit(0);
}
