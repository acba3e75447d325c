/* What became of a process that a card failed: whether that ended it, and by what that is known. */
#pragma once

#include <stdbool.h>

struct profile;
struct profile_oom;

enum card_end {
	CARD_DIED,            /* of it */
	CARD_MAY_HAVE_DIED,   /* it ended a while later */
	CARD_OUTLIVED,        /* an exception of another cause ended it, or another failure */
	CARD_WENT_ON,         /* and ended well */
	CARD_PROGRAM_WENT_ON, /* what became of the process is not known */
	CARD_END_UNTOLD,
};

struct card_fate {
	enum card_end end;
	bool told;             /* by the exception that ended it; else by when it ended */
	const char *exception; /* its type, and what it came of; NULL: not told */
};

struct card_fate card_fate_of(const struct profile *profile, const struct profile_oom *oom);

/* It was not for that that the process ended. */
bool card_survived(enum card_end end);
