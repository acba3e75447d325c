#include <stddef.h>

#include "share/command.h"

extern const struct command command_plot_here;

static const struct command *const commands[] = {
	&command_plot_here,
	NULL,
};

/* It calls itself mprof-c: that is what the user typed. */
const struct program program = {
	.name = "mprof-c",
	.summary = "Draws recordings; reads the compressed ones.",
	.commands = commands,
};
