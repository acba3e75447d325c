#include <unistd.h>

#include "recorder/gpu/become.h"

_Noreturn void gpu_become(const struct gpu_task *task)
{
	gpu_help(task);
	_exit(0);
}
