/* mprof-c-gpu: the helper of a recorder that is linked statically, which starts it and talks to it
 * over a socket. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/gpu/become.h"
#include "recorder/kernel/detach.h"
#include "share/command.h"
#include "share/fault.h"
#include "share/number.h"
#include "share/version.h"

enum { VERSION = 1, TARGET, RECORDER, ADOPTS, MODE, INTERVAL, WORDS };

static bool read_task(struct gpu_task *task, char *const words[])
{
	long target, recorder, mode;
	*task = (struct gpu_task){ .socket = DETACH_KEPT, .adopts = *words[ADOPTS] == '1' };
	if (strcmp(words[VERSION], MPROF_VERSION) != 0 ||
	    number_whole(words[TARGET], &target) < 0 ||
	    number_whole(words[RECORDER], &recorder) < 0 || number_whole(words[MODE], &mode) < 0 ||
	    number_decimal(words[INTERVAL], &task->interval) < 0)
		return false;
	task->target = (pid_t)target;
	task->recorder = (pid_t)recorder;
	task->mode = (enum gpu_mode)mode;
	return mode >= GPU_AUTO && mode <= GPU_OUTSIDE && task->interval > 0;
}

int main(int argc, char *argv[])
{
	struct gpu_task task;
	if (argc != WORDS)
		return fault(STATUS_USAGE, "mprof-c-gpu belongs to mprof-c, which starts it");
	if (!read_task(&task, argv))
		return fault(STATUS_USAGE, "mprof-c-gpu is of another version than its recorder");
	gpu_help(&task);
	return STATUS_OK;
}
