#include "recorder/record.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "recorder/recording/head.h"
#include "recorder/recording/naming.h"
#include "recorder/recording/watch.h"
#include "recorder/source/metrics.h"
#include "share/fault.h"
#include "share/format.h"
#include "share/number.h"
#include "share/version.h"

static const double SHORTEST = 0.0001, LONGEST = 86400;

/* ---- options ---- */

static int parse_between(const char *text, double low, double high, double *value)
{
	double parsed;
	int r = number_decimal(text, &parsed);
	if (r < 0)
		return r;
	if (parsed < low || parsed > high)
		return -ERANGE;
	*value = parsed;
	return 0;
}

static int parse_interval(const char *text, void *value)
{
	return parse_between(text, SHORTEST, LONGEST, value);
}

static int parse_timeout(const char *text, void *value)
{
	return parse_between(text, SHORTEST, 1e9, value);
}

const struct option_type record_seconds = { "SECONDS", "seconds from 0.0001 to 86400 (a day)",
					    parse_interval };
const struct option_type record_timeout = { "SECONDS", "seconds from 0.0001 to 1000000000",
					    parse_timeout };
static int parse_threshold(const char *text, void *value)
{
	return thresholds_add(value, text);
}

static int parse_size(const char *text, void *value)
{
	uint64_t bytes;
	int r = number_size(text, &bytes);
	if (r == 0 && bytes == 0)
		return -ERANGE;
	if (r == 0)
		*(uint64_t *)value = bytes;
	return r;
}

const struct option_type record_at = { "SIZE:ACTION",
				       "SIZE:ACTION, at most 16 times: 2G, 90% or gpu:90%, and "
				       "warn, mark, stop, term, kill or run=COMMAND",
				       parse_threshold };
const struct option_type record_size = { "SIZE", "a size like 512M or 2G", parse_size };
const struct option_type record_file = { "FILE", "a file", option_parse_text };
const struct option_type record_metric = { "METRICS", "metrics", option_parse_text,
					   "rss pss uss swap anon file shmem hugetlb vms cgroup "
					   "cgroup.anon cgroup.file system" };

/* ---- the file ---- */

/* What is of the whole machine is no child's. */
static int find_source(const struct record_options *options, const struct source **source)
{
	int status = metrics_check(options->metric);
	if (status != -1)
		return status;
	*source = metrics_first(options->metric);
	if ((*source)->common && options->children)
		return fault(STATUS_USAGE,
			     "%s is no process' own figure, and -M asks for each one's; put one of "
			     "theirs first: -b rss,%s",
			     (*source)->name, options->metric);
	return -1;
}

static int open_named(struct recording *r, pid_t pid, time_t now)
{
	const char *template = r->options->output;
	char bad = 0;
	int e = naming_expand(template, pid, now, &r->path, &bad);
	if (e == -EINVAL && bad)
		return fault(STATUS_USAGE,
			     "%%%c in '%s' stands for nothing; there are %%p %%h %%r %%j %%t and "
			     "%%%%",
			     bad, template);
	if (e == -EINVAL)
		return fault(STATUS_USAGE,
			     "'%s' ends in a lone %%; there are %%p %%h %%r %%j %%t and %%%%",
			     template);
	if (e == -ENOENT)
		return fault(STATUS_USAGE, "no %s in the environment for %%%c in '%s'",
			     bad == 'r' ? "rank" : "job", bad, template);
	if (e == 0)
		e = profile_create(&r->writer, r->path, true);
	if (e == 0)
		return -1;
	fault(STATUS_FAULT, "cannot write %s: %s", r->path ? r->path : template, strerror(-e));
	free(r->path);
	r->path = NULL;
	return STATUS_FAULT;
}

int record_open(struct recording *r, const struct record_options *options, pid_t pid)
{
	*r = (struct recording){ .options = options, .writer.fd = -1 };
	int status = find_source(options, &r->source);
	if (status == -1)
		status = probes_check(options);
	if (status != -1)
		return status;
	time_t now = time(NULL);
	if (options->output)
		return open_named(r, pid, now);
	int e = naming_create(&r->writer, now, &r->path);
	if (e < 0)
		return fault(STATUS_FAULT,
			     "cannot make a recording in this folder: %s; name a place with -o "
			     "FILE",
			     strerror(-e));
	return -1;
}

/* Forgets the file again, when nothing came to run. */
static void abandon(struct recording *r)
{
	bool created = r->writer.created;
	probes_close(&r->probes);
	profile_finish(&r->writer);
	family_close(&r->family);
	if (created)
		unlink(r->path);
	free(r->path);
	r->path = NULL;
}

/* ---- the target ---- */

/* A figure that is the machine's or the group's is the whole tree's already; what stands beside it
 * may not be. */
static bool descends(const struct record_options *o)
{
	return o->tree || o->children;
}

/* A folder in PATH that may not be entered makes execvp say EACCES, though there is no such program
 * at all. */
static bool is_in_path(const char *file)
{
	char path[PATH_MAX];
	struct stat status;
	const char *list = getenv("PATH");
	for (const char *at = list ? list : "/bin:/usr/bin"; *at; at += *at == ':') {
		size_t n = strcspn(at, ":");
		snprintf(path, sizeof path, "%.*s/%s", n ? (int)n : 1, n ? at : ".", file);
		if (stat(path, &status) == 0 && S_ISREG(status.st_mode))
			return true;
		at += n;
	}
	return false;
}

static int say_not_started(const char *file, int error)
{
	struct stat status;
	if (error == -EACCES && !strchr(file, '/') && !is_in_path(file))
		error = -ENOENT;
	if (error == -ENOENT && stat(file, &status) == 0 && strchr(file, '/'))
		return fault(STATUS_NOT_FOUND,
			     "cannot run %s: the interpreter that it names does not exist", file);
	if (error == -ENOENT && stat(file, &status) == 0 && S_ISREG(status.st_mode))
		return fault(STATUS_NOT_FOUND,
			     "cannot run %s: no such program in PATH; for the one here say ./%s",
			     file, file);
	if (error == -ENOENT || error == -ENOTDIR)
		return fault(STATUS_NOT_FOUND, "cannot run %s: no such program", file);
	if (error == -EACCES && stat(file, &status) == 0 && S_ISDIR(status.st_mode))
		return fault(STATUS_NOT_EXECUTABLE, "cannot run %s: it is a folder", file);
	if (error == -EACCES && stat(file, &status) == 0 && !(status.st_mode & 0111))
		return fault(STATUS_NOT_EXECUTABLE,
			     "cannot run %s: it is not executable; chmod +x makes it so", file);
	if (error == -EAGAIN || error == -ENOMEM || error == -EMFILE || error == -ENFILE)
		return fault(STATUS_FAULT, "cannot start another process: %s", strerror(-error));
	return fault(STATUS_NOT_EXECUTABLE, "cannot run %s: %s", file, strerror(-error));
}

/* Orphans stay in the tree only where the tree is asked for: otherwise who becomes the parent of a
 * program's daemons is none of our business. */
int record_start(struct recording *r, const char *file, char *const argv[])
{
	signals_hold(&r->signals);
	family_prepare(&r->family, descends(r->options) ? FAMILY_ADOPTS : FAMILY_ALONE);
	family_attend(&r->family);
	if (r->family.reach == FAMILY_ADOPTS)
		prctl(PR_SET_CHILD_SUBREAPER, 1UL, 0UL, 0UL, 0UL);
	int e = probes_prepare(&r->probes, r, true);
	if (e == 0)
		e = target_spawn(&r->target, file, argv, &r->signals);
	if (e == 0)
		return -1;
	abandon(r);
	return say_not_started(file, e);
}

int record_adopt(struct recording *r, pid_t pid)
{
	signals_hold(&r->signals);
	family_prepare(&r->family, descends(r->options) ? FAMILY_DESCENDS : FAMILY_ALONE);
	family_attend(&r->family);
	int e = probes_prepare(&r->probes, r, false);
	if (e == 0)
		e = target_adopt(&r->target, pid);
	if (e == 0)
		return -1;
	abandon(r);
	if (e == -EINVAL)
		return fault(STATUS_FAULT,
			     "%d is no process but a thread of one; attach to the process",
			     (int)pid);
	return fault(STATUS_FAULT, "cannot attach to process %d: %s", (int)pid, strerror(-e));
}

/* A setuid or non-dumpable program hides its page tables; its resident set can still be read. */
static int open_family(struct recording *r, struct watch *w)
{
	const struct family_watcher watcher = watch_family(w);
	r->family.exact = r->options->exact;
	r->family.older = !r->target.ours;
	int e = family_open(&r->family, r->target.pid, r->source, &watcher);
	if ((e == -EACCES || e == -EPERM) && r->source->costly) {
		warning("the %s of process %d may not be read (it belongs to another user, or "
			"hides its memory): recording rss",
			r->source->name, (int)r->target.pid);
		r->source = source_find("rss");
		e = family_open(&r->family, r->target.pid, r->source, &watcher);
	}
	return e;
}

/* ---- the beginning and the end of the file ---- */

static void put_head(struct recording *r, const struct sampler *sampler, char *const argv[])
{
	const struct record_options *o = r->options;
	const struct head head = {
		.tool = "mprof-c/" MPROF_VERSION,
		.metric = r->source->name,
		.metrics = o->metric,
		.interval = o->interval,
		.pid = r->target.pid,
		.epoch = sampler->epoch,
		.tree = o->tree,
		.children = o->children,
		.command = argv,
	};
	head_put(&head, &r->writer);
}

static void put_foot(struct recording *r, struct watch *w)
{
	const struct target *target = &r->target;
	const struct profile_pair fell_back = { "fallback", "rss" };
	uint64_t high_water = w->high_water;
	bool bounded = r->source->marked || r->source->costly; /* by the RSS */
	if (w->samples == 0 && target->ru_maxrss > 0 && bounded) {
		/* It ended before it could be looked at, but not unseen: its whole life is one
		 * sample, of what it held at most. */
		profile_put_memory(&r->writer, sampler_epoch_us(&w->sampler, w->sampler.first),
				   target->ru_maxrss);
		w->samples = 1;
		w->peak = target->ru_maxrss;
	}
	if (r->source->marked && r->family.n > 0 && r->family.members[0]->peak > high_water)
		high_water = r->family.members[0]->peak;
	if (r->family.fell_back)
		profile_put_meta(&r->writer, &fell_back, 1);
	profile_put_gone(&r->writer, target->pid, w->us, high_water, target->status);
	profile_put_exit(&r->writer, target->status, w->us, target->ru_maxrss, w->samples,
			 w->sampler.missed);
}

/* One line for whoever watches; on a terminal only, since a log has no use for it. */
static void say_what_was_recorded(const struct recording *r, const struct watch *w)
{
	char length[FORMAT_SIZE], peak[FORMAT_SIZE], missed[64] = "", path[PATH_MAX] = "";
	char limit[FORMAT_SIZE + 16] = "";
	char most[FORMAT_SIZE], bound[FORMAT_SIZE + 16] = "";
	bool exact = w->exact && !w->total && r->source->marked;
	if (r->options->quiet || !isatty(STDERR_FILENO))
		return;
	double seconds = (double)(w->us - w->sampler.epoch / 1000) / 1e6;
	if (w->sampler.missed > 0)
		snprintf(missed, sizeof missed, ", %" PRIu64 " ticks missed", w->sampler.missed);
	if (w->limit > 0)
		snprintf(limit, sizeof limit, " of %s allowed",
			 format_memory(peak, sample_mib(sample_umib(w->limit))));
	if (r->options->output)
		profile_quote(path, sizeof path, r->path);
	if (w->bound > w->peak + HIGH_WATER_NOISE)
		snprintf(bound, sizeof bound, " (at most %s)",
			 format_memory(most, sample_mib(sample_umib(w->bound))));
	notice("%s: %s, %" PRIu64 " sample%s%s, %speak %s%s%s; see it with: mprof-c plot%s%s%s",
	       r->path, format_duration(length, seconds), w->samples, w->samples == 1 ? "" : "s",
	       missed, exact ? "exact " : "",
	       format_memory(peak, sample_mib(sample_umib(exact ? w->high_water : w->peak))), bound,
	       limit, *path ? " " : "", *path == '-' ? "./" : "", path);
}

/* ---- all of it ---- */

/* A signal to die of is below 0. */
static int end_status(const struct recording *r, const struct watch *w, int error)
{
	const struct target *target = &r->target;
	if (!target->ours && w->interrupted && w->interrupted != SIGINT)
		return -w->interrupted;
	if (!target->ours)
		return error ? STATUS_FAULT : STATUS_OK;
	return target->status == PROFILE_STATUS_UNKNOWN ? STATUS_FAULT : target->status;
}

static int end(struct recording *r, struct watch *w)
{
	int e = profile_finish(&r->writer);
	if (e < 0)
		fault(STATUS_FAULT, "cannot write %s: %s; it ends early%s", r->path, strerror(-e),
		      r->target.ours ? ", the program ran on" : "");
	else
		say_what_was_recorded(r, w);
	if (r->family.fell_back)
		warning("the %s of some processes may not be read (they belong to another user, or "
			"hide their memory): their rss stands in its place",
			r->source->name);
	int status = probes_say(&r->probes, r, w, end_status(r, w, e));
	probes_close(&r->probes);
	family_close(&r->family);
	signals_close(&r->signals);
	target_close(&r->target);
	free(r->path);
	return status < 0 ? signals_die_of(-status) : status;
}

int record_target(struct recording *r, char *const argv[])
{
	struct watch w = {
		.target = &r->target,
		.signals = &r->signals,
		.family = &r->family,
		.writer = &r->writer,
		.probes = &r->probes,
		.options = r->options,
		.timeout = (int64_t)(r->options->timeout * 1e9),
		.total = r->options->tree && !r->source->common,
		.each = r->options->children,
	};
	if (descends(r->options))
		descriptors_raise(&r->descriptors);
	if (!r->target.ours)
		signals_open(&r->signals);
	sampler_start(&w.sampler, r->options->interval);
	w.us = w.sampler.epoch / 1000;
	open_family(r, &w);
	profile_clear(&r->writer);
	put_head(r, &w.sampler, argv); /* reaches the file with the first sample, in one write */
	if (w.family->n > 0)
		probes_open(&r->probes, &w);
	watch_run(&w);
	put_foot(r, &w);
	return end(r, &w);
}
