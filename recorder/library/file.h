/* The head and the foot of a recorder's .dat. */
#pragma once

#include "recorder/library/recorder.h"

/* CMDLINE and META, into the writer's buffer. 0 or -errno. */
int file_put_head(const struct mprof_recorder *recorder, struct profile_writer *writer);

/* EXIT at that moment, with the peak where it is exact. */
int file_put_foot(struct profile_writer *writer, int64_t us, const struct mprof_summary *summary);
