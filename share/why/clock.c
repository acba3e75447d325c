#include "share/why/clock.h"

#include <math.h>

#include "share/format.h"
#include "share/number.h"
#include "share/profile/profile.h"
#include "share/why/facts.h"
#include "share/why/state.h"

/* Moments are told by the clock of the start: a log of the time after that is so much off. */
bool why_say_clock(const struct why *why, struct why_statement *s)
{
	const struct profile *p = why->profile;
	const char *told = profile_setting(p, "clock_moved");
	double moved;
	char by[FORMAT_SIZE];
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
