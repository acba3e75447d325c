/* merge: many recordings into one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share/commands/commands.h"
#include "share/commands/handover.h"
#include "share/commands/place.h"
#include "share/commands/recording.h"
#include "share/fault.h"
#include "share/fleet/clocks.h"
#include "share/fleet/each.h"
#include "share/fleet/put.h"
#include "share/number.h"
#include "share/output.h"
#include "share/text.h"

enum { COLUMNS = 2000 };

struct merge_options {
	const char *output;
	size_t columns;
	bool quiet;
};

static int parse_columns(const char *text, void *value)
{
	long n;
	int r = number_whole(text, &n);
	if (r == 0 && (n < 4 || n > 1000000))
		r = -ERANGE;
	if (r == 0)
		*(size_t *)value = (size_t)n;
	return r;
}

static const struct option_type type_columns = { "N", "a number from 4 to 1000000", parse_columns };

static const struct command_option options_table[] = {
	{ 'o', "output", &option_file, offsetof(struct merge_options, output),
	  "the file to write, .dat or .dat.gz" },
	{ 0, "columns", &type_columns, offsetof(struct merge_options, columns),
	  "stretches of time that are kept of each recording (2000)" },
	{ 'q', "quiet", NULL, offsetof(struct merge_options, quiet),
	  "do not say what it comes to" },
	{ 0 },
};

/* ---- reading ---- */

static int store_it(void *context, struct fleet_member *member)
{
	return store_add(context, member);
}

/* -1 to go on. `whole`: nothing that was named had to be left out. */
static int read_all(struct store *store, const char *const paths[], size_t n,
		    const struct merge_options *o, bool *whole)
{
	const struct fleet_wish wish = { .columns = o->columns, .growth = true, .marks = true };
	const struct member_sink sink = { store_it, store };
	struct unread unread = { 0 };
	int status = -1, r = fleet_each(paths, n, &wish, &sink, o->output, &unread);
	if (r == 0) {
		recording_warn_unread(unread.n, unread.first, unread.why);
		recording_warn_cut(unread.n_cut, unread.cut);
	}
	if (r == -ENOTSUP)
		status = handover();
	else if (r < 0)
		status = fault(STATUS_FAULT, "cannot merge: %s", strerror(-r));
	else if (store->n == 0)
		status = fault(STATUS_FAULT, "there is no recording in %s%s", paths[0],
			       n > 1 ? ", nor in the others" : "");
	*whole = unread.named == 0;
	free(unread.first);
	free(unread.cut);
	return status;
}

/* ---- writing ---- */

static int write_compressed(FILE *plain, const struct store *store, size_t columns,
			    struct put_told *told)
{
	FILE *stream = output_compress(plain, "mprof-c merge");
	if (!stream)
		return -ENOMEM;
	int r = fleet_put(stream, store, columns, told);
	errno = 0;
	if (fclose(stream) != 0 && r == 0)
		r = errno ? -errno : -EIO;
	return r;
}

static int write_all(const struct store *store, const struct merge_options *o,
		     struct put_told *told)
{
	struct output output;
	int r = output_open(&output, o->output, REPLACE_MERGED);
	if (r < 0)
		return r;
	r = text_ends_in(o->output, ".gz")
		    ? write_compressed(output.stream, store, o->columns, told)
		    : fleet_put(output.stream, store, o->columns, told);
	if (r == 0)
		return output_commit(&output);
	output_abandon(&output);
	return r;
}

static bool is_again(const struct fleet_member *a, const struct fleet_member *b)
{
	bool one_step = a->step && b->step ? strcmp(a->step, b->step) == 0 : a->step == b->step;
	return one_step && a->restart == b->restart;
}

/* A rank that is there twice, and was not started again: of two runs without a job's name. */
static long find_twice(const struct store *store)
{
	enum { STARTS = 64 }; /* are looked at */
	for (size_t i = 0; i < store->n; i++) {
		const struct fleet_member *m = &store->all[i].member;
		for (size_t k = i + 1; k < store->n && k < i + STARTS; k++) {
			const struct fleet_member *next = &store->all[k].member;
			if (m->rank < 0 || next->rank != m->rank)
				break;
			if (is_again(m, next))
				return m->rank;
		}
	}
	return -1;
}

static void warn_of_jobs(const struct store *store, const struct put_told *told)
{
	long twice = find_twice(store);
	if (told->jobs > 1)
		warning("they are of %zu jobs", told->jobs);
	else if (twice >= 0)
		warning("rank %ld is there more than once: they are of several runs", twice);
}

static void say(const struct put_told *told, const char *path)
{
	char nodes[40] = "";
	if (told->nodes > 1)
		snprintf(nodes, sizeof nodes, " of %zu nodes", told->nodes);
	notice("%s holds %zu recording%s%s", path, told->members, told->members == 1 ? "" : "s",
	       nodes);
}

/* The same as report --ranks tells later, while somebody can still look at the node. */
static void warn_of_clocks(const struct store *store)
{
	enum { MOST_TOLD = 3 };
	struct fleet fleet = { .members = calloc(store->n, sizeof *fleet.members), .n = store->n };
	struct fleet_clocks clocks;
	char sentence[FLEET_CLOCK_SENTENCE];
	for (size_t i = 0; fleet.members && i < store->n; i++)
		fleet.members[i] = store->all[i].member;
	if (fleet.members && fleet_clocks_make(&clocks, &fleet) == 0) {
		for (size_t i = 0; i < clocks.n && i < MOST_TOLD; i++)
			warning("%s", fleet_clock_say(sentence, &clocks.all[i]));
		if (clocks.n > MOST_TOLD)
			warning("%zu more nodes are off; report --ranks tells of them",
				clocks.n - MOST_TOLD);
		if (clocks.moved > 0)
			warning("%s", fleet_clocks_say_moved(sentence, &clocks));
		fleet_clocks_free(&clocks);
	}
	free(fleet.members); /* what is in them is the store's */
}

static int merge(const char *const paths[], size_t n, const struct merge_options *o)
{
	struct store store;
	struct put_told told;
	bool whole;
	int r = store_open(&store, o->output);
	if (r < 0)
		return fault(STATUS_FAULT, "cannot keep what is read: %s", strerror(-r));
	int status = read_all(&store, paths, n, o, &whole);
	if (status == -1) {
		store_sort(&store);
		r = write_all(&store, o, &told);
		status = r < 0 ? place_say(o->output, REPLACE_MERGED, r) : STATUS_OK;
	}
	if (status == STATUS_OK)
		warn_of_clocks(&store);
	if (status == STATUS_OK && !o->quiet)
		warn_of_jobs(&store, &told);
	store_close(&store);
	if (status == STATUS_OK && !o->quiet)
		say(&told, o->output);
	return status == STATUS_OK && !whole ? STATUS_FAULT : status;
}

/* ---- the command ---- */

static int check(const struct merge_options *o, char *const words[], int n)
{
	if (n == 0)
		return fault(STATUS_USAGE, "merge takes a folder of recordings, or recordings");
	if (!o->output)
		return fault(STATUS_USAGE, "merge writes a file: name it with -o job.dat.gz");
	if (strcmp(o->output, "-") == 0)
		return fault(STATUS_USAGE, "merge writes a file, not standard output");
	for (int i = 0; i < n; i++)
		if (strcmp(words[i], "-") == 0)
			return fault(STATUS_USAGE, "merge reads files, not standard input");
	return place_check(o->output, REPLACE_MERGED, (const char *const *)words);
}

static int run(int argc, char *argv[])
{
	struct merge_options options = { .columns = COLUMNS };
	int n, status = command_parse(&command_merge, OPERANDS_ANYWHERE, argc, argv, &options, &n);
	if (status != -1)
		return status;
	char **words = calloc((size_t)n + 1, sizeof *words);
	if (!words)
		return fault(STATUS_FAULT, "out of memory");
	memcpy(words, argv + 1, (size_t)n * sizeof *words);
	status = check(&options, words, n);
	if (status == -1 && text_ends_in(options.output, ".gz") && !output_compress)
		status = handover();
	if (status == -1)
		status = merge((const char *const *)words, (size_t)n, &options);
	free(words);
	return command_end(status);
}

const struct command command_merge = {
	.name = "merge",
	.usage = "-o FILE [--columns N] [-q] FOLDER|PROFILE …",
	.summary = "put the recordings of a job together, one a rank, in one file",
	.run = run,
	.options = options_table,
	.details = "FOLDER: all that is named .dat or .dat.gz in it, and below. PROFILE is a "
		   "recording, or one that was\nmerged before. Each rank's peak is kept exactly.",
};
