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

/* A process that dies of it does so at once. Later there may be a core dump or a checkpoint
 * between, or it was caught, and something else is why the program ended. µs */
static const int64_t AT_ONCE = 2000000, SOON = 60000000;

/* How the process that failed ended, and when; false: it lives, or that is not told. */
static bool end_of(const struct profile *p, pid_t pid, int *status, int64_t *us)
{
	long main;
	*status = PROFILE_STATUS_UNKNOWN;
	for (size_t i = p->n_children; i-- > 0;)
		if (p->children[i].pid == pid) {
			*status = p->children[i].status;
			*us = p->children[i].gone;
			return *us > 0;
		}
	if (!p->ended || !why_number(p, "pid", &main) || main != pid)
		return false;
	*status = p->status;
	*us = p->ended_us;
	return true;
}

enum card_end {
	DIED_OF_IT,
	MAY_HAVE_DIED, /* of it */
	WENT_ON,
	PROGRAM_WENT_ON, /* and what became of the process is not known */
	NOT_TOLD,
};

static enum card_end by_time(int64_t us)
{
	return us <= AT_ONCE ? DIED_OF_IT : us <= SOON ? MAY_HAVE_DIED : NOT_TOLD;
}

static enum card_end consequence(const struct profile *p, const struct card *card)
{
	int status;
	int64_t us = 0;
	bool over = end_of(p, card->oom->pid, &status, &us);
	if (over && status == 0)
		return WENT_ON;
	if (over && status != PROFILE_STATUS_UNKNOWN)
		return by_time(us - card->oom->at.us);
	if (p->ended && p->status == 0)
		return PROGRAM_WENT_ON;
	bool known = p->ended && p->status != PROFILE_STATUS_UNKNOWN;
	return known ? by_time(profile_end_us(p) - card->oom->at.us) : NOT_TOLD;
}

static const char *place_of(char name[GROWTH_NAME], const struct why *why, const struct card *card)
{
	if (!card->frame)
		return NULL;
	const struct growth_row row = growth_row_of(why->places, card->frame, GROWTH_TO_USER);
	return growth_name(name, why->places, &row, GROWTH_BY_LINE);
}

static void say_which(struct why_statement *s, const struct profile *p, const struct card *card)
{
	const char *name = why_name(p, card->oom->pid);
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

static void say_card(struct why *why, const struct card *card, enum card_end end)
{
	char sentence[CARD_WORDS], name[GROWTH_NAME];
	const struct profile *p = why->profile;
	const struct card_verdict *v = &card->verdict;
	const char *place = place_of(name, why, card);
	struct why_statement *s = why_state(why, WHY_CARD, card_cause_key(v->cause), known_of(v));
	if (!s)
		return;
	say_which(s, p, card);
	if (end == WENT_ON)
		WHY_SAY(s, ", and it went on");
	if (end == PROGRAM_WENT_ON)
		WHY_SAY(s, ", and the program went on; what became of process %d is not known",
			(int)card->oom->pid);
	card_say(sentence, &card->facts, v, place, p->start_us);
	WHY_SAY(s, " (%s%s). %s", card_cause_name(v->cause),
		v->sure || v->cause == CARD_CANNOT_TELL ? "" : ", likely",
		card_after_cause(sentence, v));
	say_evidence(s, p, card);
	s->weight = end == WENT_ON || end == PROGRAM_WENT_ON ? 85 : 120;
}

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

static void blame(struct why *why, const struct card *card, enum card_end how)
{
	struct why_statement *end = &why->statements[0];
	const int64_t us = profile_end_us(why->profile) - card->oom->at.us;
	const bool may = how == DIED_OF_IT || how == MAY_HAVE_DIED;
	if (!may || us > SOON || !is_thrown(why))
		return;
	if (how == MAY_HAVE_DIED || us > AT_ONCE) {
		suspect(end, card, sample_seconds(us));
		return;
	}
	end->kind = "card";
	WHY_SAY(end, ": GPU %s had no memory left", card->oom->device);
	if (card->verdict.cause != CARD_CANNOT_TELL)
		WHY_SAY(end, " (%s%s)", card_cause_name(card->verdict.cause),
			card->verdict.sure ? "" : ", likely");
	*end->evidence = '\0';
	WHY_BY(end, "its status, and that it failed %.1f s before the end", sample_seconds(us));
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
	enum card_end end = consequence(p, &card);
	say_card(why, &card, end);
	why->cause = end == WENT_ON || end == PROGRAM_WENT_ON ? "survived"
							      : card_cause_key(card.verdict.cause);
	blame(why, &card, end);
	card_close(&card);
	return 0;
}
