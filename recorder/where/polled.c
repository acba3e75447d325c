#include "recorder/where/polled.h"

#include <stdlib.h>
#include <string.h>

#include "recorder/kernel/clock.h"
#include "recorder/where/late.h"

enum {
	PAGE = 4096,
	HEAVIEST = 8192, /* pages that one look weighs at most, for what was seen to grow */
	EXPECTED = 2,    /* faults during a reading: that none came is no chance then */
	HUGE = 8,        /* pages that a fault brings where many of them bring huge ones */
};
static const int64_t SOON = 3000000;   /* ns, from one look to the next */
static const int64_t KEEN = 150000000; /* ns */

struct polled {
	struct blame blame;
	struct {
		pid_t thread;
		int64_t at;
		struct blame_trail trail;
	} before[CREW_CHOSEN]; /* of the last looks, by the thread's number */
	struct lates late;
	size_t told; /* numbers of frames that there were; fewer: they have begun anew */
	int64_t seen_at, seen_before; /* monotonic ns: of the last look, and the one before */
	int64_t missed;               /* monotonic ns: a burst was over when last looked */
	bool huge;                    /* what it has grown by since were huge pages */
	bool main_seen;               /* where the main thread stands, of a look at least */
};

/* What one look has seen of one thread. */
struct sight {
	bool grew;  /* it took pages while its stack was read */
	bool rests; /* it sleeps, or goes on with something else than what grew */
	bool began; /* it was elsewhere at the last look, as a Python is that starts */
	struct blame_trail trail;
	uint64_t frame, common; /* told numbers: of all of it; of what the look before has too */
};

struct polled *polled_new(void)
{
	return calloc(1, sizeof(struct polled));
}

void polled_free(struct polled *polled)
{
	free(polled);
}

bool polled_is_keen(const struct polled *p, int64_t now)
{
	return p && p->missed > 0 && now - p->missed < KEEN;
}

/* ---- what is certain ---- */

static uint64_t weigh(uint64_t pages)
{
	return pages < HEAVIEST ? pages : HEAVIEST;
}

void polled_learn(struct polled *p, const struct stack *stack, const struct blame_share *seen,
		  int64_t now)
{
	struct blame_trail trail;
	struct blame_share share = *seen;
	share.weight = weigh(seen->weight);
	blame_trail(&trail, stack);
	if (p)
		blame_learn(&p->blame, &trail, &share, now);
}

void polled_forget(struct polled *p)
{
	if (!p)
		return;
	memset(&p->blame, 0, sizeof p->blame);
	lates_forget(&p->late);
}

size_t polled_find(const struct polled *p, const struct stack *stack, bool huge,
		   struct blame_share shares[BLAME_MOST])
{
	struct blame_trail trail;
	if (!p || stack->n == 0)
		return 0;
	blame_trail(&trail, stack);
	size_t n = blame_find_own(&p->blame, &trail, shares);
	return huge ? blame_keep_huge(shares, n, 1) : n;
}

void polled_saw(struct polled *p, pid_t thread, const struct stack *stack)
{
	if (p && p->late.n > 0)
		lates_leave(&p->late, thread, blame_root(stack));
}

void polled_review(struct polled *p, const struct grower *g, const struct polled_to *to,
		   struct sample at)
{
	if (!p || p->late.n == 0)
		return;
	p->late.at = at;
	lates_review(&p->late, &p->blame, to->writer, g->pid, clock_now());
}

void polled_settle(struct polled *p, const struct grower *g, const struct polled_to *to,
		   struct sample at)
{
	if (!p)
		return;
	p->late.at = at;
	lates_review(&p->late, &p->blame, to->writer, g->pid, INT64_MAX);
}

/* ---- what is seen ---- */

/* Numbers of frames that begin anew mean others from then on. */
static uint64_t tell(struct polled *p, pid_t pid, const struct polled_to *to,
		     const struct stack *stack)
{
	uint64_t frame = told_stack(to->told, to->writer, stack, to->is_short);
	if (to->told->frames.n < p->told) {
		polled_forget(p);
		lates_review(&p->late, &p->blame, to->writer, pid, INT64_MAX);
	}
	p->told = to->told->frames.n;
	return frame;
}

static uint64_t tell_from(struct polled *p, pid_t pid, const struct polled_to *to,
			  struct stack *stack, size_t level)
{
	if (level >= stack->n)
		return 0;
	memmove(stack->places, &stack->places[level], (stack->n - level) * sizeof *stack->places);
	stack->n -= level;
	return tell(p, pid, to, stack);
}

/* So many faults would have come while its stack was read, had it gone on as it did before. */
static bool would_show(uint64_t faults, int64_t during, int64_t reading)
{
	return during > 0 && (double)faults * (double)reading / (double)during >= EXPECTED;
}

static bool is_over(const struct polled *p, const struct grower *g, const struct reading *reading)
{
	uint64_t faults = reading->member.fresh, pages = (g->now - g->still) / PAGE;
	int64_t since = p->seen_before;
	if (reading->ahead > 0)
		return would_show(reading->ahead, reading->waited, reading->took);
	if (g->still_at > since) {
		since = g->still_at;
		faults = faults < pages ? faults : pages;
	}
	return would_show(faults, g->now_at - since, reading->waited + reading->took);
}

/* It stood there at the last look, which was just now, and the process has grown ever since. */
static bool is_steady(const struct polled *p, const struct grower *g, size_t place, pid_t thread,
		      const struct blame_trail *trail)
{
	return p->before[place].thread == thread && trail->n > 0 &&
	       p->before[place].trail.depth == trail->depth &&
	       p->before[place].trail.places[0] == trail->places[0] &&
	       p->before[place].at > g->still_at && p->seen_at - p->before[place].at < SOON;
}

static void see(struct polled *p, struct grower *g, const struct polled_to *to, struct sight *s)
{
	struct reading *reading = to->reader->reading;
	pid_t thread = reading->thread;
	size_t place = (size_t)thread % CREW_CHOSEN;
	blame_trail(&s->trail, &reading->stack);
	s->grew = reading->runs &&
		  (reading->meanwhile > 0 || is_steady(p, g, place, thread, &s->trail));
	bool over = !p->huge && is_over(p, g, reading); /* of huge pages few faults come anyhow */
	s->rests = !s->grew && (!reading->runs || over);
	size_t common = s->trail.n;
	bool known = p->before[place].thread == thread, main = thread == g->pid;
	if (known)
		common = blame_common(&p->before[place].trail, &s->trail);
	uint64_t root = known ? p->before[place].trail.root : s->trail.root;
	s->began = root != s->trail.root || (main && !p->main_seen && !g->heir);
	p->main_seen |= main;
	lates_leave(&p->late, thread, s->trail.root);
	p->before[place].thread = thread;
	p->before[place].trail = s->trail;
	p->before[place].at = p->seen_at;
	s->frame = tell(p, g->pid, to, &reading->stack);
	s->common = s->rests && common < s->trail.n
			    ? tell_from(p, g->pid, to, &reading->stack, common)
			    : 0;
}

/* ---- who is charged ---- */

/* One that ran there, or rests, and was not seen to grow: who was, below the same function, goes
 * before it. Of one that has only come to that function, who will be seen there says nothing. */
static void charge_unseen(struct polled *p, pid_t pid, const struct polled_to *to,
			  const struct sight *s, struct late *late)
{
	struct blame_share shares[BLAME_MOST];
	late->trail = s->trail;
	late->rests = s->rests;
	late->frame = s->rests ? s->common : s->frame;
	size_t n = late_judge(late, &p->blame, late->since, shares);
	if (n > 0)
		late_share(late, to->writer, pid, shares, n);
	else if (s->began && s->rests && !late->huge)
		late_tell(late, to->writer, pid);
	else
		lates_keep(&p->late, to->writer, pid, late);
}

static void charge(struct polled *p, struct grower *g, const struct polled_to *to,
		   const struct crew_member *member, struct late *late)
{
	struct sight s;
	const struct reading *reading = to->reader->reading;
	if (g->state != GROWER_READY || reading->stack.n == 0) {
		bool has_none = g->state != GROWER_READY || reading->foreign;
		late_put(to->writer, g->pid, has_none ? member->thread : 0, 0, late->change,
			 late->at);
		return;
	}
	see(p, g, to, &s);
	if (s.rests)
		p->missed = p->seen_at;
	if (late->change > 0 && !s.grew) {
		charge_unseen(p, g->pid, to, &s, late);
		return;
	}
	const struct blame_share seen = { .frame = s.frame,
					  .weight = weigh(member->fresh + 1),
					  .huge = p->huge ? p->seen_at : 0 };
	if (late->change > 0)
		blame_learn(&p->blame, &s.trail, &seen, p->seen_at);
	late_put(to->writer, g->pid, late->thread, s.frame, late->change, late->at);
}

static uint64_t faults_of(struct crew_member *const *members, size_t n)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += members[i]->fresh;
	return sum;
}

int64_t polled_put(struct polled *p, struct grower *g, const struct polled_to *to, int64_t change,
		   struct sample at)
{
	struct crew_member *chosen[CREW_CHOSEN];
	int64_t rest = change, now = clock_now();
	if (!p)
		return change;
	p->late.at = at;
	p->seen_before = p->seen_at;
	p->seen_at = now;
	uint64_t pages = change > 0 ? (uint64_t)change / PAGE : 0;
	uint64_t sum = crew_look(&g->crew, pages / 2);
	size_t n = crew_choose(&g->crew, change > 0, sum, chosen);
	p->huge = to->huge || (pages > HUGE && sum > 0 && pages / HUGE >= sum);
	for (size_t i = 0; i < n; i++) {
		uint64_t faults = chosen[i]->fresh, left = faults_of(&chosen[i], n - i);
		double part = left ? (double)faults / (double)left : 1;
		if (g->state == GROWER_READY && !reader_thread(to->reader, g, chosen[i], now))
			break;
		struct late late = { at,         i + 1 < n ? (int64_t)((double)rest * part) : rest,
				     now,        chosen[i]->thread,
				     { .n = 0 }, 0,
				     false,      p->huge };
		charge(p, g, to, chosen[i], &late);
		rest -= late.change;
	}
	lates_review(&p->late, &p->blame, to->writer, g->pid, now);
	return change - rest;
}
