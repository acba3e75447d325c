/* list: the recordings of a folder, a line for each. */
#include "share/commands/list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "share/commands/catalog.h"
#include "share/commands/commands.h"
#include "share/commands/handover.h"
#include "share/commands/recording.h"
#include "share/fault.h"
#include "share/growth/peak_known.h"
#include "share/number.h"
#include "share/profile/profile.h"

struct list_options {
	bool json;
};

static const struct command_option options_table[] = {
	{ 0, "json", NULL, offsetof(struct list_options, json), "as JSON, for programs" },
	{ 0 },
};

/* ---- what there is to tell ---- */

static const char *reason_for(int error)
{
	switch (error) {
	case -ENOTSUP: return "compressed, for mprof-c-plot to read";
	case -ESPIPE: return "not a file";
	default: return recording_reason(error);
	}
}

static int load(struct profile *profile, const char *name)
{
	const struct profile_wish wish = { .columns = 4 };
	struct stat status;
	if (stat(name, &status) < 0)
		return -errno;
	if (S_ISDIR(status.st_mode))
		return -EISDIR;
	if (!S_ISREG(status.st_mode)) /* a pipe would have us wait for a writer */
		return -ESPIPE;
	return profile_load(profile, name, &wish);
}

/* When the run began, as its recorder told; other recorders' files have their first sample. */
static int64_t start_of(const struct profile *p)
{
	const char *told = profile_setting(p, "start");
	double seconds;
	if (told && number_decimal(told, &seconds) == 0 && seconds > 0 && seconds < 1e11)
		return (int64_t)(seconds * 1e6);
	return p->start_us;
}

/* 0 or -ENOMEM. */
static int copy(char **to, const char *text)
{
	*to = text ? strdup(text) : NULL;
	return text && !*to ? -ENOMEM : 0;
}

static int by_status(const void *a, const void *b)
{
	const int *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

/* The more frequent of two comes first. */
static void add_end(struct list_ends *ends, struct list_end end)
{
	for (size_t i = 0; i < sizeof ends->most / sizeof *ends->most; i++) {
		if (ends->most[i].n >= end.n)
			continue;
		const struct list_end other = ends->most[i];
		ends->most[i] = end;
		end = other;
	}
}

/* 0 or -ENOMEM. */
static int count_ends(struct list_ends *ends, const struct profile *p)
{
	int *all = calloc(p->n_ranks + 1, sizeof *all);
	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < p->n_ranks; i++)
		all[i] = p->ranks[i].status;
	qsort(all, p->n_ranks, sizeof *all, by_status);
	for (size_t i = 0, n; i < p->n_ranks; i += n) {
		for (n = 1; i + n < p->n_ranks && all[i + n] == all[i];)
			n++;
		add_end(ends, (struct list_end){ all[i], n });
	}
	ends->all = ends->most[1].n > 0 ? p->n_ranks : 0;
	free(all);
	return 0;
}

static int fill(struct list_entry *entry, const char *name)
{
	struct profile p;
	struct peak_verdict best;
	entry->name = name;
	int r = load(&p, name);
	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		entry->reason = reason_for(r);
		return 0;
	}
	entry->killed = profile_killed(&p);
	if (!entry->killed && !profile_ends_near_limit(&p, &entry->near))
		entry->near = (struct profile_near){ 0 };
	entry->start_us = start_of(&p);
	entry->length_us = p.memory.samples ? profile_end_us(&p) - p.start_us : 0;
	entry->sampled = p.memory.peak.umib;
	peak_best(&p, &best);
	entry->peak = best.mib;
	entry->known = best.known;
	entry->samples = p.memory.samples;
	entry->ended = p.ended;
	entry->status = p.status;
	r = count_ends(&entry->ends, &p);
	r = r < 0 ? r : copy(&entry->command, p.command);
	r = r < 0 ? r : copy(&entry->metric, profile_setting(&p, "metric"));
	profile_free(&p);
	return r;
}

/* ---- all of it ---- */

static int list_all(const struct catalog *catalog, bool json)
{
	struct list_entry *entries = calloc(catalog->n + 1, sizeof *entries);
	int r = entries ? 0 : -ENOMEM;
	for (size_t i = 0; i < catalog->n && r == 0; i++)
		r = fill(&entries[i], catalog->names[i]);
	if (r == 0 && json)
		list_print_json(entries, catalog->n);
	else if (r == 0)
		r = list_print_text(entries, catalog->n);
	for (size_t i = 0; entries && i < catalog->n; i++) {
		free(entries[i].command);
		free(entries[i].metric);
	}
	free(entries);
	return r < 0 ? fault(STATUS_FAULT, "out of memory") : STATUS_OK;
}

static int list_here(const struct catalog *catalog, bool json)
{
	if (catalog->n == 0 && !json)
		return fault(STATUS_OK, "no recordings in this folder; make one with: mprof-c run "
					"PROGRAM");
	int status = handover_compressed((const char *const *)catalog->names, catalog->n);
	int listed = list_all(catalog, json); /* the others all the same */
	return listed || status == -1 ? listed : status;
}

static int run(int argc, char *argv[])
{
	struct list_options options = { 0 };
	struct catalog catalog;
	int n, status = command_parse(&command_list, OPERANDS_ANYWHERE, argc, argv, &options, &n);
	if (status != -1)
		return status;
	if (n > 0)
		return fault(STATUS_USAGE, "list takes no argument, not '%s'", argv[1]);
	int r = catalog_open(&catalog);
	if (r < 0)
		return fault(STATUS_FAULT, "cannot list this folder: %s", strerror(-r));
	status = list_here(&catalog, options.json);
	catalog_free(&catalog);
	return command_end(status);
}

const struct command command_list = {
	.name = "list",
	.usage = "[--json]",
	.summary = "list the recordings of this folder",
	.run = run,
	.options = options_table,
	.details = "Each line: index, file, start (hour:min:sec day/month/year), duration, highest "
		   "peak known,\nhow it ended, command.",
};
