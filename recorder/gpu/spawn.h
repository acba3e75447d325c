/* Starts the helper: a copy of us that keeps nothing of ours, has a session of its own, so that no
 * terminal reaches it, and ends with us. */
#pragma once

#include <sys/types.h>

#include "recorder/gpu/helper.h"
#include "recorder/recording/signals.h"

/* Its pid and our end of its socket, or -errno. `signals` are what was before we held some. */
pid_t gpu_spawn(struct gpu_task *task, const struct signals *signals, int *socket);
