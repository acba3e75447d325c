#include "recorder/where/asker.h"

#include <stdlib.h>
#include <string.h>

#include "recorder/where/stitch.h"
#include "share/array.h"

/* A question costs its helper so much, at the most; it may have a fiftieth of a CPU for them. */
static const int64_t COST = 250000; /* ns */
static const struct purse ALLOWANCE = { .share = 50, .most = 20000000 };

static const int64_t FRESH = 200000000;     /* ns for which an answer serves others too */
static const int64_t PATIENCE = 2000000000; /* ns, at the end */
enum { MOST_WAITING = 4096 };

/* ---- questions ---- */

static struct asked_place *place_of(struct asker *asker, pid_t thread, uint64_t frame)
{
	size_t hash = ((uint64_t)thread * 31 + frame) * 0x9e3779b97f4a7c15u >> 56;
	return &asker->places[hash % ASKER_PLACES];
}

static bool may_ask(struct asker *asker, const struct fault *fault, int64_t now)
{
	if (asker->off || !fault->stack || !fault->registers)
		return false;
	if (!asker->tried) {
		asker->tried = true;
		asker->purse = ALLOWANCE;
		asker->native = native_open();
	}
	return asker->native && now >= asker->purse.not_before;
}

static bool ask(struct asker *asker, struct recording *r, const struct fault *fault, int64_t now)
{
	if (!may_ask(asker, fault, now) || !native_ask(asker->native, asker->asked + 1, fault))
		return false;
	asker->asked++;
	purse_pay(&asker->purse, now, COST);
	pid_t helper = native_pid(asker->native);
	if (helper > 0 && helper != asker->helper)
		recording_help(r, helper);
	asker->helper = helper;
	return true;
}

uint64_t asker_ask(struct asker *asker, struct recording *r, const struct told *told,
		   const struct fault *fault, uint64_t frame, int64_t now)
{
	struct asked_place *place = place_of(asker, fault->thread, frame);
	if (ask(asker, r, fault, now)) {
		*place = (struct asked_place){ asker->asked, now,   fault->thread,
					       frame,        frame, told->round };
		return asker->asked;
	}
	bool same = place->ticket > 0 && place->thread == fault->thread && place->frame == frame &&
		    place->round == told->round;
	return same && now - place->at < FRESH ? place->ticket : 0;
}

/* ---- records ---- */

static const struct asked_place *find(const struct asker *asker, uint64_t ticket)
{
	for (size_t i = 0; i < ASKER_PLACES; i++)
		if (asker->places[i].ticket == ticket)
			return &asker->places[i];
	return NULL;
}

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
	const struct asked_place *place = ticket > 0 ? find(asker, ticket) : NULL;
	if (place && place->round == told->round)
		named.frame = place->named;
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
	for (size_t i = 0; i < ASKER_PLACES; i++) {
		struct asked_place *place = &asker->places[i];
		if (place->ticket == answer->ticket && place->round == told->round)
			place->named = stitch(told, &r->writer, place->frame, answer);
	}
}

void asker_take(struct asker *asker, struct recording *r, struct told *told)
{
	struct native_answer answer;
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
	asker_take(asker, r, told);
	write_those(asker, r, told, NULL);
}

void asker_close(struct asker *asker)
{
	native_close(asker->native);
	free(asker->waiting);
}
