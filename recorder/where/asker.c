#include "recorder/where/asker.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "recorder/kernel/clock.h"
#include "recorder/where/stitch.h"
#include "share/array.h"
#include "share/pages.h"

/* The helper may have a fiftieth of a CPU, and what it needs to begin. */
static const struct purse ALLOWANCE = { .share = 50, .most = 300000000 };

static const int64_t FRESH = 1000000000;    /* ns for which an answer serves others too */
static const int64_t PATIENCE = 2000000000; /* ns, at the end */
enum { MOST_WAITING = 4096, CROWD = 8 };

/* Of what runs Python the line is known, and what it has called is mostly the same: it is asked
 * seldom, but for the first few. */
static const int64_t SELDOM = 50000000; /* ns */
enum { FIRST_FRAMED = 16 };

/* ---- questions ---- */

static struct asked_place *place_of(struct asker *asker, pid_t thread, uint64_t frame)
{
	size_t hash = ((uint64_t)thread * 31 + frame) * 0x9e3779b97f4a7c15u >> 32;
	return &asker->asked_of->places[hash % ASKER_PLACES];
}

/* NULL: it was too long ago. */
static struct question *find(struct asker *asker, uint64_t ticket)
{
	struct question *question =
		asker->asked_of ? &asker->asked_of->questions[ticket % ASKER_KEPT] : NULL;
	return ticket > 0 && question && question->ticket == ticket ? question : NULL;
}

static bool may_ask(struct asker *asker, const struct fault *fault, uint64_t frame, int64_t now)
{
	if (asker->off || !fault->stack || !fault->registers || (frame && now < asker->next_framed))
		return false;
	if (!asker->tried) {
		asker->tried = true;
		asker->purse = ALLOWANCE;
		asker->native = native_open();
	}
	if (!asker->native || now < asker->purse.not_before)
		return false;
	/* The more is unanswered, the fewer: so that all of a burst have a chance. */
	uint64_t every = 1 + (asker->asked - asker->answered) / CROWD;
	return asker->tries++ % every == 0;
}

static bool ask(struct asker *asker, struct recording *r, const struct fault *fault, uint64_t frame,
		int64_t now)
{
	if (!may_ask(asker, fault, frame, now) ||
	    !native_ask(asker->native, asker->asked + 1, fault))
		return false;
	asker->asked++;
	if (frame && ++asker->framed > FIRST_FRAMED)
		asker->next_framed = now + SELDOM;
	pid_t helper = native_pid(asker->native);
	if (helper > 0 && helper != asker->helper) {
		recording_help(r, helper);
		asker->spent = 0;
	}
	asker->helper = helper;
	return true;
}

/* Of what a thread did at the same place just now. */
static uint64_t stand_in(struct asker *asker, struct asked_place *place, const struct fault *fault,
			 uint64_t frame, unsigned round, int64_t now)
{
	size_t n = place->n < ASKER_RECENT ? place->n : ASKER_RECENT;
	for (size_t i = 0; i < n; i++) {
		const struct question *q = find(asker, place->recent[place->turn++ % n]);
		if (q && q->thread == fault->thread && q->frame == frame && q->round == round &&
		    now - q->at < FRESH)
			return q->ticket;
	}
	return 0;
}

uint64_t asker_ask(struct asker *asker, struct recording *r, const struct told *told,
		   const struct fault *fault, uint64_t frame, int64_t now)
{
	if (!asker->asked_of)
		asker->asked_of = pages_new(sizeof *asker->asked_of);
	if (!asker->asked_of)
		return 0;
	struct asked_place *place = place_of(asker, fault->thread, frame);
	if (!ask(asker, r, fault, frame, now))
		return stand_in(asker, place, fault, frame, told->round, now);
	place->recent[place->n++ % ASKER_RECENT] = asker->asked;
	asker->asked_of->questions[asker->asked % ASKER_KEPT] =
		(struct question){ asker->asked, now, fault->thread, frame, frame, told->round };
	return asker->asked;
}

/* ---- records ---- */

static bool keep(struct asker *asker, const struct told *told, const struct profile_record *record,
		 uint64_t ticket)
{
	struct waiting *place =
		asker->n_waiting < MOST_WAITING
			? array_more(&asker->waiting, &asker->n_waiting, sizeof *place)
			: NULL;
	if (place)
		*place = (struct waiting){ ticket, told->round, *record };
	return place != NULL;
}

void asker_put(struct asker *asker, struct recording *r, const struct told *told,
	       const struct profile_record *record, uint64_t ticket)
{
	struct profile_record named = *record;
	if (ticket > asker->answered && keep(asker, told, record, ticket))
		return;
	const struct question *question = find(asker, ticket);
	if (question && question->round == told->round)
		named.frame = question->named;
	profile_put(&r->writer, &named);
}

/* ---- answers ---- */

/* Numbers of frames that were told before all began anew mean nothing any more. */
static void write_one(struct recording *r, struct told *told, struct waiting *waiting,
		      const struct native_answer *answer)
{
	if (waiting->round != told->round)
		waiting->record.frame = 0;
	if (answer)
		waiting->record.frame = stitch(told, &r->writer, waiting->record.frame, answer);
	profile_put(&r->writer, &waiting->record);
}

static void write_those(struct asker *asker, struct recording *r, struct told *told,
			const struct native_answer *answer)
{
	size_t left = 0;
	for (size_t i = 0; i < asker->n_waiting; i++) {
		struct waiting *waiting = &asker->waiting[i];
		if (!answer || waiting->ticket == answer->ticket)
			write_one(r, told, waiting, answer);
		else
			asker->waiting[left++] = *waiting;
	}
	if (left == 0) {
		free(asker->waiting);
		asker->waiting = NULL;
	}
	asker->n_waiting = left;
}

static void note(struct asker *asker, struct recording *r, struct told *told,
		 const struct native_answer *answer)
{
	struct question *question = find(asker, answer->ticket);
	if (question && question->round == told->round)
		question->named = stitch(told, &r->writer, question->frame, answer);
}

/* What the helper has used since it was last asked for that. */
static void pay(struct asker *asker, int64_t now)
{
	struct timespec used;
	clockid_t clock;
	if (asker->helper <= 0 || clock_getcpuclockid(asker->helper, &clock) != 0 ||
	    clock_gettime(clock, &used) < 0)
		return;
	int64_t spent = (int64_t)used.tv_sec * 1000000000 + used.tv_nsec;
	if (spent > asker->spent)
		purse_pay(&asker->purse, now, spent - asker->spent);
	asker->spent = spent;
}

void asker_take(struct asker *asker, struct recording *r, struct told *told, int64_t now)
{
	struct native_answer answer;
	if (asker->answered == asker->asked)
		return;
	pay(asker, now);
	while (asker->native && native_next(asker->native, &answer)) {
		write_those(asker, r, told, &answer);
		note(asker, r, told, &answer);
		asker->answered = answer.ticket;
	}
}

void asker_end(struct asker *asker, struct recording *r, struct told *told)
{
	if (asker->native && asker->answered < asker->asked)
		native_settle(asker->native, PATIENCE);
	asker_take(asker, r, told, clock_now());
	write_those(asker, r, told, NULL);
}

void asker_close(struct asker *asker)
{
	native_close(asker->native);
	pages_free(asker->asked_of, sizeof *asker->asked_of);
	free(asker->waiting);
}
