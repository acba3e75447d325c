#include "share/why/clock.h"

#include <math.h>

#include "share/format.h"
#include "share/number.h"
#include "share/profile/profile.h"
#include "share/why/facts.h"
#include "share/why/state.h"

/* ---- of several nodes ---- */

int why_clocks_open(struct why_clocks *c, const struct profile *profile)
{
	*c = (struct why_clocks){ 0 };
	int r = fleet_of_profile(&c->fleet, profile);
	if (r < 0)
		return r;
	r = fleet_clocks_make(&c->clocks, &c->fleet);
	if (r < 0)
		fleet_free(&c->fleet);
	for (size_t i = 0; i < c->clocks.n; i++)
		c->off |= fleet_clock_is_off(&c->clocks.all[i]);
	return r;
}

void why_clocks_close(struct why_clocks *c)
{
	fleet_clocks_free(&c->clocks);
	fleet_free(&c->fleet);
}

int64_t why_clock_ahead(const struct why_clocks *c, size_t i)
{
	return i < c->fleet.n ? fleet_clocks_ahead(&c->clocks, c->fleet.members[i].node) : 0;
}

bool why_say_clocks(const struct why *why, struct why_statement *s)
{
	const struct fleet_clocks *clocks = &why->clocks->clocks;
	char sentence[FLEET_CLOCK_SENTENCE];
	if (clocks->n == 0)
		return false;
	WHY_SAY(s, "%s", fleet_clock_say(sentence, &clocks->all[0]));
	if (clocks->n > 1)
		WHY_SAY(s, " (and %zu more node%s off)", clocks->n - 1,
			clocks->n == 2 ? " is" : "s are");
	if (why->clocks->off)
		WHY_SAY(s, "; what all held together is added up by those clocks, and was not held "
			   "at once");
	return true;
}

/* ---- that was set ---- */

/* Moments are told by the clock of the start: a log of the time after that is so much off. */
bool why_say_clock(const struct why *why, struct why_statement *s)
{
	const struct profile *p = why->profile;
	const char *told = profile_setting(p, "clock_moved");
	double moved;
	char by[FORMAT_SIZE], sentence[FLEET_CLOCK_SENTENCE];
	if (why->clocks->clocks.moved > 0) {
		WHY_SAY(s, "%s", fleet_clocks_say_moved(sentence, &why->clocks->clocks));
		return true;
	}
	if (!told || number_decimal(told, &moved) < 0 ||
	    (fabs(moved) < 1 && fabs(moved) <= why_seconds(p)))
		return false;
	WHY_SAY(s,
		"the wall clock moved %s by %s meanwhile: it was set%s, and moments are told as if "
		"it had not",
		moved < 0 ? "back" : "forward", format_duration(by, fabs(moved)),
		moved < 0 ? "" : ", or the machine slept");
	return true;
}
