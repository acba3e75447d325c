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

#include "recorder/kernel/clock.h"
#include "recorder/kernel/membership.h"
#include "recorder/recording/closing.h"
#include "recorder/recording/ends.h"
#include "recorder/recording/loop.h"
#include "recorder/recording/refusal.h"
#include "recorder/recording/viewer.h"
#include "share/fault.h"

/* ---- what is asked for ---- */

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

/* Whoever was started by a launcher is one of many: only the first says what all would say. A
 * group, which is nobody's process, is recorded in our own name. */
static void take_place(struct recording *r, pid_t pid)
{
	struct launcher ours;
	launcher_ask(&ours, getpid());
	launcher_ask(&r->launcher, pid ? pid : getpid());
	r->batch.on = ours.name != NULL;
	r->options.aside = launcher_is_aside(&ours) && !r->options.quiet;
	r->options.quiet |= r->options.aside;
	fault_speak_as(r->launcher.rank ? r->launcher.rank : ours.rank, r->options.aside);
	launcher_free(&ours);
}

int recording_open(struct recording *r, pid_t pid, char *const words[])
{
	r->options.tree |= r->options.wait && !r->options.children;
	take_place(r, pid);
	int status = find_source(r);
	if (status == -1)
		status = probes_check(&r->probes, r);
	return status == -1 ? file_open(r, pid, words) : status;
}

/* ---- the target ---- */

/* A figure that is the machine's or the group's is the whole tree's already; what stands beside it
 * may not be. */
static bool descends(const struct recording *r)
{
	return r->options.tree || r->options.children;
}

static void note_faults(struct recording *r)
{
	struct faults_result *faults = &r->faults;
	const struct events *events = &r->family.events;
	faults->kernel_too = events->kernel_too;
	faults->refused = 0;
	if (faults->wanted && !events->faults)
		faults->refused = events->refused ? events->refused : -EOPNOTSUPP;
}

/* Whoever is started from now on is told of: it is the last that is done before the target is. Of
 * one that runs already no faults are told. */
static void attend(struct recording *r, bool told)
{
	family_attend(&r->family, told && r->faults.wanted);
	note_faults(r);
}

/* Orphans stay in the tree only where the tree is asked for: otherwise who becomes the parent of a
 * program's daemons is none of our business. */
int recording_start(struct recording *r, const char *file, char *const argv[])
{
	signals_stand_in(&r->signals);
	family_prepare(&r->family, descends(r) ? FAMILY_ADOPTS : FAMILY_ALONE);
	if (r->family.reach == FAMILY_ADOPTS)
		prctl(PR_SET_CHILD_SUBREAPER, 1UL, 0UL, 0UL, 0UL);
	probes_prepare(&r->probes, r);
	attend(r, true);
	int e = target_spawn(&r->target, file, argv, &r->signals);
	if (e < 0) {
		file_abandon(r);
		return refusal_say(file, e);
	}
	probes_started(&r->probes, r);
	return -1;
}

int recording_adopt(struct recording *r, pid_t pid, uint64_t start)
{
	signals_hold(&r->signals);
	family_prepare(&r->family, descends(r) ? FAMILY_DESCENDS : FAMILY_ALONE);
	attend(r, false);
	int e = target_adopt(&r->target, pid, start);
	if (e == 0 && r->faults.wanted) {
		family_attend_running(&r->family, pid);
		note_faults(r);
	}
	if (e == 0) {
		probes_started(&r->probes, r);
		return -1;
	}
	file_abandon(r);
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
	attend(r, false);
	r->family.group = group;
	membership_of_nobody(group);
	int e = target_adopt_group(&r->target, group);
	if (e == 0) {
		probes_started(&r->probes, r);
		return -1;
	}
	file_abandon(r);
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

/* ---- all of it ---- */

/* A signal to die of is below 0. */
static int end_status(const struct recording *r, bool whole)
{
	const struct target *target = &r->target;
	if (!target->ours && r->interrupted && r->interrupted != SIGINT)
		return -r->interrupted;
	if (!target->ours)
		return whole ? STATUS_OK : STATUS_FAULT;
	return target->status == PROFILE_STATUS_UNKNOWN ? STATUS_FAULT : target->status;
}

static int end(struct recording *r)
{
	bool whole = file_finish(r);
	viewer_wait(r);
	if (!r->file.lost)
		closing_say(r);
	if (r->family.fell_back)
		warning("the %s of some processes may not be read (they belong to another user, or "
			"hide their memory): their rss stands in its place",
			r->source->metric->name);
	return probes_say(&r->probes, r, end_status(r, whole));
}

int recording_go(struct recording *r, char *const argv[])
{
	r->proxy.words = argv;
	r->timeout = (int64_t)(r->options.timeout * 1e9);
	r->total = r->options.tree && !source_is_common(r->source);
	if (descends(r))
		descriptors_raise(&r->descriptors);
	if (!r->target.ours || events_fd(&r->family.events) >= 0)
		signals_open(&r->signals);
	sampler_start(&r->sampler, r->options.interval);
	r->us = r->sampler.epoch / 1000;
	open_family(r);
	profile_clear(&r->writer);
	ends_put_head(r); /* reaches the file with the first sample, in one write */
	if (r->family.n > 0)
		probes_open(&r->probes, r);
	loop_run(r);
	ends_put_foot(r);
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
	launcher_free(&r->launcher);
	free(r->path);
	r->path = NULL;
}
