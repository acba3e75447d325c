#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "share/commands/catalog.h"
#include "share/commands/commands.h"
#include "share/commands/handover.h"
#include "share/commands/peak_during.h"
#include "share/commands/peak_text.h"
#include "share/commands/recording.h"
#include "share/fault.h"
#include "share/fleet/ranks.h"
#include "share/growth/outlook.h"
#include "share/profile/profile.h"
#include "share/text.h"

enum { FEW = 64 }; /* points of each rank, where its curve is not looked at */

struct peak_options {
	const char *function;
	bool json;
};

struct peaks { /* of all recordings that are asked for */
	struct peak_options options;
	bool first;    /* of an array nothing is printed yet */
	size_t ranked; /* recordings that tell a rank */
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

/* ---- many recordings of one job ---- */

static int print_ranks(const struct fleet *fleet, const char *path, struct peaks *peaks)
{
	struct fleet_ranks ranks;
	int r = fleet_ranks_make(&ranks, fleet);
	if (r == 0 && peaks->options.json) {
		fputs(peaks->first ? "\n" : ",\n", stdout);
		peaks->first = false;
		fleet_ranks_json(&ranks, path);
	} else if (r == 0) {
		r = fleet_peaks_text(&ranks);
	}
	fleet_ranks_free(&ranks);
	return r < 0 ? fault(STATUS_FAULT, "out of memory") : STATUS_OK;
}

static bool is_folder(const char *path)
{
	struct stat status;
	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static void print_folder(const char *path, size_t n)
{
	char *shown = text_printable(path);
	printf("%s\t%zu recording%s\n", shown ? shown : "", n, n == 1 ? "" : "s");
	free(shown);
}

/* Of a folder, or of what merge wrote. */
static int peaks_of_ranks(const char *path, struct peaks *peaks)
{
	const struct fleet_wish wish = { .columns = FEW };
	struct fleet fleet;
	if (peaks->options.function)
		return fault(STATUS_FAULT, "--func is of one recording, and %s holds several",
			     path);
	int r = fleet_read(&fleet, &path, 1, &wish);
	if (r == -ENOTSUP)
		return handover();
	if (r < 0)
		return fault(STATUS_FAULT, "cannot read %s: %s", path, recording_reason(r));
	recording_warn_unread(fleet.unreadable, fleet.unread, fleet.why);
	recording_warn_cut(fleet.cut, fleet.first_cut);
	if (fleet.n > 0 && !peaks->options.json && is_folder(path))
		print_folder(path, fleet.n);
	int status = fleet.n > 0 ? print_ranks(&fleet, path, peaks)
				 : fault(STATUS_FAULT, "there is no recording in %s", path);
	fleet_free(&fleet);
	return status;
}

/* What is behind a merged one's own figure, which is of all together. */
static int peak_of_merged(const struct profile *profile, struct peaks *peaks)
{
	int status = peaks->options.json || peaks->options.function ? STATUS_OK
								    : peak_print_sum(profile);
	return status ? status : peaks_of_ranks(profile->path, peaks);
}

/* ---- one recording ---- */

static int peak_of(const char *path, struct peaks *peaks)
{
	const struct profile_wish wish = { .columns = OUTLOOK_COLUMNS };
	struct profile profile;
	if (is_folder(path))
		return peaks_of_ranks(path, peaks);
	if (peaks->options.function && !recording_is_file(path))
		return fault(STATUS_FAULT, "--func reads a recording twice, and %s is no file",
			     path);
	int r = profile_load(&profile, path, &wish);
	if (r < 0)
		return fault(STATUS_FAULT, "cannot read %s: %s", path, recording_reason(r));
	if (profile.n_ranks > 0)
		profile.flaws.truncated = false; /* that is told with its ranks */
	recording_warn(&profile);
	peaks->ranked += profile_setting(&profile, "rank") != NULL;
	int status = STATUS_OK;
	if (profile.n_ranks > 0)
		status = peak_of_merged(&profile, peaks);
	else if (profile.memory.samples == 0)
		status = recording_say_empty(&profile);
	else if (peaks->options.function)
		status = peak_print_during(&profile, peaks->options.function);
	else if (peaks->options.json)
		print_next(&profile, &peaks->first);
	else
		status = peak_print_text(&profile);
	profile_free(&profile);
	return status;
}

/* ---- all of them ---- */

static bool is_one_job(const struct fleet *fleet)
{
	const char *job = fleet->members[0].job;
	for (size_t i = 0; i < fleet->n; i++) {
		const struct fleet_member *m = &fleet->members[i];
		if (m->rank < 0 || (job == NULL) != (m->job == NULL) ||
		    (job && strcmp(job, m->job) != 0))
			return false;
	}
	return true;
}

/* Of several that are ranks of one job: who held most. They are read once more. */
static void print_highest(const struct selection *s)
{
	const struct fleet_wish wish = { .columns = FEW };
	struct fleet fleet;
	struct fleet_ranks ranks;
	for (size_t i = 0; i < s->n; i++)
		if (!recording_is_file(s->paths[i]))
			return;
	if (fleet_read(&fleet, s->paths, s->n, &wish) < 0)
		return;
	if (fleet.n > 1 && is_one_job(&fleet)) {
		if (fleet_ranks_make(&ranks, &fleet) == 0)
			fleet_peaks_highest(&ranks);
		fleet_ranks_free(&ranks);
	}
	fleet_free(&fleet);
}

/* Goes on after a bad one; the last bad one's status is the command's. */
static int peaks_of(const struct selection *selection, struct peaks *peaks)
{
	int status = STATUS_OK;
	bool json = peaks->options.json;
	if (json)
		putchar('[');
	for (size_t i = 0; i < selection->n; i++) {
		int bad = peak_of(selection->paths[i], peaks);
		status = bad ? bad : status;
	}
	if (json)
		puts(peaks->first ? "]" : "\n]");
	else if (peaks->ranked > 1 && !peaks->options.function)
		print_highest(selection);
	return command_end(status);
}

static int run(int argc, char *argv[])
{
	struct peaks peaks = { .first = true };
	struct selection selection;
	int n = 0;
	int status =
		command_parse(&command_peak, OPERANDS_ANYWHERE, argc, argv, &peaks.options, &n);
	if (status == -1 && peaks.options.json && peaks.options.function)
		status = fault(STATUS_USAGE, "--json and --func exclude each other");
	if (status != -1)
		return status;
	status = selection_make(&selection, argv + 1, (size_t)n);
	if (status == -1)
		status = handover_compressed(selection.paths, selection.n);
	if (status == -1)
		status = peaks_of(&selection, &peaks);
	selection_free(&selection);
	return status;
}

const struct command command_peak = {
	.name = "peak",
	.usage = "[--json | --func NAME] [PROFILE|FOLDER …]",
	.summary = "print the peaks of recordings, sampled and exact",
	.run = run,
	.options = options_table,
	.details = "PROFILE is a file, - for standard input, or an index from mprof-c list: 0 is "
		   "the oldest, -1 the\n"
		   "newest, which is the default.",
};
