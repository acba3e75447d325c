#include "share/why/why.h"

#include <errno.h>
#include <stdlib.h>

#include "share/growth/growth.h"
#include "share/profile/profile.h"
#include "share/why/clock.h"
#include "share/why/state.h"

static int find_all(struct why *why)
{
	why_find_end(why);
	int r = why_find_card(why);
	if (r < 0)
		return r;
	why_find_peak(why);
	r = why_find_place(why);
	r = r < 0 ? r : why_find_growth(why);
	if (r < 0)
		return r;
	why_find_odd(why);
	why_find_next(why);
	return 0;
}

int why_ask(struct why *why, const struct profile *profile, enum why_writer writer)
{
	struct growth places;
	struct why_clocks clocks;
	*why = (struct why){ .profile = profile, .writer = writer };
	int r = why_clocks_open(&clocks, profile);
	if (r < 0)
		return r;
	why->statements = malloc(WHY_MOST * sizeof *why->statements);
	r = why->statements ? growth_open(&places, &profile->growth, NULL) : -ENOMEM;
	if (r == 0) {
		why->places = &places;
		why->clocks = &clocks;
		r = find_all(why);
		why->places = NULL;
		why->clocks = NULL;
		growth_close(&places);
	}
	why_clocks_close(&clocks);
	if (r < 0)
		why_free(why);
	return r;
}

void why_free(struct why *why)
{
	free(why->statements);
	*why = (struct why){ 0 };
}
