#include "recorder/recording/recording.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "recorder/kernel/membership.h"
#include "recorder/recording/figure.h"
#include "recorder/recording/head.h"
#include "recorder/recording/loop.h"
#include "recorder/recording/naming.h"
#include "recorder/recording/refusal.h"
#include "share/fault.h"
#include "share/version.h"

/* ---- the file ---- */

/* What is of the whole machine is no child's. */
static int find_source(struct recording *r)
{
	int status = metric_list_check(&r->options.metrics);
	if (status != -1)
		return status;
	r->source = r->options.metrics.sources[0];
	if (source_is_common(r->source) && r->options.children)
		return fault(STATUS_USAGE,
			     "%s is no process' own figure, and -M asks for each one's; put one of "
			     "theirs first: -b rss,%s",
			     r->source->metric->name, r->options.metrics.text);
	return -1;
}

static int open_named(struct recording *r, pid_t pid, time_t now)
{
	const char *template = r->options.output;
	char bad = 0;
	char *path;
	int e = naming_expand(template, pid, now, &path, &bad);
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
	if (e == 0) {
		r->path = path;
		e = profile_create(&r->writer, path, true);
	}
	if (e == 0)
		return -1;
	return fault(STATUS_FAULT, "cannot write %s: %s", r->path ? r->path : template,
		     strerror(-e));
}

static int open_unnamed(struct recording *r, time_t now)
{
	char *path;
	int e = naming_create(&r->writer, now, &path);
	if (e < 0)
		return fault(STATUS_FAULT,
			     "cannot make a recording in this folder: %s; name a place with -o "
			     "FILE",
			     strerror(-e));
	r->path = path;
	return -1;
}

int recording_init(struct recording *r, const struct probe *const table[])
{
	*r = (struct recording){
		.options = RECORDING_DEFAULTS,
		.writer.fd = -1,
		.signals.fd = -1,
		.target.pidfd = -1,
		.proxy = PROXY_NONE,
		.family = FAMILY_CLOSED,
	};
	return probes_init(&r->probes, table) < 0 ? fault(STATUS_FAULT, "out of memory") : -1;
}

int recording_open(struct recording *r, pid_t pid)
{
	int status = find_source(r);
	if (status == -1)
		status = probes_check(&r->probes, r);
	if (status != -1)
		return status;
	time_t now = time(NULL);
	return r->options.output ? open_named(r, pid, now) : open_unnamed(r, now);
}

/* Forgets the file again, when nothing came to run. */
static void abandon(struct recording *r)
{
	bool created = r->writer.created;
	profile_finish(&r->writer);
	if (created)
		unlink(r->path);
}

/* ---- the target ---- */

/* A figure that is the machine's or the group's is the whole tree's already; what stands beside it
 * may not be. */
static bool descends(const struct recording *r)
{
	return r->options.tree || r->options.children;
}

/* Orphans stay in the tree only where the tree is asked for: otherwise who becomes the parent of a
 * program's daemons is none of our business. */
int recording_start(struct recording *r, const char *file, char *const argv[])
{
	signals_stand_in(&r->signals);
	family_prepare(&r->family, descends(r) ? FAMILY_ADOPTS : FAMILY_ALONE);
	family_attend(&r->family);
	if (r->family.reach == FAMILY_ADOPTS)
		prctl(PR_SET_CHILD_SUBREAPER, 1UL, 0UL, 0UL, 0UL);
	probes_prepare(&r->probes, r);
	int e = target_spawn(&r->target, file, argv, &r->signals);
	if (e < 0) {
		abandon(r);
		return refusal_say(file, e);
	}
	probes_started(&r->probes, r);
	return -1;
}

int recording_adopt(struct recording *r, pid_t pid, uint64_t start)
{
	signals_hold(&r->signals);
	family_prepare(&r->family, descends(r) ? FAMILY_DESCENDS : FAMILY_ALONE);
	family_attend(&r->family);
	int e = target_adopt(&r->target, pid, start);
	if (e == 0) {
		probes_started(&r->probes, r);
		return -1;
	}
	abandon(r);
	if (e == -EINVAL)
		return fault(STATUS_FAULT,
			     "%d is no process but a thread of one; attach to the process",
			     (int)pid);
	return fault(STATUS_FAULT, "cannot attach to process %d: %s", (int)pid, strerror(-e));
}

int recording_adopt_group(struct recording *r, const struct cgroup *group)
{
	signals_hold(&r->signals);
	family_prepare(&r->family, FAMILY_GROUP);
	family_attend(&r->family);
	r->family.group = group;
	membership_of_nobody(group);
	int e = target_adopt_group(&r->target, group);
	if (e == 0) {
		probes_started(&r->probes, r);
		return -1;
	}
	abandon(r);
	return fault(STATUS_FAULT, "the control group %s is empty: there is nobody to record",
		     r->options.group);
}

int recording_help(struct recording *r, pid_t pid)
{
	r->helpers++;
	return family_ignore(&r->family, pid);
}

/* A setuid or non-dumpable program hides its page tables; its resident set can still be read. */
static int open_family(struct recording *r)
{
	const struct family_watcher watcher = loop_watcher(r);
	r->family.older = !r->target.ours;
	int e = family_open(&r->family, r->target.pid, r->source, &watcher);
	if ((e == -EACCES || e == -EPERM) && r->source->metric->costly) {
		warning("the %s of process %d may not be read (it belongs to another user, or "
			"hides its memory): recording rss",
			r->source->metric->name, (int)r->target.pid);
		r->source = source_find("rss");
		e = family_open(&r->family, r->target.pid, r->source, &watcher);
	}
	return e;
}

/* ---- the beginning and the end of the file ---- */

static void put_head(struct recording *r, char *const argv[])
{
	const struct recording_options *o = &r->options;
	const struct head head = {
		.tool = "mprof-c/" MPROF_VERSION,
		.metric = r->source->metric->name,
		.metrics = o->metrics.text,
		.interval = o->interval,
		.pid = r->target.pid,
		.user = target_user(&r->target),
		.epoch = r->sampler.epoch,
		.tree = o->tree,
		.children = o->children,
		.command = argv,
	};
	head_put(&head, &r->writer);
	const struct profile_pair group = { "cgroup", o->group };
	if (o->group)
		profile_put_meta(&r->writer, &group, 1);
}

/* It ended before it could be looked at, but not unseen: its whole life is one sample, of what it
 * held at most. */
static void put_only_sample(struct recording *r, uint64_t bytes)
{
	profile_put_memory(&r->writer, sampler_epoch_us(&r->sampler, r->sampler.first), bytes);
	r->memory.samples = 1;
	r->memory.peak = bytes;
}

static void put_foot(struct recording *r)
{
	const struct target *target = &r->target;
	const struct profile_pair fell_back = { "fallback", "rss" };
	uint64_t largest = target->ru_maxrss;
	bool bounded = r->source->metric->marked || r->source->metric->costly; /* by the RSS */
	if (r->peaks.ru_maxrss > largest)
		largest = r->peaks.ru_maxrss;
	if (r->memory.samples == 0 && largest > 0 && bounded)
		put_only_sample(r, largest);
	if (r->family.fell_back)
		profile_put_meta(&r->writer, &fell_back, 1);
	if (target->pid > 0)
		profile_put(&r->writer,
			    &(struct profile_record){ .kind = PROFILE_GONE,
						      .pid = target->pid,
						      .at.us = r->us,
						      .peak = sample_umib(r->peaks.high_water),
						      .status = target->status });
	profile_put(&r->writer, &(struct profile_record){ .kind = PROFILE_EXIT,
							  .status = target->status,
							  .at.us = r->us,
							  .peak = sample_umib(largest),
							  .samples = r->memory.samples,
							  .missed = r->sampler.missed });
}

/* One line for whoever watches; on a terminal only, since a log has no use for it. */
static void say_what_was_recorded(const struct recording *r)
{
	char length[FORMAT_SIZE], peak[FORMAT_SIZE], missed[64] = "", path[PATH_MAX] = "";
	char most[FORMAT_SIZE], limit[FORMAT_SIZE + 16] = "", bound[FORMAT_SIZE + 16] = "";
	bool exact = r->peaks.exact && !r->total && r->source->metric->marked;
	uint64_t samples = r->memory.samples;
	if (r->options.quiet || !isatty(STDERR_FILENO))
		return;
	double seconds = (double)(r->us - r->sampler.epoch / 1000) / 1e6;
	if (r->sampler.missed > 0)
		snprintf(missed, sizeof missed, ", %" PRIu64 " ticks missed", r->sampler.missed);
	if (r->limit.bytes > 0)
		snprintf(limit, sizeof limit, " of %s allowed", figure_say(most, r->limit.bytes));
	if (r->options.output)
		profile_quote(path, sizeof path, r->path);
	if (r->peaks.bound > r->memory.peak + HIGH_WATER_NOISE)
		snprintf(bound, sizeof bound, " (at most %s)", figure_say(most, r->peaks.bound));
	figure_say(peak, exact ? r->peaks.high_water : r->memory.peak);
	notice("%s: %s, %" PRIu64 " sample%s%s, %speak %s%s%s; see it with: mprof-c plot%s%s%s",
	       r->path, format_duration(length, seconds), samples, samples == 1 ? "" : "s", missed,
	       exact ? "exact " : "", peak, bound, limit, *path ? " " : "",
	       *path == '-' ? "./" : "", path);
}

/* ---- all of it ---- */

/* A signal to die of is below 0. */
static int end_status(const struct recording *r, int error)
{
	const struct target *target = &r->target;
	if (!target->ours && r->interrupted && r->interrupted != SIGINT)
		return -r->interrupted;
	if (!target->ours)
		return error ? STATUS_FAULT : STATUS_OK;
	return target->status == PROFILE_STATUS_UNKNOWN ? STATUS_FAULT : target->status;
}

static int end(struct recording *r)
{
	int e = profile_finish(&r->writer);
	if (e < 0)
		fault(STATUS_FAULT, "cannot write %s: %s; it ends early%s", r->path, strerror(-e),
		      r->target.ours ? ", the program ran on" : "");
	else
		say_what_was_recorded(r);
	if (r->family.fell_back)
		warning("the %s of some processes may not be read (they belong to another user, or "
			"hide their memory): their rss stands in its place",
			r->source->metric->name);
	return probes_say(&r->probes, r, end_status(r, e));
}

int recording_go(struct recording *r, char *const argv[])
{
	r->proxy.words = argv;
	r->timeout = (int64_t)(r->options.timeout * 1e9);
	r->total = r->options.tree && !source_is_common(r->source);
	if (descends(r))
		descriptors_raise(&r->descriptors);
	if (!r->target.ours)
		signals_open(&r->signals);
	sampler_start(&r->sampler, r->options.interval);
	r->us = r->sampler.epoch / 1000;
	open_family(r);
	profile_clear(&r->writer);
	put_head(r, argv); /* reaches the file with the first sample, in one write */
	if (r->family.n > 0)
		probes_open(&r->probes, r);
	loop_run(r);
	put_foot(r);
	return end(r);
}

void recording_close(struct recording *r)
{
	profile_finish(&r->writer);
	proxy_close(&r->proxy);
	probes_close(&r->probes);
	family_close(&r->family);
	signals_close(&r->signals);
	target_close(&r->target);
	free(r->path);
	r->path = NULL;
}
