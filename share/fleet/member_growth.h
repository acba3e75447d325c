/* Which lines of a member grew. */
#pragma once

#include "share/fleet/fleet.h"

/* 0 or -ENOMEM. */
int member_tell_growth(struct fleet_member *member, const struct profile *profile);
