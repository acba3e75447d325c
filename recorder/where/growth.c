/* GROW records: between the recorded samples, the resident set of each Python process is watched,
 * and where it moved, its stack is read from outside. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/kernel/clock.h"
#include "recorder/python/offsets.h"
#include "recorder/python/told.h"
#include "recorder/recording/purse.h"
#include "recorder/recording/recording.h"
#include "recorder/where/polled.h"
#include "recorder/where/reader.h"
#include "share/array.h"
#include "share/command.h"
#include "share/commands/report.h"
#include "share/fault.h"

static const int64_t SHORTEST = 2000000, LONGEST = 5000000; /* ns between looks … */
static const int64_t STILL = 500000000; /* … the longer one when nothing has moved for so long */
static const int64_t BURST = 1000000, MOVING = 10000000; /* … and this, for what moved just now */

/* Looks may take a fiftieth of a CPU, of which 8 ms may be saved: finding the interpreter is dear,
 * and just then programs begin to grow … */
static const struct purse ALLOWANCE = { .share = 50, .most = 8000000 };
static const int64_t WAKING = 10000;          /* … with so many ns for being woken … */
static const int64_t MOST_PAUSE = 1000000000; /* … but are at most so far apart */

static const int64_t LONG = 1000000000; /* of a look that does not end, until that is told */

enum { MOST_GROWERS = 4096 };

enum where { WHERE_AUTO, WHERE_STACKS, WHERE_LINES, WHERE_OFF };

struct growth_probe {
	enum where where;        /* what is asked for: --where */
	bool precise;            /* --precise, which does nothing any more */
	struct grower **growers; /* the target first */
	size_t n;
	struct told told;
	bool is_told;         /* META has the version, or why there is none */
	int64_t next, moved;  /* monotonic ns: of the next look; when something last moved */
	struct purse purse;   /* for looks */
	int version, refusal; /* of the first Python that was refused */
	uid_t user;           /* the last whose the file tells of, where it does */
	bool has_user;
	uint64_t steps;
	struct reader reader;
	pid_t stalls; /* the file tells that this process lets nobody read */
};

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
	  "Python growth by stacks (default), lines or off" },
	{ 0, "precise", NULL, offsetof(struct growth_probe, precise), "has no meaning any more" },
	{ 0 },
};

/* ---- the processes ---- */

static void add(struct growth_probe *growth, pid_t pid, int64_t now)
{
	if (growth->n == MOST_GROWERS)
		return;
	struct grower *made = grower_new(pid, now);
	struct grower **place =
		made ? array_more(&growth->growers, &growth->n, sizeof *place) : NULL;
	if (place)
		*place = made;
	else if (made)
		grower_free(made);
}

static int open_growth(void *state, struct recording *r)
{
	struct growth_probe *growth = state;
	if (growth->where == WHERE_OFF)
		return -ENODEV;
	if (reader_open(&growth->reader) < 0)
		return -ENODEV;
	growth->purse = ALLOWANCE;
	int64_t now = clock_now();
	add(growth, r->target.pid, now);
	if (growth->n == 0)
		return -ENODEV;
	growth->next = growth->growers[0]->next_find = now + SHORTEST;
	return 0;
}

static void growth_born(void *state, struct recording *r, const struct member *member)
{
	struct growth_probe *growth = state;
	int64_t now = clock_now();
	(void)r;
	for (size_t i = 0; i < growth->n; i++)
		if (growth->growers[i]->pid == member->pid)
			return; /* told again: it has called exec, and is looked for anyhow */
	add(growth, member->pid, now);
	growth->next = now;
}

static void drop(struct growth_probe *growth, size_t at)
{
	polled_free(growth->growers[at]->polled);
	growth->growers[at]->polled = NULL;
	reader_drop(&growth->reader, growth->growers[at]);
	memmove(&growth->growers[at], &growth->growers[at + 1],
		(--growth->n - at) * sizeof *growth->growers);
}

static struct polled_to polled_to(struct growth_probe *growth, struct recording *r)
{
	return (struct polled_to){ &growth->reader, &growth->told, &r->writer,
				   growth->where == WHERE_LINES };
}

static void settle(struct growth_probe *growth, struct recording *r, const struct grower *g)
{
	struct polled_to to = polled_to(growth, r);
	polled_settle(g->polled, g, &to);
}

static void growth_gone(void *state, struct recording *r, const struct member *member)
{
	struct growth_probe *growth = state;
	for (size_t i = growth->n; i-- > 1;)
		if (growth->growers[i]->pid == member->pid) {
			settle(growth, r, growth->growers[i]);
			drop(growth, i);
		}
}

/* ---- a look ---- */

static void put_version(struct recording *r, int version, const char *why)
{
	char text[16];
	snprintf(text, sizeof text, "%d.%d", version >> 8, version & 0xff);
	const struct profile_pair pairs[] = { { "python", text }, { "where", why } };
	profile_put_meta(&r->writer, version ? pairs : pairs + 1, version ? 2 : 1);
}

/* Whose sources a reader of the recording may be shown: its head tells the target's user, and each
 * other that is met is told as well. */
static void note_user(struct growth_probe *growth, struct recording *r, const struct grower *g)
{
	char text[16];
	const struct profile_pair pair = { "uid", text };
	if (g->state != GROWER_READY)
		return;
	if (!growth->has_user)
		growth->user = target_user(&r->target);
	growth->has_user = true;
	if (g->user == growth->user)
		return;
	growth->user = g->user;
	snprintf(text, sizeof text, "%u", (unsigned)g->user);
	profile_put_meta(&r->writer, &pair, 1);
}

/* The first that is found, or refused, is what the file tells of. */
static void note_find(struct growth_probe *growth, struct recording *r, const struct grower *g)
{
	if (g->state == GROWER_REFUSED && growth->refusal == 0) {
		growth->refusal = g->refusal;
		growth->version = g->runtime.version;
	}
	if (growth->is_told)
		return;
	growth->is_told = true;
	if (g->state == GROWER_READY)
		put_version(r, g->runtime.version,
			    growth->where == WHERE_LINES ? "lines" : "stacks");
	else
		put_version(r, g->runtime.version,
			    g->refusal == -EPERM ? "permission" : "unsupported");
}

/* A page of the process, or of a file that it has mapped, does not come: whoever wants it waits. */
static bool is_stalled(struct growth_probe *growth, struct recording *r, int64_t now)
{
	char text[16];
	const struct profile_pair pair = { "unreadable", text };
	int64_t stalls = reader_stalls(&growth->reader, now);
	if (stalls >= LONG && growth->stalls == 0) {
		growth->stalls = growth->reader.reading->grower->pid;
		snprintf(text, sizeof text, "%d", (int)growth->stalls);
		profile_put_meta(&r->writer, &pair, 1);
	}
	return stalls > 0;
}

/* What a process held before it could be looked at has no place. */
static void put_step(struct growth_probe *growth, struct recording *r, struct grower *g,
		     uint64_t bytes, int64_t now)
{
	struct polled_to to = polled_to(growth, r);
	struct sample at = { sampler_epoch_us(&r->sampler, now), sample_umib(bytes) };
	int64_t change = (int64_t)(bytes - g->held);
	if (g->held == 0) {
		crew_look(&g->crew, UINT64_MAX); /* what comes is counted from here */
		profile_put(&r->writer, &(struct profile_record){ .kind = PROFILE_GROW,
								  .increment = at.umib,
								  .at = at,
								  .pid = g->pid });
	} else if (g->polled || (g->polled = polled_new()))
		change = polled_put(g->polled, g, &to, change, at);
	if (change == 0)
		return;
	g->held += (uint64_t)change;
	if (g->held > g->most)
		g->most = g->held;
	growth->moved = now;
	r->growth.steps = ++growth->steps;
}

static void look_at(struct growth_probe *growth, struct recording *r, struct grower *g, int64_t now)
{
	uint64_t bytes;
	if (grower_is_due(g, now) && !reader_find(&growth->reader, g))
		return;
	if (g->state != GROWER_LOOKING && !g->noted) { /* found just now, or by a late reading */
		note_user(growth, r, g);
		note_find(growth, r, g);
	}
	g->noted = g->state != GROWER_LOOKING;
	if (g->state == GROWER_READY && grower_has_moved(g, &bytes))
		put_step(growth, r, g, bytes, now);
}

/* When to look again: by what looks have cost. INT64_MAX: nothing to look at but at the ticks. */
static void plan(struct growth_probe *growth, int64_t now)
{
	int64_t still = now - growth->moved, search = INT64_MAX;
	bool keen = false;
	for (size_t i = 0; i < growth->n; i++)
		keen |= polled_is_keen(growth->growers[i]->polled, now);
	int64_t pause = (still < MOVING || keen) && growth->purse.saved > ALLOWANCE.most / 2 ? BURST
			: still < STILL ? SHORTEST
					: LONGEST;
	int64_t owed = growth->purse.not_before - now;
	bool any = false;
	for (size_t i = 0; i < growth->n; i++) {
		const struct grower *g = growth->growers[i];
		any |= g->state == GROWER_READY;
		if (grower_is_hasty(g) && g->next_find < search)
			search = g->next_find;
	}
	pause = owed > pause ? owed : pause;
	pause = pause < MOST_PAUSE ? pause : MOST_PAUSE;
	growth->next = any ? now + pause : search;
}

static void look(struct growth_probe *growth, struct recording *r, int64_t now)
{
	int64_t before = clock_cpu();
	size_t put = r->writer.used;
	growth->reader.cost = 0;
	for (size_t i = 0; i < growth->n && !is_stalled(growth, r, now); i++)
		look_at(growth, r, growth->growers[i], now);
	if (r->writer.used > put)
		profile_flush(&r->writer);
	purse_pay(&growth->purse, now, clock_cpu() - before + growth->reader.cost + WAKING);
	plan(growth, now);
}

static int64_t growth_wait(const void *state, const struct recording *r, int64_t now)
{
	const struct growth_probe *growth = state;
	(void)r;
	if (growth->next == INT64_MAX)
		return -1;
	return growth->next > now ? growth->next - now : 0;
}

static void growth_look(void *state, struct recording *r, int64_t now)
{
	look(state, r, now);
}

/* Where ticks are so dense that there is no time between them, and for those that are not yet
 * known to be a Python. */
static void growth_sample(void *state, struct recording *r, int64_t now)
{
	struct growth_probe *growth = state;
	bool due = now >= growth->next;
	for (size_t i = 0; i < growth->n && !due; i++)
		due = growth->growers[i]->state == GROWER_LOOKING &&
		      now >= growth->growers[i]->next_find;
	if (due)
		look(growth, r, now);
}

/* ---- the end ---- */

static void end_growth(void *state, struct recording *r)
{
	struct growth_probe *growth = state;
	for (size_t i = 0; i < growth->n; i++)
		settle(growth, r, growth->growers[i]);
}

static void say_refused(const struct growth_probe *growth)
{
	int major = growth->version >> 8, minor = growth->version & 0xff;
	if (growth->refusal == -EPERM)
		warning("the memory of the program may not be read (ptrace is restricted here), so "
			"there are no Python lines");
	else if (growth->version)
		warning("Python %d.%d cannot be looked into, so there are no lines of it; the "
			"versions that can are " OFFSETS_READABLE,
			major, minor);
	else
		warning("this Python does not tell its version, so there are no lines of it");
}

/* On a terminal only, as the closing line; what was asked for and is not there is said anyhow. */
static int growth_say(void *state, const struct recording *r, int status)
{
	const struct growth_probe *growth = state;
	bool watched = isatty(STDERR_FILENO), asked = growth->where != WHERE_AUTO;
	if (r->options.quiet)
		return status;
	if (growth->refusal && (watched || asked))
		say_refused(growth);
	if (growth->stalls)
		warning("the memory of process %d cannot be read, since whoever reads it is made "
			"to wait; its Python lines are missing",
			(int)growth->stalls);
	if (growth->steps > 0 && watched)
		report_summarize(r->path, stderr);
	return status;
}

static void close_growth(void *state)
{
	struct growth_probe *growth = state;
	while (growth->n > 0)
		drop(growth, growth->n - 1);
	reader_close(&growth->reader);
	free(growth->growers);
	told_free(&growth->told);
}

const struct probe probe_growth = {
	.state_size = sizeof(struct growth_probe),
	.options = options,
	.open = open_growth,
	.born = growth_born,
	.gone = growth_gone,
	.sample = growth_sample,
	.wait = growth_wait,
	.look = growth_look,
	.end = end_growth,
	.say = growth_say,
	.close = close_growth,
};
