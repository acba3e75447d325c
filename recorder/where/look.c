#include "recorder/where/look.h"

#include <limits.h>
#include <unistd.h>

#include "recorder/kernel/clock.h"
#include "recorder/kernel/exe_link.h"
#include "recorder/where/findings.h"
#include "recorder/where/polled.h"
#include "recorder/where/put.h"

static const int64_t WAKING = 10000; /* ns that a look costs by being woken for it */

/* ns from one writing of what was found to the next, at least: the ticks do so as well. */
static const int64_t FLUSH = 100000000;

/* Growth by more than faults tell is of such pages; by so much more, of little else. */
static const int64_t HUGE_PAGE = 2 << 20;
enum { MOSTLY = 8 };

/* Bytes that a process must hold until its native frames are asked for: most programs end before.
 */
static const uint64_t WORTH_NAMES = 4 << 20, OF_PYTHON = 16 << 20;

/* ---- the faults ---- */

/* Once numbers have begun anew, those of before stand for nothing. */
static void forget_frames(struct growth_probe *growth)
{
	if (growth->round == growth->told.round)
		return;
	growth->round = growth->told.round;
	for (size_t i = 0; i < growth->growers.n; i++) {
		struct shares *shares = &growth->growers.items[i]->shares;
		for (size_t k = 0; k < shares->n; k++)
			shares->items[k].frame = shares->items[k].ticket = 0;
		growth->growers.items[i]->start = 0;
		polled_forget(growth->growers.items[i]->polled);
	}
}

static void learn(struct grower *g, const struct stack *stack, const struct share *share,
		  int64_t now)
{
	if (!g->polled)
		g->polled = polled_new();
	const struct blame_share seen = { .frame = share->frame,
					  .weight = share->faults,
					  .huge = g->few && share->huge > 0 ? now : 0 };
	polled_learn(g->polled, stack, &seen, now);
}

/* The lines that are certain to take memory there, in place of the one that was met. */
static bool share_out(struct grower *g, const struct stack *stack, struct share share)
{
	struct blame_share known[BLAME_MOST];
	size_t n = polled_find(g->polled, stack, share.huge > 0, known);
	uint64_t of = 0, faults = share.faults, huge = share.huge;
	for (size_t i = 0; i < n; i++)
		of += known[i].weight;
	for (size_t i = 0; i < n; i++) {
		uint64_t part = of ? faults * known[i].weight / of : faults;
		share.frame = known[i].frame;
		share.huge = huge ? part : 0;
		share.faults = part;
		faults -= part;
		of -= known[i].weight;
		if (part > 0)
			shares_add(&g->shares, share);
	}
	return n > 0;
}

/* Of one that was met later than it took memory: whose it was is known from others, or it is as it
 * was met, or, where it rests, as if it had not been told. */
static bool is_placed_otherwise(struct grower *g, const struct stack *stack,
				const struct share *share)
{
	/* A huge page takes so long that who runs is met while taking it. */
	if (g->few && share->huge > 0 && !grower_rests(g, share->thread))
		return false;
	if (share_out(g, stack, *share))
		return true;
	if (!grower_rests(g, share->thread))
		return false;
	g->lost = true;
	return true;
}

/* What a Python takes before it runs any code is of no line, and that is known. */
static uint64_t start_of(struct growth_probe *growth, struct recording *r, struct grower *g)
{
	char path[PATH_MAX];
	forget_frames(growth);
	if (g->start == 0 && exe_link(g->pid, path) == 0)
		g->start = told_frame(&growth->told, &r->writer, 0, path, 0, "(start)");
	return g->start;
}

static void add_share(struct growth_probe *growth, struct recording *r, struct grower *g, size_t i,
		      bool placed, int64_t now)
{
	const struct queued *queued = growth->reader.reading->faults[i];
	const struct placed *at = &growth->reader.reading->placed[i];
	struct share share = { .thread = queued->fault.thread,
			       .faults = queued->fault.faults,
			       .huge = queued->huge ? queued->fault.faults : 0,
			       .how = PROFILE_FAULT };
	bool known = placed && at->known != POSITION_NONE;
	g->heard += share.faults;
	if (known)
		share.frame = told_stack(&growth->told, &r->writer, &at->stack,
					 growth->where == WHERE_LINES);
	else if (g->likely && !g->ran)
		share.frame = start_of(growth, r, g);
	g->ran |= known;
	forget_frames(growth);
	if (known)
		polled_saw(g->polled, share.thread, &at->stack);
	if (known && at->known == POSITION_LATE) {
		share.how = PROFILE_LATE;
		if (is_placed_otherwise(g, &at->stack, &share))
			return;
	}
	if (known && (share.how == PROFILE_FAULT || (g->few && share.huge > 0)))
		learn(g, &at->stack, &share, now);
	if (g->seen >= (known && share.frame ? OF_PYTHON : WORTH_NAMES))
		share.ticket = asker_ask(&growth->asker, r, &growth->told, &queued->fault,
					 share.frame, now);
	shares_add(&g->shares, share);
}

/* What a reading used that was given up is free again once it has ended. */
static void return_batch(struct growth_probe *growth)
{
	struct reading *reading = growth->reader.reading;
	while (reading->n_faults > 0)
		queue_return(&growth->room, reading->faults[--reading->n_faults]);
}

static bool take_batch(struct growth_probe *growth, struct grower *g)
{
	struct reading *reading = growth->reader.reading;
	struct queued *taken;
	return_batch(growth);
	while (reading->n_faults < READER_BATCH && (taken = queue_take(&g->queue)))
		reading->faults[reading->n_faults++] = taken;
	growth->queued -= reading->n_faults;
	return reading->n_faults > 0;
}

static uint64_t queued_faults(const struct grower *g)
{
	uint64_t faults = 0;
	for (const struct queued *queued = g->queue.first; queued; queued = queued->next)
		faults += queued->fault.faults;
	return faults;
}

/* What was told is what it held before those faults: much may have come at once. `bytes`: what it
 * holds, 0 where it has gone. */
static void see(struct grower *g, uint64_t bytes)
{
	g->seen = g->held + queued_faults(g) * (uint64_t)sysconf(_SC_PAGESIZE);
	if (bytes > g->seen)
		g->seen = bytes;
}

static void place(struct growth_probe *growth, struct recording *r, struct grower *g, int64_t now)
{
	while (reader_stalls(&growth->reader, now) == 0 && take_batch(growth, g)) {
		if (g->state == GROWER_READY)
			grower_know_maps(g);
		bool placed = g->state == GROWER_READY && reader_place(&growth->reader, g);
		for (size_t i = 0; i < growth->reader.reading->n_faults; i++)
			add_share(growth, r, g, i, placed, now);
	}
	if (reader_stalls(&growth->reader, now) == 0)
		return_batch(growth);
}

/* ---- how much ---- */

/* What a process holds when it is looked at first: of a child that has called no exec, what its
 * parent held; else what it was not seen to take. */
static void meet(struct growth_probe *growth, struct recording *r, struct grower *g, uint64_t bytes,
		 int64_t now)
{
	struct step step = { .bytes = (int64_t)bytes };
	bool target = g->pid == r->target.pid, forked = !target && grower_is_forked(g);
	g->met = true;
	if (growth->events && !forked && r->target.ours)
		return; /* its faults tell it all */
	if (growth->events && !forked)
		grower_faults(g, &g->taken);
	step.how = forked ? PROFILE_INHERITED : PROFILE_POLLED;
	g->heir = forked;
	g->shared = forked ? bytes : 0;
	if (!growth->events)
		crew_look(&g->crew, UINT64_MAX); /* what comes is counted from here */
	put_step(growth, r, g, &step, now);
}

/* What it held as another program is given back; its parent's never was its own. */
static void begin_anew(struct growth_probe *growth, struct recording *r, struct grower *g,
		       int64_t now)
{
	struct step step = { .bytes = -(int64_t)g->held,
			     .how = g->heir ? PROFILE_INHERITED : PROFILE_POLLED };
	put_step(growth, r, g, &step, now);
	grower_begin_anew(g, now);
	g->executed = false;
	g->most = 0;
}

/* What its faults were until now. */
static struct account_of account_of(const struct growth_probe *growth, const struct recording *r,
				    struct grower *g, uint64_t bytes)
{
	int64_t page = sysconf(_SC_PAGESIZE);
	uint64_t before = g->taken;
	bool known = growth->events && grower_faults(g, &g->taken);
	return (struct account_of){ .change = (int64_t)(bytes - g->held),
				    .page = page,
				    .least = (int64_t)grower_least(g),
				    .shared = (int64_t)g->shared,
				    .whole = r->faults.kernel_too && !g->lost,
				    .taken = known ? (int64_t)(g->taken - before) * page : -1,
				    .heard = (int64_t)g->heard * page,
				    .arrears = g->arrears };
}

static void settle(struct growth_probe *growth, struct recording *r, struct grower *g,
		   uint64_t bytes, enum look_why why, int64_t now)
{
	int64_t page = sysconf(_SC_PAGESIZE), least = (int64_t)grower_least(g);
	if (g->parted && bytes > g->shared)
		g->shared = bytes;
	g->parted = false;
	bool moved = grower_has_moved(g, bytes);
	if (!moved && (why == LOOK_FAULTS || shares_bytes(&g->shares, page) < least) &&
	    why != LOOK_END)
		return;
	struct account_of of = account_of(growth, r, g, bytes);
	struct account account = shares_account(&g->shares, &of);
	int64_t brought = shares_bytes(&g->shares, page);
	uint64_t before = g->held;
	g->huge = account.huge || account.other >= HUGE_PAGE;
	g->few = account.huge || account.few;
	if (g->huge)
		growth->huge_at = now;
	put_shares(growth, r, g, &account, now);
	if (grower_has_moved(g, bytes))
		put_polled(growth, r, g, &account, now);
	else
		put_kept(growth, r, g, now);
	g->arrears = shares_arrears(&of, &account, brought, (int64_t)(g->held - before));
	g->heard = 0;
	g->lost = false;
}

/* At a tick what MEM says is known already. */
static bool holds(struct growth_probe *growth, const struct recording *r, struct grower *g,
		  enum look_why why, uint64_t *bytes)
{
	const struct member *m =
		why == LOOK_TICK && growth->events && r->family.source == &source_rss
			? members_find(&r->family, g->pid)
			: NULL;
	if (!m || !m->measured)
		return grower_holds(g, bytes);
	*bytes = m->bytes;
	return true;
}

/* It has grown by far more than the faults that were told would bring: whose they are is settled
 * by that. */
static bool is_huge(const struct grower *g, uint64_t bytes)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	if (bytes < g->held + (uint64_t)HUGE_PAGE)
		return false;
	return (bytes - g->held) / page / MOSTLY >= queued_faults(g);
}

/* ---- a look ---- */

static void find(struct growth_probe *growth, struct recording *r, struct grower *g, int64_t now)
{
	bool due = !growth->events || g->stirred;
	if (due && grower_is_due(g, now)) {
		g->stirred = false;
		if (!reader_find(&growth->reader, g))
			return;
	}
	if (g->state != GROWER_LOOKING && !g->noted) { /* found just now, or by a late reading */
		findings_user(growth, r, g);
		findings_find(growth, r, g);
	}
	g->noted = g->state != GROWER_LOOKING;
}

static void look_at(struct growth_probe *growth, struct recording *r, struct grower *g,
		    enum look_why why, int64_t now)
{
	uint64_t bytes;
	if (growth->events && why == LOOK_FAULTS && !g->queue.first && !g->executed && !g->huge)
		return;
	if (g->executed)
		begin_anew(growth, r, g, now);
	bool there = holds(growth, r, g, why, &bytes);
	find(growth, r, g, now);
	if (!growth->events && g->state != GROWER_READY)
		return;
	if (there && !g->met)
		meet(growth, r, g, bytes, now);
	g->few |= there && !g->lost && is_huge(g, bytes);
	see(g, there ? bytes : 0);
	place(growth, r, g, now);
	if (there)
		settle(growth, r, g, bytes, why, now);
}

void look_at_all(struct growth_probe *growth, struct recording *r, enum look_why why, int64_t now)
{
	int64_t before = clock_cpu();
	size_t put = r->writer.used;
	growth->reader.cost = 0;
	asker_take(&growth->asker, r, &growth->told, now);
	for (size_t i = 0; i < growth->growers.n && !findings_stall(growth, r, now); i++)
		look_at(growth, r, growth->growers.items[i], why, now);
	if (r->writer.used > put && now - growth->flushed_at >= FLUSH) {
		batch_flush(r, now);
		growth->flushed_at = now;
	}
	purse_pay(&growth->purse, now, clock_cpu() - before + growth->reader.cost + WAKING);
}

static uint64_t took_last(const struct grower *g)
{
	int64_t brought = shares_bytes(&g->shares, sysconf(_SC_PAGESIZE));
	return brought > g->arrears.ahead ? (uint64_t)(brought - g->arrears.ahead) : 0;
}

void look_last(struct growth_probe *growth, struct recording *r, struct grower *g, int64_t now)
{
	uint64_t bytes;
	if (!growth->events || reader_stalls(&growth->reader, now) > 0) {
		put_rest(growth, r, g);
		return;
	}
	if (g->executed)
		begin_anew(growth, r, g, now);
	bool there = grower_holds(g, &bytes);
	see(g, there ? bytes : 0);
	place(growth, r, g, now);
	if (!there) /* what it took last is all that is known */
		bytes = g->held + took_last(g);
	settle(growth, r, g, bytes, LOOK_END, now);
	put_rest(growth, r, g);
}

void look_close(struct growth_probe *growth)
{
	if (growth->reader.reading && reader_stalls(&growth->reader, clock_now()) == 0)
		return_batch(growth);
}
