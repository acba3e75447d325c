#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "share/commands/catalog.h"
#include "share/commands/commands.h"
#include "share/commands/handover.h"
#include "share/commands/peak_during.h"
#include "share/commands/peak_text.h"
#include "share/commands/recording.h"
#include "share/fault.h"
#include "share/growth/outlook.h"
#include "share/profile/profile.h"

struct peak_options {
	const char *function;
	bool json;
};

static int parse_function(const char *text, void *value)
{
	return *text ? option_parse_text(text, value) : -EINVAL;
}

static const struct option_type type_function = { "NAME", "a function's name", parse_function };

static const struct command_option options_table[] = {
	{ 0, "func", &type_function, offsetof(struct peak_options, function),
	  "the peak while this function ran, as its FUNC records tell" },
	{ 0, "json", NULL, offsetof(struct peak_options, json), "as JSON, for programs" },
	{ 0 },
};

/* One of an array. */
static void print_next(const struct profile *profile, bool *first)
{
	fputs(*first ? "\n" : ",\n", stdout);
	*first = false;
	peak_print_json(profile);
}

static int peak_of(const char *path, const struct peak_options *options, bool *first)
{
	const struct profile_wish wish = { .columns = OUTLOOK_COLUMNS };
	struct profile profile;
	if (options->function && !recording_is_file(path))
		return fault(STATUS_FAULT, "--func reads a recording twice, and %s is no file",
			     path);
	int r = profile_load(&profile, path, &wish);
	if (r < 0)
		return fault(STATUS_FAULT, "cannot read %s: %s", path, recording_reason(r));
	recording_warn(&profile);
	int status = STATUS_OK;
	if (profile.memory.samples == 0)
		status = recording_say_empty(&profile);
	else if (options->function)
		status = peak_print_during(&profile, options->function);
	else if (options->json)
		print_next(&profile, first);
	else
		status = peak_print_text(&profile);
	profile_free(&profile);
	return status;
}

/* Goes on after a bad one; the last bad one's status is the command's. */
static int peaks_of(const struct selection *selection, const struct peak_options *options)
{
	int status = STATUS_OK;
	bool first = true;
	if (options->json)
		putchar('[');
	for (size_t i = 0; i < selection->n; i++) {
		int bad = peak_of(selection->paths[i], options, &first);
		status = bad ? bad : status;
	}
	if (options->json)
		puts(first ? "]" : "\n]");
	return command_end(status);
}

static int run(int argc, char *argv[])
{
	struct peak_options options = { 0 };
	struct selection selection;
	int n = 0;
	int status = command_parse(&command_peak, OPERANDS_ANYWHERE, argc, argv, &options, &n);
	if (status == -1 && options.json && options.function)
		status = fault(STATUS_USAGE, "--json and --func exclude each other");
	if (status != -1)
		return status;
	status = selection_make(&selection, argv + 1, (size_t)n);
	if (status == -1)
		status = handover_compressed(selection.paths, selection.n);
	if (status == -1)
		status = peaks_of(&selection, &options);
	selection_free(&selection);
	return status;
}

const struct command command_peak = {
	.name = "peak",
	.usage = "[--json | --func NAME] [PROFILE …]",
	.summary = "print the peaks of recordings, sampled and exact",
	.run = run,
	.options = options_table,
	.details = "PROFILE is a file, - for standard input, or an index from mprof-c list: 0 is "
		   "the oldest, -1 the\n"
		   "newest, which is the default.",
};
