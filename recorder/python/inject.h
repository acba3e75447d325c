/* The agent's side in the recorder: brings it into the target (by LD_PRELOAD, which the target's
 * Python children inherit) and takes what it has counted into the recording. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "share/command.h"

struct probes;

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
};

/* For rows of other commands. */
extern const struct option_type inject_pattern;

/* What is asked of the agent of this recording: the options are parsed into it. */
struct agent_wish *inject_wish(const struct probes *probes);

/* Can the agent come into `file` (as execvp finds it, or the interpreter that it names)? Where it
 * cannot, or where the library is missing, says so and wants it no longer. Whether it can. */
bool inject_check(struct agent_wish *wish, const char *file);
