/* What the name of a file tells of a member, where the recording itself does not:
 * mprofile_20261129073000_123.0_r00007_n3_a1.dat. */
#pragma once

#include "share/fleet/fleet.h"

/* Rank, node, job and restart. 0 or -ENOMEM. */
int member_tell_name(struct fleet_member *member, const char *path);
