/* What a fork of the recorder does to be the helper: go on as the copy that it is, or execute the
 * program that is nothing else. A static recorder cannot load a driver's library, and needs the
 * latter. */
#pragma once

#include "recorder/gpu/helper.h"

#define GPU_PROGRAM "mprof-c-gpu"

/* Detached, and with signals as they were before the recorder; the socket is DETACH_KEPT. */
_Noreturn void gpu_become(const struct gpu_task *task);
