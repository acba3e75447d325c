#include <stddef.h>

#include "share/command.h"

static const struct command *const commands[] = {
	NULL,
};

/* It calls itself mprof-c: that is what the user typed. */
const struct program program = {
	.name = "mprof-c",
	.summary = "Draws recordings; reads the compressed ones.",
	.commands = commands,
};
