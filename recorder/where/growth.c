/* GROW records: where the memory of each process grew. The kernel tells of page faults, which name
 * the thread and the moment, and statm how much; where no faults are told, the resident set of each
 * Python is polled between the recorded samples. */
#include "recorder/where/growth.h"

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include "recorder/kernel/clock.h"
#include "recorder/where/findings.h"
#include "recorder/where/look.h"
#include "recorder/where/polled.h"
#include "share/command.h"
#include "share/commands/report.h"

static const int64_t SHORTEST = 2000000, LONGEST = 5000000; /* ns between looks … */
static const int64_t STILL = 500000000; /* … the longer one when nothing has moved for so long */
static const int64_t BURST = 1000000, MOVING = 10000000; /* … and this, for what moved just now */

/* Looks may take a thirty-third of a CPU, of which 50 ms may be saved: finding the interpreter is
 * dear, and just then programs begin to grow … */
/* Huge pages bring few faults, and what grew is told by looks meanwhile: so often, and for so long
 * after one that has found such growth; ns. */
static const int64_t AGAIN = 3000000, HUGE_FOR = 25000000;

static const struct purse ALLOWANCE = { .share = 33, .most = 50000000 };
static const int64_t MOST_PAUSE = 1000000000; /* … but are at most so far apart */

/* Where faults are told, so often at most is everybody measured who took none. */
static const int64_t MEASURE_EVERY = 100000000; /* ns */

/* Where faults are told, so soon is looked again: a look at many costs little more than one at a
 * few. Programs that end soon are seen in more detail. */
static const int64_t YOUNG = 1000000000, GAP_YOUNG = 4000000, GAP = 20000000; /* ns */

/* ---- options ---- */

static int parse_where(const char *text, void *value)
{
	static const char *const words[] = { "auto", "stacks", "lines", "off", NULL };
	int where = option_parse_word(text, words);
	if (where < 0)
		return where;
	*(enum where *)value = (enum where)where;
	return 0;
}

static const struct option_type type_where = { "WHAT", "auto, stacks, lines or off", parse_where,
					       "auto stacks lines off" };

static const struct command_option options[] = {
	{ 0, "where", &type_where, offsetof(struct growth_probe, where),
	  "where memory grows: stacks (default), lines or off" },
	{ 0, "precise", NULL, offsetof(struct growth_probe, precise), "has no meaning any more" },
	{ 0 },
};

static int check_growth(void *state, struct recording *r)
{
	const struct growth_probe *growth = state;
	r->faults.wanted = growth->where != WHERE_OFF;
	return -1;
}

/* ---- the processes ---- */

static int open_growth(void *state, struct recording *r)
{
	struct growth_probe *growth = state;
	int64_t now = clock_now();
	if (growth->where == WHERE_OFF || reader_open(&growth->reader) < 0)
		return -ENODEV;
	growth->purse = ALLOWANCE;
	growth->began = now;
	growth->events = r->faults.wanted && r->faults.refused == 0;
	struct grower *target = growers_add(&growth->growers, r->target.pid, now);
	if (!target)
		return -ENODEV;
	target->stirred = true;
	findings_begin(growth, r);
	growth->next = target->next_find = now + SHORTEST;
	return 0;
}

static void growth_born(void *state, struct recording *r, const struct member *member)
{
	struct growth_probe *growth = state;
	int64_t now = clock_now();
	(void)r;
	if (growers_find(&growth->growers, member->pid))
		return; /* told again: it has called exec, and is looked for anyhow */
	growers_add(&growth->growers, member->pid, now);
	growth->next = now;
}

static void growth_gone(void *state, struct recording *r, const struct member *member)
{
	struct growth_probe *growth = state;
	struct grower *g = growers_find(&growth->growers, member->pid);
	if (!g || g == growth->growers.items[0])
		return;
	look_last(growth, r, g, clock_now());
	growth->queued -= queue_clear(&g->queue, &growth->room);
	growers_drop(&growth->growers, &growth->reader, g);
}

/* ---- what the kernel tells ---- */

/* A child that was made by vfork holds its maker up until it has a program of its own. Where the
 * maker goes on before, or the child never has one, it was made by fork: both copy what either
 * writes to. */
static void part(struct grower *g)
{
	g->parted = true;
	g->newborn = 0;
}

static void on_grown_up(struct growth_probe *growth, const struct event *event)
{
	for (size_t i = 0; i < growth->growers.n; i++) {
		struct grower *g = growth->growers.items[i];
		if (g->newborn == event->pid && event->kind == EVENT_EXIT)
			part(g);
		else if (g->newborn == event->pid)
			g->newborn = 0;
	}
}

static void on_fork(struct growth_probe *growth, struct recording *r, const struct event *event)
{
	struct grower *g = growers_find(&growth->growers, event->parent);
	if (!g)
		return;
	g->newborn = event->pid;
	g->maker = event->maker;
	if (r->family.reach != FAMILY_ALONE && !growers_find(&growth->growers, event->pid))
		growers_add(&growth->growers, event->pid, event->at);
}

static void on_fault(struct growth_probe *growth, struct grower *g, const struct event *event)
{
	if (g->newborn && g->maker == event->fault.thread)
		part(g);
	size_t used = growth->room.used;
	bool huge = grower_is_far(g, &event->fault);
	g->stirred = true;
	if (!queue_add(&g->queue, &growth->room, &event->fault, huge)) {
		g->lost = true;
		g->heard += event->fault.faults;
	}
	growth->queued += growth->room.used;
	growth->queued -= used;
}

/* Those whose memory it was are no more to be found. */
static void on_exec(struct growth_probe *growth, struct grower *g, const struct event *event)
{
	(void)event;
	growth->queued -= queue_clear(&g->queue, &growth->room);
	g->shares.n = 0;
	g->executed = g->stirred = true;
}

static void on_map(struct growth_probe *growth, struct grower *g, const struct event *event)
{
	(void)growth;
	g->stirred = true;
	grower_map(g, event->start, event->start + event->length);
}

static void on_lost(struct growth_probe *growth)
{
	for (size_t i = 0; i < growth->growers.n; i++) {
		growth->growers.items[i]->lost = true;
		grower_map(growth->growers.items[i], 0, UINT64_MAX);
	}
}

static void growth_event(void *state, struct recording *r, const struct event *event)
{
	static void (*const handlers[])(struct growth_probe *, struct grower *,
					const struct event *) = {
		[EVENT_FAULT] = on_fault,
		[EVENT_EXEC] = on_exec,
		[EVENT_MAP] = on_map,
	};
	struct growth_probe *growth = state;
	if (event->kind == EVENT_LOST)
		on_lost(growth);
	if (event->kind == EVENT_FORK)
		on_fork(growth, r, event);
	if (event->kind == EVENT_EXEC || event->kind == EVENT_EXIT)
		on_grown_up(growth, event);
	native_tell(growth->asker.native, event);
	bool known = (size_t)event->kind < sizeof handlers / sizeof *handlers;
	struct grower *g = known ? growers_find(&growth->growers, event->pid) : NULL;
	if (g && handlers[event->kind])
		handlers[event->kind](growth, g, event);
}

/* ---- when to look ---- */

/* Polling, when to look again: by what looks have cost. INT64_MAX: nothing to look at but at the
 * ticks. */
static void plan(struct growth_probe *growth, int64_t now)
{
	int64_t still = now - growth->moved, search = INT64_MAX;
	bool keen = false;
	for (size_t i = 0; i < growth->growers.n; i++)
		keen |= polled_is_keen(growth->growers.items[i]->polled, now);
	int64_t pause = (still < MOVING || keen) && growth->purse.saved > ALLOWANCE.most / 2 ? BURST
			: still < STILL ? SHORTEST
					: LONGEST;
	int64_t owed = growth->purse.not_before - now;
	bool any = false;
	for (size_t i = 0; i < growth->growers.n; i++) {
		const struct grower *g = growth->growers.items[i];
		any |= g->state == GROWER_READY;
		if (grower_is_hasty(g) && g->next_find < search)
			search = g->next_find;
	}
	pause = owed > pause ? owed : pause;
	pause = pause < MOST_PAUSE ? pause : MOST_PAUSE;
	growth->next = any ? now + pause : search;
}

static void rest(struct growth_probe *growth, struct recording *r, bool faults, int64_t now)
{
	int64_t gap = !faults ? 0 : now - growth->began < YOUNG ? GAP_YOUNG : GAP;
	int64_t owed = growth->purse.not_before;
	growth->not_before = owed > now + gap ? owed : now + gap;
	r->faults.not_before = growth->not_before;
	growth->again = now - growth->huge_at < HUGE_FOR ? growth->not_before : 0;
	if (growth->again && growth->again < now + AGAIN)
		growth->again = now + AGAIN;
	if (growth->again && (r->echo == 0 || growth->again < r->echo))
		r->echo = growth->again;
}

static void look(struct growth_probe *growth, struct recording *r, enum look_why why, int64_t now)
{
	look_at_all(growth, r, why, now);
	if (!growth->events)
		plan(growth, now);
	else
		rest(growth, r, why == LOOK_FAULTS, now);
}

static int64_t growth_wait(const void *state, const struct recording *r, int64_t now)
{
	const struct growth_probe *growth = state;
	int64_t next = !growth->events ? growth->next : growth->not_before;
	(void)r;
	if (growth->events && growth->queued == 0)
		next = growth->again ? growth->again : INT64_MAX;
	if (next == INT64_MAX)
		return -1;
	return next > now ? next - now : 0;
}

static void growth_look(void *state, struct recording *r, int64_t now)
{
	look(state, r, LOOK_FAULTS, now);
}

static bool is_due(const struct growth_probe *growth, int64_t now)
{
	if (growth->events)
		return now - growth->measured_at >= MEASURE_EVERY;
	bool due = now >= growth->next;
	for (size_t i = 0; i < growth->growers.n && !due; i++)
		due = growth->growers.items[i]->state == GROWER_LOOKING &&
		      now >= growth->growers.items[i]->next_find;
	return due;
}

/* Where ticks are so dense that there is no time between them, and for those that are not yet
 * known to be a Python. */
static void growth_sample(void *state, struct recording *r, int64_t now)
{
	struct growth_probe *growth = state;
	if (!is_due(growth, now))
		return;
	growth->measured_at = now;
	look(growth, r, LOOK_TICK, now);
}

/* ---- the end ---- */

static void end_growth(void *state, struct recording *r)
{
	struct growth_probe *growth = state;
	int64_t now = clock_now();
	for (size_t i = 0; i < growth->growers.n; i++)
		look_last(growth, r, growth->growers.items[i], now);
	asker_end(&growth->asker, r, &growth->told);
}

/* What was asked for and is not there. */
static int growth_say(void *state, const struct recording *r, int status)
{
	const struct growth_probe *growth = state;
	if (r->options.quiet)
		return status;
	findings_say(growth, r);
	return status;
}

static void close_growth(void *state)
{
	struct growth_probe *growth = state;
	for (size_t i = 0; i < growth->growers.n; i++)
		queue_clear(&growth->growers.items[i]->queue, &growth->room);
	growers_close(&growth->growers, &growth->reader);
	look_close(growth);
	asker_close(&growth->asker);
	reader_close(&growth->reader);
	queue_room_close(&growth->room);
	told_free(&growth->told);
}

const struct probe probe_growth = {
	.state_size = sizeof(struct growth_probe),
	.options = options,
	.check = check_growth,
	.open = open_growth,
	.born = growth_born,
	.gone = growth_gone,
	.event = growth_event,
	.sample = growth_sample,
	.wait = growth_wait,
	.look = growth_look,
	.end = end_growth,
	.say = growth_say,
	.close = close_growth,
};

struct growth_probe *growth_of(struct recording *r)
{
	struct growth_probe *growth = probes_state(&r->probes, &probe_growth);
	return growth && growth->reader.reading ? growth : NULL;
}

struct told *growth_told(struct recording *r)
{
	struct growth_probe *growth = probes_state(&r->probes, &probe_growth);
	return growth ? &growth->told : NULL;
}
