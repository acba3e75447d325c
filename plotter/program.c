#include <stddef.h>

#include "plotter/exporting.h"
#include "plotter/gzip.h"
#include "plotter/live/command.h"
#include "plotter/plot.h"
#include "share/commands/commands.h"
#include "share/output.h"
#include "share/profile/profile.h"

static const struct command *const commands[] = {
	&command_plot_here,
	&command_live_here,
	&command_export_here,
	COMMANDS(COMMAND_ROW) NULL,
};

static void start(void)
{
	profile_decompress = gzip_open;
	output_compress = gzip_write;
}

/* It calls itself mprof-c: that is what the user typed. */
const struct program this_program = {
	.name = "mprof-c",
	.summary = "Draws recordings; reads the compressed ones.",
	.commands = commands,
	.start = start,
};
