/* The thread that samples this process. */
#pragma once

#include "recorder/library/recorder.h"

/* Starts it, in state RECORDER_STARTS, upon which its first sample makes RECORDER_RUNS of that; it
 * ends when it finds RECORDER_IS_TO_STOP. 0 or -errno. */
int sampling_start(struct mprof_recorder *recorder);
