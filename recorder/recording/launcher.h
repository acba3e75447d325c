/* What started a process, where that is the launcher of a job of many processes. Each kind leaves
 * its own mark in the environment. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { LAUNCHER_NODE_SIZE = 65 };

/* What it tells, as it writes it; NULL: it does not. */
struct launcher {
	const char *name;         /* torchrun, openmpi, pmix, pmi, slurm, kubernetes */
	const char *rank, *ranks; /* among the processes of the job, and their number: digits */
	const char *job, *step;   /* may be known where no launcher is */
	const char *restart;      /* how often the job was begun anew */
	char node[LAUNCHER_NODE_SIZE]; /* "": not known */
	char *environment;             /* of another process; owned */
	size_t size;
};

#define LAUNCHER_NONE        \
	{                    \
		.name = NULL \
	}

/* Of the process `pid`; of one whose environment may not be read, nothing is known. */
void launcher_ask(struct launcher *launcher, pid_t pid);
void launcher_free(struct launcher *launcher);

/* 0 where it is not told. */
long launcher_ranks(const struct launcher *launcher);

/* Is there a rank, which is not the first? Of the many that then say the same, that one speaks. */
bool launcher_is_aside(const struct launcher *launcher);
