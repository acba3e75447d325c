#include "recorder/where/grower.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/kernel/clock.h"
#include "recorder/kernel/user.h"
#include "recorder/python/remote.h"

static const int64_t MILLISECOND = 1000000, SECOND = 1000000000;
static const int64_t STARTING = 70000000; /* ns, from one search to the next */
static const uint64_t FAR =
	1 << 20; /* bytes from one fault to the next: huge pages have 2 MiB, mostly */
static const uint64_t LEAST_MOVE = 256 << 10; /* bytes; older kernels count no finer than that */

enum {
	FINEST = 4096, /* and moves of less than so manieth of what is held are noise as well */
	TRIES = 4,     /* to read a stack that moves */
	MOST_FAILURES = 8,
};

/* ---- a Python in it ---- */

struct grower *grower_new(pid_t pid, int64_t now)
{
	struct grower *g = calloc(1, sizeof *g);
	if (!g)
		return NULL;
	g->pid = pid;
	g->crew.pid = pid;
	g->next_find = now;
	g->positions = positions_new();
	if (procfs_open(&g->statm, pid, 0, "statm") == 0)
		return g;
	positions_free(g->positions);
	free(g);
	return NULL;
}

void grower_free(struct grower *g)
{
	procfs_close(&g->statm);
	crew_close(&g->crew);
	codes_free(&g->codes);
	positions_free(g->positions);
	shares_free(&g->shares);
	free(g);
}

void grower_begin_anew(struct grower *g, int64_t now)
{
	codes_free(&g->codes);
	positions_free(g->positions);
	g->positions = positions_new();
	g->state = GROWER_LOOKING;
	g->ran = false;
	g->start = 0;
	g->noted = false;
	g->next_find = now;
	g->pause = 0;
	g->shared = 0;
	g->arrears = (struct arrears){ 0 };
	g->heard = 0;
	g->heir = g->parted = false;
	g->newborn = 0;
	g->shares.n = 0;
	memset(g->states, 0, sizeof g->states);
}

/* What is called python becomes one within milliseconds; what is not may be about to call exec, as
 * a script's shebang does. Either is asked ever more seldom. */
static void plan_search(struct grower *g, int64_t now, bool likely)
{
	if (likely && !g->likely) {
		g->pause = 0;
		g->likely_since = now;
	}
	int64_t most = !likely                              ? 8 * SECOND
		       : now - g->likely_since < SECOND / 2 ? 8 * MILLISECOND
							    : SECOND / 4;
	g->likely = likely;
	g->pause = g->pause ? g->pause * 2 : 2 * MILLISECOND;
	if (g->pause > most)
		g->pause = most;
	g->next_find = now + g->pause;
}

bool grower_is_due(struct grower *g, int64_t now)
{
	if (g->state != GROWER_LOOKING || now < g->next_find)
		return false;
	plan_search(g, now, runtime_is_likely(g->pid) == 1);
	/* Others may have an interpreter inside, which is dearer to find out. */
	return g->likely || !grower_is_hasty(g);
}

void grower_find(struct grower *g)
{
	int r = runtime_find(&g->runtime, g->pid);
	if (r == -EAGAIN && g->pause > STARTING) { /* there is one, which has yet to begin */
		g->next_find -= g->pause - STARTING;
		g->pause = STARTING;
	}
	if (r == -EAGAIN || r == -ENOENT || r == -ESRCH || (r == -EPERM && !g->likely))
		return;
	g->refusal = r;
	g->user = user_of(g->pid);
	g->state = r == 0 ? GROWER_READY : GROWER_REFUSED;
}

bool grower_is_hasty(const struct grower *g)
{
	return g->state == GROWER_LOOKING && g->pause <= 64 * MILLISECOND;
}

/* ---- how much ---- */

static bool has_pages(const struct grower *g, uint64_t *pages)
{
	char text[128];
	return procfs_read(&g->statm, text, sizeof text) > 0 &&
	       procfs_parse_statm(text, pages) == 0 && *pages > 0;
}

/* A burst may take several looks. */
static void note(struct grower *g, uint64_t bytes)
{
	int64_t now = clock_now();
	if (bytes < g->now + LEAST_MOVE / 4) {
		g->still = bytes;
		g->still_at = now;
	}
	g->now = bytes;
	g->now_at = now;
}

bool grower_holds(struct grower *g, uint64_t *bytes)
{
	static long page;
	uint64_t pages;
	if (page == 0)
		page = sysconf(_SC_PAGESIZE);
	if (!has_pages(g, &pages) && (procfs_change_thread(&g->statm) < 0 || !has_pages(g, &pages)))
		return false;
	*bytes = pages * (uint64_t)page;
	note(g, *bytes);
	return true;
}

bool grower_faults(const struct grower *g, uint64_t *faults)
{
	struct procfs file = { .pid = g->pid, .name = "stat", .fd = -1 };
	struct crew_stat stat;
	char text[1024];
	if (procfs_read(&file, text, sizeof text) <= 0 || crew_parse(text, &stat) < 0)
		return false;
	*faults = stat.faults;
	return true;
}

uint64_t grower_least(const struct grower *g)
{
	return g->held / FINEST > LEAST_MOVE ? g->held / FINEST : LEAST_MOVE;
}

bool grower_has_moved(const struct grower *g, uint64_t bytes)
{
	uint64_t moved = bytes > g->held ? bytes - g->held : g->held - bytes;
	uint64_t least = grower_least(g);
	return moved >= least || bytes >= g->most + least / 2;
}

/* Field 9 of stat holds PF_FORKNOEXEC until exec: include/linux/sched.h. */
bool grower_is_forked(const struct grower *g)
{
	enum { FORKED = 0x40 };
	char text[1024];
	unsigned flags = 0;
	if (procfs_once(g->pid, "stat", text, sizeof text) <= 0)
		return false;
	const char *close = strrchr(text, ')');
	return close && sscanf(close + 1, " %*c %*d %*d %*d %*d %*d %u", &flags) == 1 &&
	       (flags & FORKED);
}

bool grower_rests(const struct grower *g, pid_t thread)
{
	struct procfs file = { .pid = g->pid, .thread = thread, .name = "stat", .fd = -1 };
	struct procfs_stat stat;
	char text[1024];
	return procfs_read(&file, text, sizeof text) > 0 && procfs_parse_stat(text, &stat) == 0 &&
	       (stat.state == 'S' || stat.state == 'D');
}

bool grower_is_far(struct grower *g, const struct fault *fault)
{
	size_t place = (size_t)fault->thread % GROWER_ADDRESSES;
	uint64_t before = g->addresses[place].thread == fault->thread ? g->addresses[place].at : 0;
	uint64_t step = fault->address > before ? fault->address - before : before - fault->address;
	g->addresses[place].thread = fault->thread;
	g->addresses[place].at = fault->address;
	return step / FAR >= fault->faults;
}

void grower_map(struct grower *g, uint64_t low, uint64_t high)
{
	size_t i = g->n_maps < GROWER_MAPS ? g->n_maps++ : GROWER_MAPS - 1;
	bool full = g->n_maps == GROWER_MAPS;
	g->maps[i].low = full ? 0 : low;
	g->maps[i].high = full ? UINT64_MAX : high;
}

void grower_know_maps(struct grower *g)
{
	while (g->n_maps > 0) {
		g->n_maps--;
		positions_mapped(g->positions, g->maps[g->n_maps].low, g->maps[g->n_maps].high);
	}
}

/* ---- who ---- */

/* One that was met as no Python's is not asked again each time: that takes all states. */
static void find_states(struct grower *g)
{
	uint64_t states[GROWER_STATES];
	size_t n = runtime_threads(&g->runtime, states, GROWER_STATES);
	for (size_t i = 0; i < n; i++) {
		pid_t thread = runtime_thread_number(&g->runtime, states[i]);
		g->states[(size_t)thread % GROWER_STATES].thread = thread;
		g->states[(size_t)thread % GROWER_STATES].state = states[i];
	}
}

uint64_t grower_find_thread(struct grower *g, pid_t thread)
{
	enum { TRUSTED = 64 };
	size_t place = (size_t)thread % GROWER_STATES;
	if (g->states[place].thread == thread && g->states[place].state == 0 &&
	    ++g->states[place].trusted < g->states[place].limit)
		return 0;
	if (g->states[place].thread == thread && g->states[place].state &&
	    runtime_thread_number(&g->runtime, g->states[place].state) == thread)
		return g->states[place].state;
	bool same = g->states[place].thread == thread && g->states[place].state == 0;
	unsigned limit = same ? 2 * g->states[place].limit : 2;
	g->states[place].thread = 0;
	find_states(g);
	if (g->states[place].thread == thread)
		return g->states[place].state;
	g->states[place].thread = thread;
	g->states[place].state = 0;
	g->states[place].trusted = 0;
	g->states[place].limit = limit < TRUSTED ? limit : TRUSTED;
	return 0;
}

/* ---- where ---- */

void grower_trim(struct grower *g)
{
	codes_trim(&g->codes);
}

static void count_failure(struct grower *g, bool failed)
{
	g->failures = failed ? g->failures + 1 : 0;
	if (g->failures < MOST_FAILURES)
		return;
	g->failures = 0; /* it is no longer what it was: exec */
	g->state = GROWER_LOOKING;
}

void grower_read(struct grower *g, uint64_t thread, struct stack *stack)
{
	int r = -EAGAIN;
	stack->n = 0;
	for (int i = 0; thread && i < TRIES && r == -EAGAIN; i++)
		r = stack_read(&g->runtime, &g->codes, thread, stack);
	stack->lost = thread ? r < 0 && stack->n == 0
			     : remote_check(g->runtime.pid, g->runtime.at) == -ESRCH;
	if (thread)
		count_failure(g, stack->lost);
}

void grower_stack(struct grower *g, uint64_t thread, struct stack *stack)
{
	codes_trim(&g->codes);
	grower_read(g, thread, stack);
	if (!thread)
		count_failure(g, true);
}
