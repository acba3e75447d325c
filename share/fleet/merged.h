/* The members that one file tells of that `mprof-c merge` made, one after the other. */
#pragma once

#include "share/fleet/points.h"
#include "share/profile/record.h"

/* Who is handed a member, and frees it. Not 0 ends the reading. */
struct member_sink {
	int (*take)(void *context, struct fleet_member *member);
	void *context;
};

struct merged {
	const struct member_sink *sink;
	const struct fleet_wish *wish;
	bool any;                   /* such a file it is */
	size_t n;                   /* members that were begun */
	int number;                 /* of the member; 0: none */
	struct fleet_member member; /* that is being read */
	struct points points;
};

/* RANK, RMEM, RGROW or RMARK; others say nothing. 0, -ENOMEM, or what the sink returned. */
int merged_take(struct merged *merged, const struct profile_record *record);

/* The file has ended: hands over the last. */
int merged_end(struct merged *merged);

/* What was not handed over. */
void merged_forget(struct merged *merged);
