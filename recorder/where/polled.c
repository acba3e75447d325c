#include "recorder/where/polled.h"

#include <stdlib.h>
#include <string.h>

#include "recorder/kernel/clock.h"

enum {
	KEPT = 16, /* of growth whose line has not been seen yet … */
	PAGE = 4096,
	HEAVIEST = 8192, /* pages that one look weighs at most, for what was seen to grow */
	EXPECTED = 2,    /* faults during a reading: that none came is no chance then */
	HUGE = 8,        /* pages that a fault brings where many of them bring huge ones */
};
static const int64_t SOON = 3000000;        /* ns, from one look to the next */
static const int64_t KEEN = 150000000;      /* ns */
static const int64_t PATIENCE = 3000000000; /* … ns */

/* Who takes huge pages is seen to within so long after, and before; ns. */
static const int64_t MAY_PROVE = 100000000, JUST_NOW = 50000000;

struct late {
	struct sample at;
	int64_t change, since;
	pid_t thread;
	struct blame_trail trail;
	uint64_t frame; /* where nobody is ever seen; 0: no place is known */
	bool rests, huge;
};

struct polled {
	struct blame blame;
	struct {
		pid_t thread;
		int64_t at;
		struct blame_trail trail;
	} before[CREW_CHOSEN]; /* of the last looks, by the thread's number */
	struct late late[KEPT];
	size_t n_late;
	size_t told;      /* numbers of frames that there were; fewer: they have begun anew */
	struct sample at; /* of the last look … */
	int64_t seen_at, seen_before; /* … monotonic ns, and of the one before */
	int64_t missed;               /* monotonic ns: a burst was over when last looked */
	bool huge;                    /* what it has grown by since were huge pages */
};

/* What one look has seen of one thread. */
struct sight {
	bool grew;  /* it took pages while its stack was read */
	bool rests; /* it sleeps, or goes on with something else than what grew */
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
	for (size_t i = 0; i < p->n_late; i++)
		p->late[i].frame = 0;
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

/* ---- what is told ---- */

static void put(const struct polled_to *to, pid_t pid, pid_t thread, uint64_t frame, int64_t change,
		struct sample at)
{
	profile_put(to->writer, &(struct profile_record){
					.kind = PROFILE_GROW,
					.how = PROFILE_POLLED,
					.increment = sample_umib_change(change),
					.at = at,
					.pid = pid,
					.thread = thread,
					.frame = frame,
				});
}

static void put_shares(const struct polled_to *to, pid_t pid, const struct late *late,
		       const struct blame_share *shares, size_t n)
{
	uint64_t sum = 0;
	int64_t rest = late->change;
	for (size_t i = 0; i < n; i++)
		sum += shares[i].weight;
	for (size_t i = 0; i < n; i++) {
		double part = (double)shares[i].weight / (double)sum;
		int64_t own = i + 1 < n ? (int64_t)((double)late->change * part) : rest;
		put(to, pid, late->thread, shares[i].frame, own, late->at);
		rest -= own;
	}
}

/* What cannot be told by anybody's line is told by what it certainly was below, if that is known.
 */
static void put_late(const struct polled_to *to, pid_t pid, const struct late *late)
{
	put(to, pid, late->frame ? late->thread : 0, late->frame, late->change, late->at);
}

static void drop_late(struct polled *p, size_t i)
{
	memmove(&p->late[i], &p->late[i + 1], (--p->n_late - i) * sizeof *p->late);
}

/* What rests was over with something that its caller may have called; what runs is not. */
static size_t find(const struct polled *p, const struct late *late,
		   struct blame_share shares[BLAME_MOST])
{
	size_t n = late->rests ? blame_find(&p->blame, &late->trail, shares)
			       : blame_find_own(&p->blame, &late->trail, shares);
	int64_t since = late->rests ? 1 : late->since - JUST_NOW;
	return late->huge ? blame_keep_huge(shares, n, since) : n;
}

/* The line that ran is the one, if it is known to grow. Huge pages are few, and bring few faults
 * that are told: so it is as well if nobody else was seen to take any about then. How many are in
 * `shares`; 0: it is to be waited for. */
static size_t judge(const struct polled *p, const struct late *late, int64_t now,
		    struct blame_share shares[BLAME_MOST])
{
	size_t n = find(p, late, shares);
	bool ran = late->frame && !late->rests;
	if (!ran || (!blame_has(shares, n, late->frame) &&
		     (n > 0 || !late->huge || now - late->since < MAY_PROVE)))
		return n;
	shares[0] = (struct blame_share){ .frame = late->frame, .weight = 1 };
	return 1;
}

/* Nobody was seen to take huge pages there, and it is too late to wait: the only line of that
 * function, or of its caller, that was seen to take any is the likeliest. */
static size_t last_resort(const struct polled *p, const struct late *late,
			  struct blame_share shares[BLAME_MOST])
{
	size_t n = late->huge && late->rests ? blame_find_own(&p->blame, &late->trail, shares) : 0;
	return n == 1 ? 1 : 0;
}

/* Somebody has been seen since, or nobody has for long. They are told of the moment of that, since
 * a recording goes on in time. */
static void review(struct polled *p, pid_t pid, const struct polled_to *to, int64_t now)
{
	struct blame_share shares[BLAME_MOST];
	for (size_t i = p->n_late; i-- > 0;) {
		p->late[i].at = p->at;
		size_t n = judge(p, &p->late[i], now, shares);
		bool over = now - p->late[i].since > PATIENCE;
		if (n == 0 && over)
			n = last_resort(p, &p->late[i], shares);
		if (n > 0)
			put_shares(to, pid, &p->late[i], shares, n);
		else if (over)
			put_late(to, pid, &p->late[i]);
		else
			continue;
		drop_late(p, i);
	}
}

void polled_settle(struct polled *p, const struct grower *g, const struct polled_to *to,
		   struct sample at)
{
	if (!p)
		return;
	p->at = at;
	review(p, g->pid, to, INT64_MAX);
}

static void keep(struct polled *p, pid_t pid, const struct polled_to *to, const struct late *late)
{
	for (size_t i = 0; i < p->n_late; i++)
		if (p->late[i].thread == late->thread && p->late[i].frame == late->frame &&
		    p->late[i].huge == late->huge &&
		    p->late[i].trail.places[0] == late->trail.places[0]) {
			p->late[i].change += late->change;
			return;
		}
	if (p->n_late == KEPT) {
		p->late[0].at = p->at;
		put_late(to, pid, &p->late[0]);
		drop_late(p, 0);
	}
	p->late[p->n_late++] = *late;
}

/* ---- what is seen ---- */

/* Numbers of frames that begin anew mean others from then on. */
static uint64_t tell(struct polled *p, pid_t pid, const struct polled_to *to,
		     const struct stack *stack)
{
	uint64_t frame = told_stack(to->told, to->writer, stack, to->is_short);
	if (to->told->frames.n < p->told) {
		polled_forget(p);
		review(p, pid, to, INT64_MAX);
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
	if (p->before[place].thread == thread)
		common = blame_common(&p->before[place].trail, &s->trail);
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
 * before it. */
static void charge_unseen(struct polled *p, pid_t pid, const struct polled_to *to,
			  const struct sight *s, struct late *late)
{
	struct blame_share shares[BLAME_MOST];
	late->trail = s->trail;
	late->rests = s->rests;
	late->frame = s->rests ? s->common : s->frame;
	size_t n = judge(p, late, late->since, shares);
	if (n > 0)
		put_shares(to, pid, late, shares, n);
	else
		keep(p, pid, to, late);
}

static void charge(struct polled *p, struct grower *g, const struct polled_to *to,
		   const struct crew_member *member, struct late *late)
{
	struct sight s;
	const struct reading *reading = to->reader->reading;
	if (g->state != GROWER_READY || reading->stack.n == 0) {
		bool has_none = g->state != GROWER_READY || reading->foreign;
		put(to, g->pid, has_none ? member->thread : 0, 0, late->change, late->at);
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
	put(to, g->pid, late->thread, s.frame, late->change, late->at);
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
	p->at = at;
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
	review(p, g->pid, to, now);
	return change - rest;
}
