/* How many descendants may have come and gone unseen, where the kernel does not tell of each: at
 * most as many as there were tasks started meanwhile by anybody, threads included, less those that
 * are known. A bound from above, and said to be one. */
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
	uint64_t started; /* tasks, on the machine, since it was booted */
	pid_t newest;     /* pid of our namespace */
	uint64_t target;  /* 1: it was started since */
	uint64_t most;    /* the answer */
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
	u->started = count_started();
	u->newest = find_newest();
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
	if (u->target == 0 && is_wanted(r))
		begin(u);
}

static int unseen_open(void *state, struct recording *r)
{
	(void)state;
	return is_wanted(r) ? 0 : -1;
}

/* Pids are given out in turn, each namespace its own: that counts no stranger of another container.
 * Once round at most, since so many were not started. */
static uint64_t count_pids(const struct unseen *u, uint64_t started)
{
	char text[32];
	int64_t all = procfs_once(0, "sys/kernel/pid_max", text, sizeof text) > 0 ? atoll(text) : 0;
	int64_t range = all - RESERVED, newest = find_newest();
	if (range <= 0 || started >= (uint64_t)range || newest == 0 || u->newest == 0)
		return started;
	uint64_t given = (uint64_t)(newest - u->newest + (newest < u->newest ? range : 0));
	return given < started ? given : started;
}

static void unseen_end(void *state, struct recording *r)
{
	struct unseen *u = state;
	const struct family *f = &r->family;
	char text[32];
	if (r->silent && !family_is_whole(f)) /* those of the time since then count as well */
		return;
	uint64_t now = count_started(), known = f->descendants + u->target + r->helpers;
	if (!family_is_whole(f) && f->lost > 0)
		u->most = f->lost;
	else if (!family_is_whole(f) && now > u->started)
		u->most = count_pids(u, now - u->started);
	if (f->lost == 0)
		u->most -= u->most < known ? u->most : known;
	snprintf(text, sizeof text, "%" PRIu64, u->most);
	const struct profile_pair pair = { "unseen", text };
	profile_put_meta(&r->writer, &pair, 1);
}

static int unseen_say(void *state, const struct recording *r, int status)
{
	const struct unseen *u = state;
	if (u->most > 0 && !r->options.quiet && isatty(STDERR_FILENO))
		notice("up to %" PRIu64 " short-lived children may have been missed: this system "
		       "does not let us hear of each",
		       u->most);
	return status;
}

const struct probe probe_unseen = {
	.state_size = sizeof(struct unseen),
	.prepare = unseen_prepare,
	.started = unseen_started,
	.open = unseen_open,
	.end = unseen_end,
	.say = unseen_say,
};
