/* Why a GPU had no memory left, where a recording tells that one had none. */
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "share/growth/card_facts.h"
#include "share/growth/names.h"
#include "share/profile/profile.h"
#include "share/why/facts.h"
#include "share/why/state.h"

/* An end so soon is of it, if nothing speaks against that; one so late says nothing. µs */
static const int64_t AT_ONCE = 2000000, SOON = 60000000;

static void say_which(struct why_statement *s, const struct profile *p, const struct card *card)
{
	const char *name = profile_name_of(p, card->oom->pid);
	WHY_SAY(s, "GPU %s had no memory left", card->oom->device);
	if (card->others > 0)
		WHY_SAY(s, ", first in process %d%s%s of %zu", (int)card->oom->pid,
			*name ? " " : "", name, card->others + 1);
}

static void say_evidence(struct why_statement *s, const struct profile *p, const struct card *card)
{
	const uint64_t n = p->n_ooms + p->untold_ooms;
	WHY_BY(s, "%s told its own figures when it failed", card->oom->who);
	if (card->facts.n > 0)
		WHY_BY(s, ", beside the driver's, sampled until then");
	if (card_is_driver_silent(p))
		WHY_BY(s, ", and the driver did not answer");
	if (n > card->others + 1)
		WHY_BY(s, "; it failed %s%" PRIu64 " times in all",
		       n >= CARD_TOLD_ALL ? "at least " : "", n);
}

/* What grew, and when, is read from a sampled curve. */
static enum known known_of(const struct card_verdict *v)
{
	bool by_curve =
		v->cause == CARD_ONE_BATCH || v->cause == CARD_VARYING || v->cause == CARD_GROWTH;
	if (v->cause == CARD_CANNOT_TELL)
		return KNOWN_UNKNOWN;
	if (!v->sure)
		return KNOWN_ESTIMATE;
	return by_curve ? KNOWN_SAMPLED : KNOWN_EXACT;
}

static void say_fate(struct why_statement *s, const struct card *card)
{
	if (card->fate.end == CARD_WENT_ON)
		WHY_SAY(s, ", and it went on");
	else if (card->fate.end == CARD_OUTLIVED)
		WHY_SAY(s, ", which was caught; what ended the process was %s",
			card->fate.exception);
	else if (card->fate.end == CARD_PROGRAM_WENT_ON)
		WHY_SAY(s, ", and the program went on; what became of process %d is not known",
			(int)card->oom->pid);
}

static void say_card(struct why *why, const struct card *card)
{
	char sentence[CARD_WORDS], name[GROWTH_NAME];
	const struct profile *p = why->profile;
	const struct card_verdict *v = &card->verdict;
	const char *place = card_place(name, why->places, card);
	struct why_statement *s = why_state(why, WHY_CARD, card_cause_key(v->cause), known_of(v));
	if (!s)
		return;
	say_which(s, p, card);
	say_fate(s, card);
	card_say(sentence, &card->facts, v, place, p->start_us);
	WHY_SAY(s, " (%s%s). %s", card_cause_name(v->cause),
		v->sure || v->cause == CARD_CANNOT_TELL ? "" : ", likely",
		card_after_cause(sentence, v));
	say_evidence(s, p, card);
	s->weight = card_survived(card->fate.end) ? 85 : 120;
}

/* ---- those beside it ---- */

/* "process 102 python on GPU 1, 1.0 s later (data: one batch, likely; 2.0 GiB wanted at a.py:3)" */
static void say_rank(struct why_statement *s, const struct why *why, const struct card *card,
		     int64_t first)
{
	char figure[FORMAT_SIZE], name[GROWTH_NAME];
	const char *who = profile_name_of(why->profile, card->oom->pid);
	const char *place = card_place(name, why->places, card);
	const struct card_verdict *v = &card->verdict;
	const double later = sample_seconds(card->oom->at.us - first);
	WHY_SAY(s, "process %d%s%s on GPU %s, %s %s", (int)card->oom->pid, *who ? " " : "", who,
		card->oom->device, format_duration(figure, later < 0 ? -later : later),
		later < 0 ? "earlier" : "later");
	say_fate(s, card);
	WHY_SAY(s, " (%s%s", card_cause_name(v->cause),
		v->sure || v->cause == CARD_CANNOT_TELL ? "" : ", likely");
	if (card->oom->at.umib >= 0)
		WHY_SAY(s, "; %s wanted%s%s", format_memory(figure, sample_mib(card->oom->at.umib)),
			place ? " at " : "", place ? place : "");
	WHY_SAY(s, ")");
}

static void keep_rank(struct why *why, const struct card *card, int64_t first)
{
	why->ranks[why->n_ranks++] = (struct why_rank){
		.pid = card->oom->pid,
		.device = card->oom->device,
		.cause = card_survived(card->fate.end) ? "survived"
						       : card_cause_key(card->verdict.cause),
		.later = sample_seconds(card->oom->at.us - first),
	};
}

static int say_ranks(struct why *why)
{
	const struct profile_oom *ranks[CARD_RANKS];
	size_t n = card_ranks(why->profile, ranks);
	struct why_statement *s = n > 1 ? why_state(why, WHY_CARD, "ranks", KNOWN_EXACT) : NULL;
	if (!s)
		return 0;
	WHY_SAY(s, "beside it: ");
	for (size_t i = 1; i < n && i <= WHY_RANKS; i++) {
		struct card card;
		int r = card_open_of(&card, why->profile, why->places, ranks[i]);
		if (r < 0)
			return r;
		enum known known = known_of(&card.verdict);
		s->known = known > s->known ? known : s->known;
		WHY_SAY(s, "%s", i > 1 ? "; " : "");
		say_rank(s, why, &card, ranks[0]->at.us);
		keep_rank(why, &card, ranks[0]->at.us);
		card_close(&card);
	}
	if (n > WHY_RANKS + 1)
		WHY_SAY(s, "; and %zu more", n - WHY_RANKS - 1);
	WHY_BY(s, "each told its own figures; mprof-c report has the bills");
	return 0;
}

/* ---- whether it ended the program ---- */

/* An exception that nobody caught: Python ends with 1, C++ by abort(). */
static bool is_thrown(const struct why *why)
{
	const struct why_statement *end = &why->statements[0];
	return end->topic == WHY_END &&
	       (strcmp(end->kind, "exit") == 0 || why->profile->status == -SIGABRT);
}

/* It failed before the program ended, which may have been for that. */
static void suspect(struct why_statement *end, const struct card *card, double seconds)
{
	WHY_SAY(end, "; %.1f s earlier GPU %s had no memory left; whether for that is not known",
		seconds, card->oom->device);
	end->known = KNOWN_UNKNOWN;
	*end->evidence = '\0';
	WHY_BY(end, "its status; its own messages are not recorded");
}

static bool is_main(const struct profile *p, const struct card *card)
{
	long pid;
	return why_number(p, "pid", &pid) && pid == card->oom->pid;
}

static void blame_evidence(struct why_statement *end, const struct why *why,
			   const struct card *card, double seconds)
{
	*end->evidence = '\0';
	if (card->fate.told) {
		WHY_BY(end, "its status, and the exception that nobody caught: %s",
		       card->fate.exception);
		end->known = is_main(why->profile, card) ? KNOWN_EXACT : KNOWN_ESTIMATE;
		return;
	}
	WHY_BY(end,
	       "its status, and that it failed %.1f s before the end; what exactly ended it "
	       "is not told",
	       seconds);
	end->known = KNOWN_ESTIMATE;
}

static void blame(struct why *why, const struct card *card)
{
	struct why_statement *end = &why->statements[0];
	const enum card_end how = card->fate.end;
	const int64_t us = profile_end_us(why->profile) - card->oom->at.us;
	const bool may = how == CARD_DIED || how == CARD_MAY_HAVE_DIED;
	const bool told = card->fate.told && is_main(why->profile, card);
	if (!may || (us > SOON && !told) || !is_thrown(why))
		return;
	if (!told && (how == CARD_MAY_HAVE_DIED || us > AT_ONCE)) {
		suspect(end, card, sample_seconds(us));
		return;
	}
	end->kind = "card";
	WHY_SAY(end, ": GPU %s had no memory left", card->oom->device);
	if (card->verdict.cause != CARD_CANNOT_TELL)
		WHY_SAY(end, " (%s%s)", card_cause_name(card->verdict.cause),
			card->verdict.sure ? "" : ", likely");
	blame_evidence(end, why, card, sample_seconds(us));
}

/* Without a failure: there was none, if somebody would have told. */
static const char *cause_of_none(const struct profile *p)
{
	bool told = profile_setting(p, "card_watched") && !profile_setting(p, "card_lacks");
	if (p->n_gpus == 0)
		return NULL;
	return told ? "none" : card_cause_key(CARD_CANNOT_TELL);
}

int why_find_card(struct why *why)
{
	struct card card;
	const struct profile *p = why->profile;
	why->cause = cause_of_none(p);
	int r = card_open(&card, p, why->places);
	if (r < 0 || !card.oom)
		return r;
	say_card(why, &card);
	why->cause = card_survived(card.fate.end) ? "survived" : card_cause_key(card.verdict.cause);
	blame(why, &card);
	card_close(&card);
	return say_ranks(why);
}
