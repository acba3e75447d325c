/* --at SIZE:ACTIONS: does something when what MEM says, or a metric of the group or the machine,
 * rises above a size, once each time that it does, and marks the moment. */
#include "recorder/probes/act.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/kernel/clock.h"
#include "recorder/kernel/limit.h"
#include "recorder/kernel/reap.h"
#include "recorder/recording/recording.h"
#include "share/command.h"
#include "share/fault.h"

static const double REARMED = 0.95; /* of the size, below which it is armed again */

/* ---- options ---- */

static int parse_threshold(const char *text, void *value)
{
	return thresholds_add(value, text);
}

static const struct option_type type_at = {
	"SIZE:ACTION",
	"SIZE:ACTION, at most 16 times: 2G, 90%, gpu:90% or cgroup:90%, and warn, mark, stop, "
	"term, "
	"kill or kill=SECONDS, several with commas, and run=COMMAND",
	parse_threshold
};

static const struct command_option options[] = {
	{ 0, "at", &type_at, offsetof(struct act, at),
	  "act above SIZE (2G, 90%, gpu:90%, cgroup:90%): warn, stop, term,kill=5 …" },
	{ 0 },
};

/* A share of a device is told as one. */
static bool is_relative(const struct threshold *t)
{
	return t->bytes == 0 && !t->gpu;
}

static int length_of_size(const struct threshold *t)
{
	return (int)(t->does - t->size) - 1;
}

/* A figure of processes is that of MEM, or there is none. */
static int check_figure(const struct threshold *t, const struct recording *r)
{
	if (!t->of || t->of == r->source)
		return -1;
	if (!source_is_common(t->of))
		return fault(STATUS_USAGE,
			     "--at %.*s acts on the main figure, which is %s; put the other first: "
			     "-b %s",
			     length_of_size(t), t->size, r->source->metric->name,
			     t->of->metric->name);
	if (source_try(t->of, getpid()) < 0)
		return fault(STATUS_FAULT, "this machine does not tell %s for --at %.*s",
			     t->of->metric->name, length_of_size(t), t->size);
	return -1;
}

static int check_gpu(const struct threshold *t, const struct recording *r)
{
	if (!t->gpu)
		return -1;
	if (r->vram.told == VRAM_OFF)
		return fault(STATUS_USAGE, "--at gpu: and --gpu=off exclude each other");
	if (r->vram.told == VRAM_NONE)
		return fault(STATUS_FAULT, "there is no GPU here for --at gpu:");
	return -1;
}

static bool is_of_machine(const struct threshold *t)
{
	return t->of && t->of->metric->owner == METRIC_OF_MACHINE;
}

static int agree(void *state, const struct recording *r)
{
	const struct act *act = state;
	int status = -1;
	for (size_t i = 0; i < act->at.n && status == -1; i++) {
		const struct threshold *t = &act->at.items[i];
		if (is_relative(t) && !is_of_machine(t) && limit_is_hidden())
			warning("--at %.*s is of all that the machine has: what the control group "
				"allows cannot be seen here; give a size",
				length_of_size(t), t->size);
		status = check_gpu(t, r);
		if (status == -1)
			status = check_figure(t, r);
	}
	return status;
}

/* ---- the beginning ---- */

static void size_up(struct act *act)
{
	const struct membership *m = &act->membership;
	uint64_t limit = limit_of_group(m->known ? &m->group : NULL).bytes;
	uint64_t machine = limit_of_group(NULL).bytes;
	for (size_t i = 0; i < act->at.n; i++) {
		const struct threshold *t = &act->at.items[i];
		if (is_relative(t))
			act->rises[i].size =
				(uint64_t)((double)(is_of_machine(t) ? machine : limit) / 100 *
					   t->percent);
	}
}

/* Whose figure cannot be told (any more) has none, and is said not to have risen by nobody. */
static void open_figure(struct act *act, const struct recording *r, size_t i)
{
	const struct source *of = act->at.items[i].of;
	struct rise *rise = &act->rises[i];
	if (!of || !source_is_common(of) || !(rise->state = calloc(1, of->state_size + 1)))
		return;
	int e = of->open(rise->state, r->target.pid);
	if (e == 0)
		return;
	warning("--at %.*s does nothing: %s cannot be read here: %s",
		length_of_size(&act->at.items[i]), act->at.items[i].size, of->metric->name,
		strerror(-e));
	free(rise->state);
	rise->state = NULL;
}

static int open_act(void *state, struct recording *r)
{
	struct act *act = state;
	const struct thresholds *at = &act->at;
	if (at->n == 0)
		return -ENOTSUP;
	for (size_t i = 0; i < at->n; i++) {
		act->rises[i].size = at->items[i].bytes;
		act->relative |= is_relative(&at->items[i]);
		open_figure(act, r, i);
	}
	if (act->relative) {
		membership_open(&act->membership, r->target.pid, clock_now());
		size_up(act);
	}
	return 0;
}

/* ---- at each tick ---- */

/* Whoever reaps everybody has done so already. */
static void reap_commands(struct act *act)
{
	int status;
	uint64_t ru_maxrss;
	for (size_t i = 0; i < MOST_THRESHOLDS; i++) {
		pid_t *command = &act->rises[i].command;
		if (*command > 0 && reap_child(*command, &status, &ru_maxrss, NULL) != 0)
			*command = 0;
	}
}

static void read_figure(struct act *act, const struct recording *r, size_t i)
{
	const struct source *of = act->at.items[i].of;
	struct rise *rise = &act->rises[i];
	if (rise->state)
		of->read(rise->state, &rise->held);
	else if (of == r->source)
		rise->held = r->peaks.most;
}

/* How full it is, of the threshold's size: above it beyond 1. */
static double fullness(const struct act *act, const struct recording *r, size_t i)
{
	const struct threshold *t = &act->at.items[i];
	uint64_t size = act->rises[i].size;
	if (t->gpu && t->bytes == 0)
		return r->vram.share * 100 / t->percent;
	return size > 0 ? (double)deeds_held(act, r, i) / (double)size : 0;
}

static void act_on(void *state, struct recording *r, int64_t now)
{
	struct act *act = state;
	bool moved;
	reap_commands(act);
	if (act->relative && membership_look(&act->membership, now, &moved))
		size_up(act);
	for (size_t i = 0; i < act->at.n; i++) {
		read_figure(act, r, i);
		double full = fullness(act, r, i);
		if (full > 1 && !act->rises[i].above)
			deeds_do(act, r, i, now);
		else if (full > 1)
			deeds_retry(act, r, i);
		else
			act->rises[i].failed = false;
		if (full > 1 || full < REARMED)
			act->rises[i].above = full > 1;
	}
}

static int64_t act_wait(const void *state, const struct recording *r, int64_t now)
{
	(void)r;
	return deeds_wait(state, now);
}

static void act_look(void *state, struct recording *r, int64_t now)
{
	deeds_follow(state, r, now);
}

static void close_act(void *state)
{
	struct act *act = state;
	membership_close(&act->membership);
	for (size_t i = 0; i < act->at.n; i++) {
		if (act->rises[i].state)
			act->at.items[i].of->close(act->rises[i].state);
		free(act->rises[i].state);
	}
}

const struct probe probe_act = {
	.state_size = sizeof(struct act),
	.options = options,
	.agree = agree,
	.open = open_act,
	.act = act_on,
	.wait = act_wait,
	.look = act_look,
	.close = close_act,
};
