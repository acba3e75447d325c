/* Where most of what goes on growing grew, and what of it does. */
#pragma once

#include "share/growth/outlook.h"

/* Each 0 or -ENOMEM. */

/* By who touched it first. */
int outlook_place_touched(struct outlook_curve *curve, const struct profile *profile,
			  growth_own own);

/* By who holds it, of a sampled heap. */
int outlook_place_held(struct outlook_curve *curve, const struct profile *profile, growth_own own);

/* The enum bill_class that most of what a curve grew by is of; -1: none, or not known. */
int outlook_place_in_bills(const struct outlook_curve *curve, const struct profile *profile);
