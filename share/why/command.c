#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "share/commands/catalog.h"
#include "share/commands/commands.h"
#include "share/commands/handover.h"
#include "share/commands/recording.h"
#include "share/fault.h"
#include "share/growth/outlook.h"
#include "share/profile/profile.h"
#include "share/why/why.h"
#include "share/why/writer.h"

struct why_options {
	bool json;
};

static const struct command_option options_table[] = {
	{ 0, "json", NULL, offsetof(struct why_options, json), "as JSON, for programs" },
	{ 0 },
};

static int print(const struct profile *profile, enum why_writer writer,
		 const struct why_options *options)
{
	struct why why;
	if (why_ask(&why, profile, writer) < 0)
		return fault(STATUS_FAULT, "out of memory");
	if (options->json)
		why_print_json(stdout, &why);
	else
		why_print_text(stdout, &why);
	why_free(&why);
	return STATUS_OK;
}

/* The lock is looked for first: a recording that ends meanwhile has its EXIT. */
static int why_of(const char *path, const struct why_options *options)
{
	const struct profile_wish wish = { .columns = OUTLOOK_COLUMNS };
	struct profile profile;
	enum why_writer writer = why_find_writer(path);
	int r = profile_load(&profile, path, &wish);
	if (r < 0)
		return fault(STATUS_FAULT, "cannot read %s: %s", path, recording_reason(r));
	int status = profile.memory.samples == 0 && !profile.ended && !profile.command
			     ? recording_say_empty(&profile)
			     : print(&profile, writer, options);
	profile_free(&profile);
	return status;
}

static int run(int argc, char *argv[])
{
	struct why_options options = { 0 };
	struct selection selection;
	int n = 0;
	int status = command_parse(&command_why, OPERANDS_ANYWHERE, argc, argv, &options, &n);
	if (status == -1 && n > 1)
		status = fault(STATUS_USAGE, "why takes one recording, not %d", n);
	if (status != -1)
		return status;
	status = selection_make(&selection, argv + 1, (size_t)n);
	if (status == -1)
		status = handover_compressed(selection.paths, selection.n);
	if (status == -1)
		status = why_of(selection.paths[0], &options);
	selection_free(&selection);
	return command_end(status);
}

const struct command command_why = {
	.name = "why",
	.usage = "[--json] [PROFILE]",
	.summary = "tell what a recording comes to: how it ended, who held the memory",
	.run = run,
	.options = options_table,
	.details = "PROFILE is a file, - for standard input, or an index from mprof-c list: 0 is "
		   "the oldest, -1 the\n"
		   "newest, which is the default.",
};
