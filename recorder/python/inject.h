/* The agent's side in the recorder: brings it into the target (by LD_PRELOAD, which the target's
 * Python children inherit) and takes what it has counted into the recording. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "share/command.h"

struct record_options;

/* Words that an option collects. */
struct words {
	const char *items[32];
	size_t n;
};

/* What is asked of the agent. */
struct agent_wish {
	bool wanted;
	bool lines;             /* @profile: count its lines, instead of marking its calls */
	struct words functions; /* patterns of module.name: mark their calls */
	struct words listed;    /* the same: count their lines */
	bool every_line;
	uint64_t break_at; /* bytes; 0: never */

	/* Called once the recording is complete, before the program's status is passed on; returns
	 * what the command is to end with. */
	int (*finish)(const struct record_options *options, const char *path, int status);
	void *finish_with;
};

extern const struct option_type inject_pattern, inject_size;

/* Can the agent come into `file` (as execvp finds it, or the interpreter that it names)? Where it
 * cannot, or where the library is missing, says so and wants it no longer. Whether it can. */
bool inject_check(struct agent_wish *wish, const char *file);
