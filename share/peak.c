#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share/catalog.h"
#include "share/command.h"
#include "share/fault.h"
#include "share/handover.h"
#include "share/profile.h"
#include "share/recording.h"

struct peak_options {
	const char *function;
};

static const struct option_type type_function = { "NAME", "a function's name", option_parse_text };

static const struct command_option options_table[] = {
	{ 0, "func", &type_function, offsetof(struct peak_options, function),
	  "the peak while this function ran, as its FUNC records tell" },
	{ 0 },
};

/* ---- while a function ran ---- */

struct during {
	const struct profile *profile;
	const char *function;
	unsigned runs; /* CMDLINEs seen; the last run is the one that counts */
	int64_t peak;  /* umib */
	bool any;
};

static bool is_running(const struct during *during, int64_t us)
{
	const struct profile *p = during->profile;
	for (size_t i = 0; i < p->n_calls && p->calls[i].from.us <= us; i++)
		if (us <= p->calls[i].to.us &&
		    strcmp(p->functions[p->calls[i].function].name, during->function) == 0)
			return true;
	return false;
}

static int on_samples(void *context, const struct sample *samples, size_t n)
{
	struct during *during = context;
	for (size_t i = 0; i < n && during->runs >= during->profile->runs; i++)
		if ((!during->any || samples[i].umib > during->peak) &&
		    is_running(during, samples[i].us)) {
			during->peak = samples[i].umib;
			during->any = true;
		}
	return 0;
}

static int on_record(void *context, const struct profile_record *record)
{
	struct during *during = context;
	during->runs += record->kind == PROFILE_CMDLINE;
	return 0;
}

static int print_during(const struct profile *profile, const char *function)
{
	static const struct profile_sink sink = { on_samples, on_record };
	struct during during = { .profile = profile, .function = function };
	struct profile_flaws flaws;
	struct profile_input input;
	int r = profile_open(&input, profile->path);
	if (r == 0) {
		r = profile_read(&input, &sink, &during, &flaws);
		profile_close(&input);
	}
	if (r < 0)
		return fault(STATUS_FAULT, "cannot read %s again: %s", profile->path, strerror(-r));
	if (!during.any)
		return fault(STATUS_FAULT, "%s has no sample while a function %s ran",
			     profile->path, function);
	printf("%s\t%.3f MiB\n", profile->path, sample_mib(during.peak));
	return STATUS_OK;
}

/* ---- the whole recording ---- */

static void print_exact(const struct profile *p)
{
	if (p->high_water > 0)
		printf("  high-water mark\t\t%.3f MiB (exact, the kernel's VmHWM of the program "
		       "itself)\n",
		       sample_mib(p->high_water));
	if (p->ru_maxrss > 0)
		printf("  ru_maxrss\t\t\t%.3f MiB (exact, the largest single process: the program "
		       "or one it waited "
		       "for)\n",
		       sample_mib(p->ru_maxrss));
	if (p->high_water == 0 && p->ru_maxrss == 0) {
		const char *interval = profile_setting(p, "interval");
		printf("  no exact figure in this file: the sampled peak is a lower bound%s%s%s\n",
		       interval ? ", every " : "", interval ? interval : "", interval ? " s" : "");
	}
}

/* mprof's lines first, to the letter: scripts read them. */
static void print_peak(const struct profile *p)
{
	const char *tree = profile_setting(p, "tree");
	printf("%s\t%.3f MiB\n", p->path, sample_mib(p->memory.peak.umib));
	for (size_t i = 0; i < p->n_children; i++)
		if (p->children[i].series.samples > 0)
			printf("  Child %d\t\t\t%.3f MiB\n", (int)p->children[i].pid,
			       sample_mib(p->children[i].series.peak.umib));
	if (tree && strcmp(tree, "1") == 0)
		printf("  the first figure is the whole tree's sampled sum: a lower bound\n");
	else if (p->together.umib > 0)
		printf("  main and children\t\t%.3f MiB (the highest sampled sum: a lower "
		       "bound%s)\n",
		       sample_mib(p->together.umib),
		       tree ? "" : "; counts them twice if recorded with -C");
	print_exact(p);
}

static int peak_of(const char *path, const struct peak_options *options)
{
	const struct profile_wish wish = { .columns = 4 };
	struct profile profile;
	int r = profile_load(&profile, path, &wish);
	if (r < 0)
		return fault(STATUS_FAULT, "cannot read %s: %s", path, strerror(-r));
	recording_warn(&profile);
	int status = STATUS_OK;
	if (profile.memory.samples == 0)
		status = recording_say_empty(path);
	else if (options->function)
		status = print_during(&profile, options->function);
	else
		print_peak(&profile);
	profile_free(&profile);
	return status;
}

/* A compressed recording is for the program that links zlib. */
static int peak_elsewhere(const struct peak_options *options, const char *const paths[], size_t n)
{
	char *words[] = { (char[]){ "peak" }, (char[]){ "--func" }, (char *)options->function };
	return handover_with(words, options->function ? 3 : 1, paths, n);
}

/* Goes on after a bad one; the last bad one's status is the command's. */
static int peaks_of(const char *const paths[], size_t n, const struct peak_options *options)
{
	int status = STATUS_OK;
	for (size_t i = 0; i < n; i++) {
		int bad = peak_of(paths[i], options);
		status = bad ? bad : status;
	}
	return status;
}

static int run(int argc, char *argv[])
{
	struct peak_options options = { 0 };
	struct catalog catalog;
	int n = 0,
	    status = command_parse(&command_peak, OPERANDS_ANYWHERE, argc, argv, &options, &n);
	if (status != -1)
		return status;
	int r = catalog_open(&catalog);
	if (r < 0)
		return fault(STATUS_FAULT, "cannot list this folder: %s", strerror(-r));
	size_t n_paths = n > 0 ? (size_t)n : 1;
	const char **paths = calloc(n_paths, sizeof *paths);
	status = paths ? catalog_resolve(&catalog, argv + 1, (size_t)n, paths)
		       : fault(STATUS_FAULT, "out of memory");
	if (status == -1 && recording_needs_plotter(paths, n_paths))
		status = peak_elsewhere(&options, paths, n_paths);
	else if (status == -1)
		status = peaks_of(paths, n_paths, &options);
	free(paths);
	catalog_free(&catalog);
	return command_end(status);
}

const struct command command_peak = {
	.name = "peak",
	.usage = "[--func NAME] [PROFILE …]",
	.summary = "print the peaks of recordings, sampled and exact",
	.run = run,
	.options = options_table,
	.details = "PROFILE is a file or an index from mprof-c list; without one, the newest "
		   "recording.",
};
