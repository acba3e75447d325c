#include <stddef.h>

#include "share/command.h"
#include "share/handover.h"

static const struct command *const commands[] = {
	&command_plot, &command_list, &command_rm, &command_clean, &command_peak, NULL,
};

const struct program program = {
	.name = "mprof-c",
	.summary = "Records the memory of a program over time, and plots it.",
	.commands = commands,
};
