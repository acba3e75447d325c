/* What is known of one recording of many. */
#pragma once

#include "share/fleet/fleet.h"

/* What META and a RANK tell alike: rank, node, job … Another key says nothing. 0 or -ENOMEM. */
int member_tell(struct fleet_member *member, const char *key, const char *value);

/* A copy of a text, cut where it is very long, in place of what was there. 0 or -ENOMEM. */
int member_tell_text(char **to, const char *value);

/* A line that grew: a copy of it is added. 0 or -ENOMEM. */
int member_add_grown(struct fleet_member *member, const struct fleet_grown *grown);
enum { MEMBER_GROWN = 8, MEMBER_MARKS = 64 };

/* A mark: what is wished for of it. 0 or -ENOMEM. */
int member_add_mark(struct fleet_member *member, const struct fleet_wish *wish,
		    const struct sample *at, const char *label);

/* May it be added to others'? What is told of a group, or of the machine, is told by each process
 * there. */
bool member_adds_up(const struct fleet_member *member);

void member_free(struct fleet_member *member);

size_t member_columns(const struct fleet_wish *wish);

/* Is it the same recording? */
bool member_is_same(const struct fleet_member *a, const struct fleet_member *b);

/* The order of a fleet: by rank, then by start. */
int member_compare(const struct fleet_member *a, const struct fleet_member *b);
