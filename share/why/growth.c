/* Whether it goes on growing, and when it reaches what it is allowed. */
#include <stdlib.h>
#include <string.h>

#include "share/growth/outlook.h"
#include "share/profile/profile.h"
#include "share/text.h"
#include "share/why/clock.h"
#include "share/why/facts.h"
#include "share/why/state.h"

static const char *evidence(enum answer_kind kind)
{
	static const char *const words[N_ANSWERS] = {
		[ANSWER_TOO_SHORT] = "a trend needs a longer recording than this",
		[ANSWER_FLAT] = "the floors of its samples, window by window",
		[ANSWER_GROWS] = "the trend of the floors of its samples; 95 % of such intervals "
				 "hold the truth",
		[ANSWER_SETTLES] = "the floors of its samples, which rise less and less",
		[ANSWER_STEP] = "the floors of its samples: level but for that",
		[ANSWER_UNEVEN] = "the floors of its samples, which rise, each at its own pace",
		[ANSWER_STOPPED] = "the trend of the floors of its samples, and that nothing "
				   "changed behind them",
	};
	return words[kind];
}

static enum known known_of(const struct outlook *o)
{
	enum answer_kind kind = o->curves[0].answer.kind;
	if (kind == ANSWER_TOO_SHORT)
		return outlook_grows(o, 0) ? KNOWN_ESTIMATE : KNOWN_UNKNOWN;
	return kind == ANSWER_GROWS ? KNOWN_ESTIMATE : KNOWN_SAMPLED;
}

static void take_figures(struct why *why, const struct outlook *o)
{
	const struct outlook_curve *c = &o->curves[0];
	if (c->answer.kind == ANSWER_GROWS)
		why->growth = (struct why_growth){ c->answer.slope, c->answer.low, c->answer.high,
						   c->reached, true };
}

/* Of the others only one that goes on growing, the first: a GPU, a metric, children; the heap where
 * the memory that it is part of does not. */
static void say_other(struct why_statement *s, const struct outlook *o)
{
	char sentence[OUTLOOK_SENTENCE], name[OUTLOOK_PLACE];
	for (size_t i = 1; i < o->n; i++) {
		bool again = o->curves[i].kind == OUTLOOK_HEAP && outlook_grows(o, 0);
		if (again || !outlook_is_told(o, i))
			continue;
		WHY_SAY(s, "; %s: %s", outlook_name(name, &o->curves[i]),
			outlook_say(sentence, o, i));
		s->weight = 95;
		return;
	}
}

/* The sum of all is laid by clocks that do not agree: whatever it does, it did not do then. */
static bool is_apart(struct why *why)
{
	struct why_statement *s =
		why->clocks->off ? why_state(why, WHY_GROWTH, "clocks", KNOWN_UNKNOWN) : NULL;
	if (!s)
		return false;
	WHY_SAY(s, "cannot be told of all together: the clocks of their nodes do not agree");
	WHY_BY(s, "when the ranks of each node begin and end");
	return true;
}

int why_find_growth(struct why *why)
{
	if (is_apart(why))
		return 0;
	struct outlook o;
	char sentence[OUTLOOK_SENTENCE];
	int r = outlook_make(&o, why->profile, NULL);
	if (r < 0 || o.n == 0)
		return r;
	const enum answer_kind kind = o.curves[0].answer.kind;
	/* What it was killed for has been reached. */
	if (strcmp(why->statements[0].kind, "oom") == 0)
		o.curves[0].reached = 0;
	struct why_statement *s = why_state(why, WHY_GROWTH, answer_word(kind), known_of(&o));
	if (!s)
		return 0;
	WHY_SAY(s, "%s", outlook_say(sentence, &o, 0));
	if (outlook_grows(&o, 0) && kind == ANSWER_TOO_SHORT)
		WHY_BY(s, "what it held from mark to mark");
	else
		WHY_BY(s, "%s", evidence(kind));
	if (outlook_grows(&o, 0))
		s->weight = 95;
	take_figures(why, &o);
	say_other(s, &o);
	return 0;
}
