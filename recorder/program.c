#include <stddef.h>

#include "recorder/attach.h"
#include "recorder/install.h"
#include "recorder/line.h"
#include "recorder/mark.h"
#include "recorder/run.h"
#include "share/command.h"
#include "share/commands/commands.h"
#include "share/commands/handover.h"

static const struct command *const commands[] = {
	&command_run,    &command_attach,  &command_line,
	&command_mark,   &command_plot,    &command_live,
	&command_export, &command_install, COMMANDS(COMMAND_ROW) NULL,
};

const struct program this_program = {
	.name = "mprof-c",
	.summary = "Records the memory of a program over time, and plots it.",
	.commands = commands,
};
