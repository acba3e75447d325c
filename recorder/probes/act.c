/* --at SIZE:ACTION: does something when what MEM says rises above a size, once each time that it
 * does, and marks the moment. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/kernel/clock.h"
#include "recorder/kernel/limit.h"
#include "recorder/kernel/membership.h"
#include "recorder/kernel/reap.h"
#include "recorder/probes/shell.h"
#include "recorder/probes/threshold.h"
#include "recorder/recording/figure.h"
#include "recorder/recording/recording.h"
#include "recorder/recording/running.h"
#include "share/command.h"
#include "share/fault.h"

enum { RISE_SIZE = 160 };
static const double REARMED = 0.95; /* of the size, below which it is armed again */

struct act {
	struct thresholds at;
	uint64_t sizes[MOST_THRESHOLDS]; /* bytes */
	bool above[MOST_THRESHOLDS];
	bool failed[MOST_THRESHOLDS];    /* its command could not be started, which was told */
	pid_t commands[MOST_THRESHOLDS]; /* that run; 0: none */
	int error;                       /* of the first signal that could not be sent */
	struct membership membership;    /* where a size is a share of what is allowed */
	bool relative;
};

/* ---- options ---- */

static int parse_threshold(const char *text, void *value)
{
	return thresholds_add(value, text);
}

static const struct option_type type_at = { "SIZE:ACTION",
					    "SIZE:ACTION, at most 16 times: 2G, 90% or gpu:90%, "
					    "and warn, mark, stop, term, kill or run=COMMAND",
					    parse_threshold };

static const struct command_option options[] = {
	{ 0, "at", &type_at, offsetof(struct act, at),
	  "act above SIZE (2G, 90%, gpu:90%): warn, mark, stop, kill …" },
	{ 0 },
};

/* A share of a device is told as one. */
static bool is_relative(const struct threshold *t)
{
	return t->bytes == 0 && !t->gpu;
}

static int agree(void *state, const struct recording *r)
{
	const struct act *act = state;
	for (size_t i = 0; i < act->at.n; i++) {
		const struct threshold *t = &act->at.items[i];
		if (is_relative(t) && limit_is_hidden())
			warning("--at %.*s is of all that the machine has: what the control group "
				"allows cannot be seen here; give a size",
				(int)(t->does - t->size) - 1, t->size);
		if (!act->at.items[i].gpu)
			continue;
		if (r->vram.told == VRAM_OFF)
			return fault(STATUS_USAGE, "--at gpu: and --gpu=off exclude each other");
		if (r->vram.told == VRAM_NONE)
			return fault(STATUS_FAULT, "there is no GPU here for --at gpu:");
	}
	return -1;
}

static void size_up(struct act *act)
{
	const struct membership *m = &act->membership;
	uint64_t limit = limit_of_group(m->known ? &m->group : NULL).bytes;
	for (size_t i = 0; i < act->at.n; i++)
		if (is_relative(&act->at.items[i]))
			act->sizes[i] = (uint64_t)((double)limit / 100 * act->at.items[i].percent);
}

static int open_act(void *state, struct recording *r)
{
	struct act *act = state;
	const struct thresholds *at = &act->at;
	if (at->n == 0)
		return -ENOTSUP;
	for (size_t i = 0; i < at->n; i++) {
		act->sizes[i] = at->items[i].bytes;
		act->relative |= is_relative(&at->items[i]);
	}
	if (act->relative) {
		membership_open(&act->membership, r->target.pid, clock_now());
		size_up(act);
	}
	return 0;
}

/* How full it is, of the threshold's size: above it beyond 1. */
static double fullness(const struct act *act, const struct recording *r, size_t i)
{
	const struct threshold *t = &act->at.items[i];
	if (t->gpu && t->bytes == 0)
		return r->vram.share * 100 / t->percent;
	uint64_t held = t->gpu ? r->vram.bytes : r->peaks.most;
	return act->sizes[i] > 0 ? (double)held / (double)act->sizes[i] : 0;
}

/* ---- the actions ---- */

/* What rose, for people: "2.1 GiB, above 90% (2.0 GiB)". */
static void describe_rise(char out[RISE_SIZE], const struct act *act, const struct recording *r,
			  size_t i)
{
	const struct threshold *t = &act->at.items[i];
	char held[FORMAT_SIZE], size[FORMAT_SIZE], share[FORMAT_SIZE + 4] = "";
	if (t->percent > 0 && !t->gpu)
		snprintf(share, sizeof share, " (%s)", figure_say(size, act->sizes[i]));
	snprintf(out, RISE_SIZE, "%s%s, above %.*s%s",
		 figure_say(held, t->gpu ? r->vram.bytes : r->peaks.most),
		 t->gpu ? " of a GPU's memory" : "", (int)(t->does - t->size) - 1, t->size, share);
}

static void say_above(const struct act *act, const struct recording *r, size_t i)
{
	char rise[RISE_SIZE];
	describe_rise(rise, act, r, i);
	warning("%sprocess %d holds %s", r->total || act->at.items[i].gpu ? "the tree of " : "",
		(int)r->target.pid, rise);
}

static void send_one(struct act *act, pid_t pid, int number)
{
	if (kill(pid, number) < 0 && errno != ESRCH && act->error == 0)
		act->error = errno;
}

/* Where the figure is the tree's, to all of it: a program that is stopped alone leaves its workers
 * to grow. */
static void send_all(struct act *act, const struct recording *r, int number)
{
	send_one(act, r->target.pid, number);
	for (size_t i = 1; r->total && i < r->family.n; i++)
		if (r->family.members[i]->measured)
			send_one(act, r->family.members[i]->pid, number);
}

static void say_stopped(const struct act *act, const struct recording *r, size_t at)
{
	char rise[RISE_SIZE], pids[1536];
	size_t i, used = (size_t)snprintf(pids, sizeof pids, "%d", (int)r->target.pid);
	for (i = 1; r->total && i < r->family.n && used < sizeof pids - 16; i++)
		if (r->family.members[i]->measured)
			used += (size_t)snprintf(pids + used, sizeof pids - used, " %d",
						 (int)r->family.members[i]->pid);
	describe_rise(rise, act, r, at);
	warning("stopped process %d at %s; go on with: kill -CONT %s%s", (int)r->target.pid, rise,
		pids, r->total && i < r->family.n ? " …" : "");
}

/* The file may lie anywhere: its path is asked of the kernel. */
static void describe(const struct recording *r, const struct threshold *t)
{
	char own[64], path[PATH_MAX], text[FIGURE_SIZE];
	snprintf(own, sizeof own, "/proc/self/fd/%d", r->writer.fd);
	ssize_t n = readlink(own, path, sizeof path - 1);
	path[n > 0 ? n : 0] = '\0';
	if (*path == '/')
		setenv(RUNNING_FILE, path, 1);
	snprintf(text, sizeof text, "%d", (int)r->target.pid);
	setenv("MPROF_PID", text, 1);
	setenv("MPROF_MIB", figure_write(text, t->gpu ? r->vram.bytes : r->peaks.most), 1);
}

/* One at a time: what takes longer than the memory to fall and rise again is not started twice. */
static int run_command(pid_t *running, struct recording *r, const struct threshold *t)
{
	if (*running > 0)
		return -EALREADY;
	describe(r, t);
	*running = shell_start(t->command, &r->signals, &r->descriptors);
	if (*running < 0)
		return *running;
	family_disown(&r->family, *running);
	return 0;
}

static void put_mark(struct recording *r, const struct threshold *t, const char *but)
{
	char label[256];
	snprintf(label, sizeof label, "above %.*s: %s%s", (int)(t->does - t->size) - 1, t->size,
		 t->does, but);
	profile_put(&r->writer,
		    &(struct profile_record){ .kind = PROFILE_MARK,
					      .at = { r->us, sample_umib(r->peaks.most) },
					      .text = label });
}

/* False: it could not be started, which is told once, and is to be tried again. */
static bool try_command(struct act *act, struct recording *r, size_t i)
{
	const struct threshold *t = &act->at.items[i];
	int e = run_command(&act->commands[i], r, t);
	bool started = e == 0 || e == -EALREADY;
	if (started || !act->failed[i])
		put_mark(r, t, e == -EALREADY ? " (runs already)" : e < 0 ? " (not run)" : "");
	if (!started && !act->failed[i])
		warning("cannot run '%s' of --at: %s; it is tried again while the memory is above",
			t->command, strerror(-e));
	act->failed[i] = !started;
	return started;
}

/* False: it is not done. */
static bool fire(struct act *act, struct recording *r, size_t i)
{
	const struct threshold *t = &act->at.items[i];
	if (t->action == ACTION_RUN)
		return try_command(act, r, i);
	put_mark(r, t, "");
	switch (t->action) {
	case ACTION_RUN:
	case ACTION_MARK: break;
	case ACTION_WARN: say_above(act, r, i); break;
	case ACTION_STOP:
		send_all(act, r, SIGSTOP);
		say_stopped(act, r, i);
		break;
	case ACTION_TERM: send_all(act, r, SIGTERM); break;
	case ACTION_KILL: send_all(act, r, SIGKILL); break;
	}
	return true;
}

/* ---- the hooks ---- */

/* Whoever reaps everybody has done so already. */
static void reap_commands(struct act *act)
{
	int status;
	uint64_t ru_maxrss;
	for (size_t i = 0; i < MOST_THRESHOLDS; i++)
		if (act->commands[i] > 0 && reap_child(act->commands[i], &status, &ru_maxrss) != 0)
			act->commands[i] = 0;
}

static void act_on(void *state, struct recording *r, int64_t now)
{
	struct act *act = state;
	bool moved;
	reap_commands(act);
	if (act->relative && membership_look(&act->membership, now, &moved))
		size_up(act);
	for (size_t i = 0; i < act->at.n; i++) {
		double full = fullness(act, r, i);
		if (full > 1 && !act->above[i])
			act->above[i] = fire(act, r, i);
		else if (full < REARMED)
			act->above[i] = act->failed[i] = false;
	}
}

static int say(void *state, const struct recording *r, int status)
{
	const struct act *act = state;
	if (act->error)
		warning("process %d took no signal from --at: %s", (int)r->target.pid,
			strerror(act->error));
	return status;
}

static void close_act(void *state)
{
	struct act *act = state;
	membership_close(&act->membership);
}

const struct probe probe_act = {
	.state_size = sizeof(struct act),
	.options = options,
	.agree = agree,
	.open = open_act,
	.act = act_on,
	.say = say,
	.close = close_act,
};
