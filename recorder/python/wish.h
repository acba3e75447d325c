/* What the options ask of the agent. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Words that an option collects. */
struct words {
	const char *items[32];
	size_t n;
};

struct agent_wish {
	bool wanted;
	bool lines;             /* @profile: count its lines, instead of marking its calls */
	struct words functions; /* patterns of module.name: mark their calls */
	struct words listed;    /* the same: count their lines */
	bool every_line;
	uint64_t break_at; /* bytes; 0: never */

	/* Without being asked: what a GPU held that has no memory left. */
	const char *file; /* what is executed, as execvp finds it; NULL: nothing that is ours */
	bool card;
};
