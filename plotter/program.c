#include <stddef.h>

#include "plotter/gzip.h"
#include "share/command.h"
#include "share/commands/report.h"
#include "share/profile/profile.h"

extern const struct command command_plot_here;

static const struct command *const commands[] = {
	&command_plot_here, &command_list, &command_rm, &command_peak, &command_report, NULL,
};

static void start(void)
{
	profile_decompress = gzip_open;
}

/* It calls itself mprof-c: that is what the user typed. */
const struct program this_program = {
	.name = "mprof-c",
	.summary = "Draws recordings; reads the compressed ones.",
	.commands = commands,
	.start = start,
};
