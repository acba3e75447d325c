#include "share/why/why.h"

#include <errno.h>
#include <stdlib.h>

#include "share/why/state.h"

int why_ask(struct why *why, const struct profile *profile, enum why_writer writer)
{
	*why = (struct why){ .profile = profile, .writer = writer };
	why->statements = malloc(WHY_MOST * sizeof *why->statements);
	if (!why->statements)
		return -ENOMEM;
	why_find_end(why);
	why_find_peak(why);
	int r = why_find_place(why);
	if (r < 0) {
		why_free(why);
		return r;
	}
	why_find_odd(why);
	why_find_next(why);
	return 0;
}

void why_free(struct why *why)
{
	free(why->statements);
	*why = (struct why){ 0 };
}
