#include "recorder/record.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "recorder/family.h"
#include "recorder/naming.h"
#include "recorder/sampler.h"
#include "share/fault.h"
#include "share/format.h"
#include "share/number.h"
#include "share/version.h"

enum { SPARE_DESCRIPTORS = 16 };

static const double SHORTEST = 0.0001, LONGEST = 86400;
static const int64_t MARK_EVERY = 1000000000; /* ns between two looks at VmHWM */

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
const struct option_type record_file = { "FILE", "a file", option_parse_text };
const struct option_type record_metric = { "METRIC", "a metric", option_parse_text };

static int find_source(const char *name, const struct source **source)
{
	*source = source_find(name);
	if (*source)
		return -1;
	if (strcmp(name, "tracemalloc") == 0)
		return fault(STATUS_USAGE,
			     "tracemalloc counts what Python's own allocator handed out, which is "
			     "a report of "
			     "Python lines and no metric of a process; measure rss, pss or uss");
	return fault(STATUS_USAGE, "there is no metric '%s'; there are rss, pss and uss", name);
}

static int open_named(struct recording *r, time_t now)
{
	char bad = 0;
	int e = naming_expand(r->options->output, getpid(), now, &r->path, &bad);
	if (e == -EINVAL)
		return fault(
			STATUS_USAGE,
			"%%%c in '%s' stands for nothing; there are %%p %%h %%r %%j %%t and %%%%",
			bad ? bad : ' ', r->options->output);
	if (e == -ENOENT)
		return fault(STATUS_USAGE, "no %s in the environment for %%%c in '%s'",
			     bad == 'r' ? "rank" : "job", bad, r->options->output);
	if (e < 0)
		return fault(STATUS_FAULT, "out of memory");
	e = profile_create(&r->writer, r->path, true);
	return e < 0 ? fault(STATUS_FAULT, "cannot write %s: %s", r->path, strerror(-e)) : -1;
}

int record_open(struct recording *r, const struct record_options *options)
{
	*r = (struct recording){ .options = options, .writer.fd = -1 };
	int status = find_source(options->metric, &r->source);
	if (status != -1)
		return status;
	time_t now = time(NULL);
	if (options->output)
		return open_named(r, now);
	int e = naming_create(&r->writer, now, &r->path);
	if (e < 0)
		return fault(
			STATUS_FAULT,
			"cannot make a recording in this folder: %s; name a place with -o FILE",
			strerror(-e));
	return -1;
}

void record_abandon(struct recording *r)
{
	bool created = r->writer.created;
	profile_finish(&r->writer);
	if (created)
		unlink(r->path);
	free(r->path);
	r->path = NULL;
}

const sigset_t *record_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	static sigset_t set;
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		sigaddset(&set, signals[i]);
	return &set;
}

/* ---- the loop ---- */

struct loop {
	struct recording *r;
	struct sampler sampler;
	struct family family;
	struct procfs status;   /* of the target */
	int64_t status_at;      /* when its high-water mark was read last */
	uint64_t high_water;    /* bytes */
	uint64_t samples, peak; /* peak: of what MEM says */
	int64_t us;             /* of the sample being taken */
	int signals;            /* descriptor */
	bool adopting, stopped; /* stopped: the timeout has passed */
};

static void on_born(void *context, const struct member *member, const char *name)
{
	struct loop *l = context;
	if (member->ppid != 0) /* the target itself is no descendant */
		profile_put_born(&l->r->writer, member->pid, member->ppid, l->us, name);
}

static void on_gone(void *context, const struct member *member)
{
	struct loop *l = context;
	profile_put_gone(&l->r->writer, member->pid, l->us, member->peak, member->status);
}

static void read_high_water(struct loop *l, int64_t now)
{
	char text[4096];
	uint64_t bytes;
	if (l->status_at && now - l->status_at < MARK_EVERY)
		return;
	l->status_at = now;
	if (procfs_read(&l->status, text, sizeof text) > 0 &&
	    procfs_parse_kb(text, "VmHWM:", &bytes) == 0 && bytes > l->high_water)
		l->high_water = bytes;
}

static void take_sample(struct loop *l, int64_t now)
{
	const struct record_options *o = l->r->options;
	struct profile_writer *w = &l->r->writer;
	uint64_t total = 0;
	l->us = sampler_epoch_us(&l->sampler, now);
	int r = family_sample(&l->family, &total);
	if (r == 0) {
		uint64_t bytes = o->tree ? total : l->family.members[0]->bytes;
		profile_put_memory(w, l->us, bytes);
		l->samples++;
		l->peak = bytes > l->peak ? bytes : l->peak;
	}
	for (size_t i = 1; o->children && i < l->family.n; i++)
		if (l->family.members[i]->measured)
			profile_put_child(w, l->family.members[i]->pid, l->us,
					  l->family.members[i]->bytes);
	profile_flush(w);
	read_high_water(l, now);
	if (l->r->source->costly)
		sampler_rest(&l->sampler, now, sampler_now());
}

/* What the terminal sent to the whole group, or a launcher to every process of its step, has
 * reached the target already. */
static bool is_for_target(const struct signalfd_siginfo *info)
{
	if (info->ssi_code > 0)
		return false;
	bool launched =
		getenv("SLURM_STEP_ID") || getenv("OMPI_COMM_WORLD_RANK") || getenv("PMI_RANK");
	return !(launched && (pid_t)info->ssi_pid == getppid());
}

static void reap(struct loop *l)
{
	struct target *target = &l->r->target;
	int status;
	struct rusage usage;
	pid_t pid;
	if (!l->adopting) {
		target_has_ended(target);
		return;
	}
	while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0)
		if (pid == target->pid)
			target_take(target, status, &usage);
		else
			family_reaped(&l->family, pid, target_status(status),
				      (uint64_t)usage.ru_maxrss * 1024);
}

static void handle_signals(struct loop *l)
{
	struct signalfd_siginfo info;
	while (read(l->signals, &info, sizeof info) == (ssize_t)sizeof info) {
		if (info.ssi_signo == SIGCHLD)
			continue;
		if (!l->r->target.ours)
			l->r->interrupted = (int)info.ssi_signo;
		else if (is_for_target(&info))
			target_signal(&l->r->target, (int)info.ssi_signo);
	}
	reap(l);
}

/* Sleeps until the next tick, a signal or the target's end. */
static void wait_for_tick(struct loop *l)
{
	const struct target *target = &l->r->target;
	struct pollfd events[] = { { .fd = l->signals, .events = POLLIN },
				   { .fd = target->pidfd, .events = POLLIN } };
	int64_t wait = sampler_wait(&l->sampler, sampler_now());
	struct timespec timeout = { wait / 1000000000, wait % 1000000000 };
	/* Once stopped, only the end is awaited; where no pidfd tells it, it is asked for now and
	 * then. */
	struct timespec *limit = l->stopped && target->pidfd >= 0 ? NULL : &timeout;
	if (l->stopped)
		timeout = (struct timespec){ 1, 0 };
	int n = ppoll(events, 2, limit, NULL);
	if (n > 0 && (events[0].revents & POLLIN))
		handle_signals(l);
	if (n > 0 && (events[1].revents & POLLIN))
		reap(l);
	if (target->pidfd < 0 ||
	    (target->pidfd >= 0 && !target->ours && (events[1].revents & POLLIN)))
		target_has_ended(&l->r->target);
}

static void run_loop(struct loop *l)
{
	struct recording *r = l->r;
	int64_t timeout = (int64_t)(r->options->timeout * 1e9);
	int64_t now = l->sampler.first;
	while (!r->target.ended && !r->interrupted) {
		if (timeout > 0 && now - l->sampler.first >= timeout)
			l->stopped = true;
		if (l->stopped && !r->target.ours)
			break;
		if (!l->stopped && sampler_wait(&l->sampler, now) == 0) {
			sampler_pass(&l->sampler, now);
			take_sample(l, now);
		}
		wait_for_tick(l);
		now = sampler_now();
	}
}

/* ---- the beginning and the end of the file ---- */

static void put_head(struct loop *l, char *const argv[])
{
	const struct record_options *o = l->r->options;
	char interval[32], pid[16], start[32], host[HOST_NAME_MAX + 1] = "";
	snprintf(interval, sizeof interval, "%g", o->interval);
	snprintf(pid, sizeof pid, "%d", (int)l->r->target.pid);
	snprintf(start, sizeof start, "%.6f", (double)(l->sampler.epoch / 1000) / 1e6);
	gethostname(host, sizeof host - 1);
	const struct profile_pair pairs[] = {
		{ "format", "1" },
		{ "tool", "mprof-c/" MPROF_VERSION },
		{ "metric", l->r->source->name },
		{ "interval", interval },
		{ "pid", pid },
		{ "host", host },
		{ "start", start },
		{ "clock", "monotonic" },
		{ "tree", o->tree ? "1" : "0" },
		{ "children", o->children ? "1" : "0" },
		{ "rank", naming_rank() },
	};
	size_t n = sizeof pairs / sizeof *pairs;
	profile_put_cmdline(&l->r->writer, argv);
	profile_put_meta(&l->r->writer, pairs, naming_rank() ? n : n - 1);
	profile_flush(&l->r->writer);
}

static void put_foot(struct loop *l)
{
	struct profile_writer *w = &l->r->writer;
	const struct target *target = &l->r->target;
	int64_t us = sampler_epoch_us(&l->sampler, sampler_now());
	uint64_t ignored;
	l->us = us;
	family_sample(&l->family, &ignored); /* who of the descendants has ended since */
	const struct member *first = l->family.members[0];
	uint64_t high_water = first->peak > l->high_water && strcmp(l->r->source->name, "rss") == 0
				      ? first->peak
				      : l->high_water;
	profile_put_gone(w, target->pid, us, high_water, target->status);
	profile_put_exit(w, target->status, us, target->ru_maxrss, l->samples, l->sampler.missed);
	profile_flush(w);
}

/* One line for whoever watches; on a terminal only, since a log has no use for it. */
static void say_what_was_recorded(const struct loop *l)
{
	char length[FORMAT_SIZE], peak[FORMAT_SIZE], missed[64] = "";
	const struct recording *r = l->r;
	if (r->options->quiet || !isatty(STDERR_FILENO))
		return;
	double seconds = (double)(l->us - l->sampler.epoch / 1000) / 1e6; /* to the program's end */
	if (l->sampler.missed > 0)
		snprintf(missed, sizeof missed, ", %" PRIu64 " ticks missed", l->sampler.missed);
	fprintf(stderr,
		"mprof-c: %s: %s, %" PRIu64 " samples%s, peak %s; see it with: mprof-c plot%s%s\n",
		r->path, format_duration(length, seconds), l->samples, missed,
		format_memory(peak, sample_mib(sample_umib(l->peak))),
		r->options->output ? " " : "", r->options->output ? r->path : "");
}

/* A setuid or non-dumpable program hides its page tables; its resident set can still be read. */
static int open_family(struct loop *l)
{
	struct recording *r = l->r;
	const struct record_options *o = r->options;
	const struct family_watcher watcher = { l, on_born, on_gone };
	bool descend = o->tree || o->children;
	int e = family_open(&l->family, r->target.pid, r->source, descend, l->adopting, &watcher);
	if ((e == -EACCES || e == -EPERM) && r->source->costly) {
		warning("the %s of process %d may not be read (it belongs to another user, or "
			"hides its memory): "
			"recording rss",
			r->source->name, (int)r->target.pid);
		r->source = source_find("rss");
		e = family_open(&l->family, r->target.pid, r->source, descend, l->adopting,
				&watcher);
	}
	return e;
}

static int open_signals(void)
{
	sigset_t set = *record_signals();
	sigaddset(&set, SIGCHLD);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* ---- exit status ---- */

/* Dies of the signal that the target died of, so that a shell and a script see what they would have
 * seen without us. */
static int die_of(int signal)
{
	sigset_t set;
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	sigaction(signal, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL);
	sigemptyset(&set);
	sigaddset(&set, signal);
	raise(signal);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	return 128 + signal;
}

static int end_status(const struct recording *r)
{
	if (!r->target.ours)
		return r->interrupted && r->interrupted != SIGINT ? die_of(r->interrupted)
								  : STATUS_OK;
	if (r->target.status == PROFILE_STATUS_UNKNOWN)
		return STATUS_FAULT;
	return r->target.status < 0 ? die_of(-r->target.status) : r->target.status;
}

static int end(struct loop *l)
{
	struct recording *r = l->r;
	int e = profile_finish(&r->writer);
	if (e < 0)
		fault(STATUS_FAULT, "cannot write %s: %s; it ends early, the program ran on",
		      r->path, strerror(-e));
	else
		say_what_was_recorded(l);
	free(r->path);
	target_close(&r->target);
	return end_status(r);
}

int record_target(struct recording *r, char *const argv[])
{
	struct loop l = { .r = r, .status.fd = -1 };
	l.adopting = r->target.ours && (r->options->tree || r->options->children);
	l.signals = open_signals();
	procfs_set_limit((int)sysconf(_SC_OPEN_MAX) - SPARE_DESCRIPTORS);
	profile_clear(&r->writer);
	sampler_start(&l.sampler, r->options->interval);
	l.us = l.sampler.epoch / 1000;
	int e = open_family(&l);
	put_head(&l, argv);
	if (e < 0) { /* it ended before we could look, or hides altogether: there is only its end to
			tell */
		if (!r->target.ours && e != -ESRCH)
			fault(STATUS_FAULT, "cannot read the memory of process %d: %s",
			      (int)r->target.pid, strerror(-e));
		l.stopped = true;
	}
	procfs_open(&l.status, r->target.pid, "status");
	run_loop(&l);
	if (e == 0)
		put_foot(&l);
	family_close(&l.family);
	procfs_close(&l.status);
	close(l.signals);
	return end(&l);
}
