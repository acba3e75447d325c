/* A loaded recording as one of many. */
#pragma once

#include "share/fleet/fleet.h"

/* 0 or -ENOMEM; either way member_free follows. */
int member_of_profile(struct fleet_member *member, const struct profile *profile,
		      const struct fleet_wish *wish);
