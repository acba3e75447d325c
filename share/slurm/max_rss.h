/* What Slurm itself says of a job's memory, by the programs that come with it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct profile;

struct slurm_max_rss {
	char step[80];           /* <job>.<step> */
	const char *by;          /* sstat, while the step runs; else sacct */
	bool told;               /* it may know the step, and no figure of it */
	uint64_t bytes;          /* of the step's largest task, as Slurm polled it */
	char node[64], task[24]; /* that task's; "": not told */
};

/* Of the step that a recording is of, asked inside a job of Slurm's only, for two seconds at most.
 * False: nothing is known there. */
bool slurm_ask(struct slurm_max_rss *said, const struct profile *profile);
