/* The .dat of a recorder. */
#pragma once

#include "recorder/library/recorder.h"

/* CMDLINE and META, into the writer's buffer. 0 or -errno. */
int file_put_head(const struct mprof_recorder *recorder, struct profile_writer *writer);

/* EXIT, with the peak where it is exact. */
int file_put_foot(const struct mprof_recorder *recorder, struct profile_writer *writer,
		  const struct mprof_summary *summary);
