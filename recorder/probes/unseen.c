/* How many descendants may have come and gone unseen, where the kernel does not tell of each: at
 * most as many as there were tasks started meanwhile by anybody, threads included, less those that
 * are known. A bound from above, and said to be one; where nobody may count (a container's /proc
 * can be without the counters, or have some that stand still) it is not known, and not 0. And how
 * many were there for all to see, but not to be read. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/kernel/procfs.h"
#include "recorder/recording/recording.h"
#include "share/fault.h"

enum { RESERVED = 300 }; /* pids that are not given out a second time: RESERVED_PIDS */

struct unseen {
	uint64_t started; /* tasks, on the machine, since it was booted; 0: not told */
	pid_t newest;     /* pid of our namespace; 0: not told */
	bool begun;
	uint64_t target; /* 1: it was started since */
	bool sampled;
	struct crowd {                    /* how many can have lived at once */
		uint64_t at_first;        /* members, when the stretch began */
		uint64_t before, started; /* pids given out: in the stretch before, and in it */
		uint64_t most;
		int64_t since; /* monotonic ns */
		pid_t newest;
		bool lost; /* pids could not be counted */
	} crowd;
	uint64_t older; /* descendants that were there before */
};

/* "processes", of which threads are some, after the lines of CPUs and interrupts: proc_stat(5). */
static uint64_t count_started(void)
{
	enum { SIZE = 1 << 20 };
	uint64_t started = 0;
	char *text = malloc(SIZE);
	if (text && procfs_once(0, "stat", text, SIZE) > 0) {
		const char *line = strstr(text, "\nprocesses ");
		started = line ? strtoull(line + strlen("\nprocesses "), NULL, 10) : 0;
	}
	free(text);
	return started;
}

static pid_t find_newest(void)
{
	char text[256];
	pid_t pid = 0;
	if (procfs_once(0, "loadavg", text, sizeof text) <= 0 ||
	    procfs_parse_newest(text, &pid) < 0)
		return 0;
	return pid;
}

static bool is_wanted(const struct recording *r)
{
	return r->family.reach != FAMILY_ALONE;
}

static void begin(struct unseen *u)
{
	u->begun = true;
	u->started = count_started();
	u->newest = u->crowd.newest = find_newest();
	u->crowd.at_first = 1;
}

/* A program that we start may have children before anything else can be done here. */
static void unseen_prepare(void *state, struct recording *r)
{
	struct unseen *u = state;
	if (is_wanted(r))
		begin(u);
	u->target = 1;
}

static void unseen_started(void *state, struct recording *r)
{
	struct unseen *u = state;
	if (!u->begun && is_wanted(r))
		begin(u);
}

static int64_t range_of_pids(void)
{
	char text[32];
	int64_t all = procfs_once(0, "sys/kernel/pid_max", text, sizeof text) > 0 ? atoll(text) : 0;
	return all - RESERVED;
}

/* Pids are given out in turn, each namespace its own: that counts no stranger of another container.
 * Once round at most, since so many were not started. */
static uint64_t count_pids(const struct unseen *u, uint64_t started)
{
	int64_t range = range_of_pids(), newest = find_newest();
	if (range <= 0 || started >= (uint64_t)range || newest == 0 || u->newest == 0)
		return started;
	uint64_t given = (uint64_t)(newest - u->newest + (newest < u->newest ? range : 0));
	return given < started ? given : started;
}

/* ---- how many at once ---- */

static void count_crowd(struct crowd *c, pid_t newest)
{
	int64_t given = newest - c->newest;
	if (given < 0)
		given += range_of_pids();
	c->lost |= newest <= 0 || c->newest <= 0 || given < 0;
	c->newest = newest;
	c->started += c->lost ? 0 : (uint64_t)given;
	uint64_t now = c->at_first + c->before + c->started;
	c->most = now > c->most ? now : c->most;
}

/* Who was there when a stretch began, and who was started in it. A newcomer may be left out of the
 * lists for a while (newcomers.c): those of the stretch before count as well. */
static void follow_crowd(struct crowd *c, const struct family *f, int64_t now)
{
	static const int64_t STRETCH = 100000000; /* ns */
	count_crowd(c, f->newest_pid);
	if (c->since != 0 && now - c->since < STRETCH)
		return;
	c->since = now;
	c->at_first = f->n;
	c->before = c->started;
	c->started = 0;
}

/* Those of a process that ran already are found at the first look: they were not started since. */
static void unseen_sample(void *state, struct recording *r, int64_t now)
{
	struct unseen *u = state;
	if (!is_wanted(r))
		return;
	if (!u->sampled && !r->target.ours)
		u->older = r->family.descendants;
	u->sampled = true;
	if (r->target.ours && !family_is_whole(&r->family))
		follow_crowd(&u->crowd, &r->family, now);
}

/* A count that rose by less than was started before our eyes is no count. */
static struct unseen_result count(struct unseen *u, const struct recording *r)
{
	uint64_t now = count_started(), started = now - u->started;
	uint64_t known = r->family.descendants - u->older + u->target + r->helpers;
	if (family_is_whole(&r->family))
		return (struct unseen_result){ .known = true };
	/* Those of the time since it fell silent count as well, and nobody looked. */
	if (r->silent || u->started == 0 || now < u->started || started < known)
		return (struct unseen_result){ .known = false };
	started = count_pids(u, started);
	count_crowd(&u->crowd, find_newest());
	return (struct unseen_result){ true, started > known ? started - known : 0,
				       u->crowd.lost ? 0 : u->crowd.most };
}

/* Without an `open`: it is to be told of who ended before anything was opened as well. */
static void unseen_end(void *state, struct recording *r)
{
	char most[32] = "unknown", hidden[32];
	if (!is_wanted(r))
		return;
	r->unseen = count(state, r);
	if (r->unseen.known)
		snprintf(most, sizeof most, "%" PRIu64, r->unseen.most);
	snprintf(hidden, sizeof hidden, "%" PRIu64, r->family.hidden);
	const struct profile_pair unseen = { "unseen", most };
	const struct profile_pair others = { "hidden", hidden }, twice = { "twice", "maybe" };
	profile_put_meta(&r->writer, &unseen, 1);
	if (r->family.hidden > 0)
		profile_put_meta(&r->writer, &others, 1);
	if (r->family.unsure)
		profile_put_meta(&r->writer, &twice, 1);
}

static void say_hidden(const struct recording *r)
{
	if (r->family.hidden > 0 && r->family.starved)
		warning("%" PRIu64
			" of the processes that the program started could not be looked at (no "
			"descriptors were left): what they held is in no figure; raise ulimit -n",
			r->family.hidden);
	else if (r->family.hidden > 0)
		warning("%" PRIu64
			" of the processes that the program started may not be looked at "
			"(another user's, and /proc hides them): what they held is in no figure; "
			"record as root to count them",
			r->family.hidden);
}

static int unseen_say(void *state, const struct recording *r, int status)
{
	const struct unseen_result *u = &r->unseen;
	(void)state;
	if (!is_wanted(r))
		return status;
	say_hidden(r);
	if (r->options.quiet || !isatty(STDERR_FILENO))
		return status;
	if (!u->known)
		notice("short-lived children may have been missed, nobody knows how many: this "
		       "system does not let us hear of each, nor count them");
	else if (u->most > 0)
		notice("up to %" PRIu64 " short-lived children may have been missed: this system "
		       "does not let us hear of each",
		       u->most);
	return status;
}

const struct probe probe_unseen = {
	.state_size = sizeof(struct unseen),
	.prepare = unseen_prepare,
	.started = unseen_started,
	.sample = unseen_sample,
	.end = unseen_end,
	.say = unseen_say,
};
