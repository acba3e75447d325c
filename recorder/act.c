/* --at SIZE:ACTION: does something when what MEM says rises above a size, once each time that it
 * does, and marks the moment. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/limit.h"
#include "recorder/probe.h"
#include "recorder/record.h"
#include "recorder/running.h"
#include "recorder/shell.h"
#include "recorder/watch.h"
#include "share/fault.h"
#include "share/format.h"

enum { REARMED = 95 }; /* percent of the size, below which it is armed again */

struct act {
	uint64_t sizes[MOST_THRESHOLDS]; /* bytes */
	bool above[MOST_THRESHOLDS];
	pid_t commands[MOST_THRESHOLDS]; /* that run; 0: none */
	int error;                       /* of the first signal that could not be sent */
};

static int open_act(void *state, struct watch *w)
{
	struct act *act = state;
	const struct thresholds *at = &w->options->at;
	uint64_t limit = 0;
	if (at->n == 0)
		return -ENOTSUP;
	for (size_t i = 0; i < at->n; i++) {
		if (at->items[i].bytes == 0 && limit == 0)
			limit = limit_of(w->target->pid);
		act->sizes[i] = at->items[i].bytes
					? at->items[i].bytes
					: (uint64_t)((double)limit / 100 * at->items[i].percent);
	}
	return 0;
}

/* ---- the actions ---- */

static void say_above(const struct watch *w, uint64_t size)
{
	char now[FORMAT_SIZE], limit[FORMAT_SIZE];
	warning("%sprocess %d holds %s, above %s", w->total ? "the tree of " : "",
		(int)w->target->pid, format_memory(now, sample_mib(sample_umib(w->most))),
		format_memory(limit, sample_mib(sample_umib(size))));
}

static void send_one(struct act *act, pid_t pid, int number)
{
	if (kill(pid, number) < 0 && errno != ESRCH && act->error == 0)
		act->error = errno;
}

/* Where the figure is the tree's, to all of it: a program that is stopped alone leaves its workers
 * to grow. */
static void send_all(struct act *act, const struct watch *w, int number)
{
	send_one(act, w->target->pid, number);
	for (size_t i = 1; w->total && i < w->family->n; i++)
		if (w->family->members[i]->measured)
			send_one(act, w->family->members[i]->pid, number);
}

static void say_stopped(const struct watch *w, uint64_t size)
{
	char now[FORMAT_SIZE], limit[FORMAT_SIZE], pids[256];
	size_t used = (size_t)snprintf(pids, sizeof pids, "%d", (int)w->target->pid);
	for (size_t i = 1; w->total && i < w->family->n && used < sizeof pids - 16; i++)
		if (w->family->members[i]->measured)
			used += (size_t)snprintf(pids + used, sizeof pids - used, " %d",
						 (int)w->family->members[i]->pid);
	warning("stopped process %d at %s, above %s; go on with: kill -CONT %s",
		(int)w->target->pid, format_memory(now, sample_mib(sample_umib(w->most))),
		format_memory(limit, sample_mib(sample_umib(size))), pids);
}

/* The file may lie anywhere: its path is asked of the kernel. */
static void describe(const struct watch *w)
{
	char own[64], path[PATH_MAX], text[32];
	snprintf(own, sizeof own, "/proc/self/fd/%d", w->writer->fd);
	ssize_t n = readlink(own, path, sizeof path - 1);
	path[n > 0 ? n : 0] = '\0';
	if (*path == '/')
		setenv(RUNNING_FILE, path, 1);
	snprintf(text, sizeof text, "%d", (int)w->target->pid);
	setenv("MPROF_PID", text, 1);
	snprintf(text, sizeof text, "%.6f", sample_mib(sample_umib(w->most)));
	setenv("MPROF_MIB", text, 1);
}

/* One at a time: what takes longer than the memory to fall and rise again is not started twice. */
static void run_command(pid_t *running, const struct watch *w, const char *command)
{
	if (*running > 0)
		return;
	describe(w);
	*running = shell_start(command, w->signals);
	if (*running > 0)
		family_disown(w->family, *running);
}

static void fire(struct act *act, struct watch *w, size_t i)
{
	const struct threshold *t = &w->options->at.items[i];
	char label[256];
	snprintf(label, sizeof label, "above %.*s: %s", (int)strcspn(t->text, ":"), t->text,
		 strchr(t->text, ':') + 1);
	profile_put_mark(w->writer, w->us, w->most, label);
	switch (t->action) {
	case ACTION_MARK: break;
	case ACTION_WARN: say_above(w, act->sizes[i]); break;
	case ACTION_STOP:
		send_all(act, w, SIGSTOP);
		say_stopped(w, act->sizes[i]);
		break;
	case ACTION_TERM: send_all(act, w, SIGTERM); break;
	case ACTION_KILL: send_all(act, w, SIGKILL); break;
	case ACTION_RUN: run_command(&act->commands[i], w, t->command); break;
	}
}

/* ---- the hooks ---- */

/* Whoever reaps everybody has done so already. */
static void reap_commands(struct act *act)
{
	int status;
	uint64_t ru_maxrss;
	for (size_t i = 0; i < MOST_THRESHOLDS; i++)
		if (act->commands[i] > 0 && target_wait(act->commands[i], &status, &ru_maxrss) != 0)
			act->commands[i] = 0;
}

static void sample(void *state, struct watch *w, int64_t now)
{
	struct act *act = state;
	(void)now;
	reap_commands(act);
	for (size_t i = 0; i < w->options->at.n; i++) {
		bool is_above = act->sizes[i] > 0 && w->most > act->sizes[i];
		if (is_above && !act->above[i])
			fire(act, w, i);
		if (is_above || w->most < act->sizes[i] / 100 * REARMED)
			act->above[i] = is_above;
	}
}

static int say(void *state, const struct recording *recording, const struct watch *w, int status)
{
	const struct act *act = state;
	(void)recording;
	if (act->error)
		warning("process %d took no signal from --at: %s", (int)w->target->pid,
			strerror(act->error));
	return status;
}

const struct probe probe_act = {
	.name = "act",
	.state_size = sizeof(struct act),
	.open = open_act,
	.sample = sample,
	.say = say,
};
