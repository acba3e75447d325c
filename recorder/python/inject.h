/* The agent's side in the recorder: brings it into the target (by LD_PRELOAD, which the target's
 * Python children inherit) and takes what it has counted into the recording. */
#pragma once

#include <stdbool.h>

#include "recorder/python/wish.h"
#include "share/command.h"

struct agent_shared;
struct probes;

/* For rows of other commands. */
extern const struct option_type inject_pattern;

/* What is asked of the agent of this recording: the options are parsed into it. */
struct agent_wish *inject_wish(const struct probes *probes);

/* What the agents share with us; NULL: there is nothing. */
const struct agent_shared *inject_shared(const struct probes *probes);

/* Can the agent come into `file` (as execvp finds it, or the interpreter that it names)? Where it
 * cannot, or where the library is missing, says so and wants it no longer. Whether it can. */
bool inject_check(struct agent_wish *wish, const char *file);
