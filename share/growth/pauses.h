/* Of a curve's time that in which nobody ran: the machine was suspended, the program stopped or
 * idle. How fast it grows is a question of the rest. Pure but for memory. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "share/growth/curve.h"

enum { PAUSES_MOST = 24 };

struct pauses {
	struct {
		double at; /* seconds, in a time without pauses */
		double length;
	} all[PAUSES_MOST];
	size_t n;
	double total; /* seconds */
	double blind; /* of them, without a sample */
	double rise;  /* MiB: over these */
	bool at_end;  /* the last goes on to the curve's end */
};

/* *rest: the curve in a time without pauses; empty where there are none. 0 or -ENOMEM. */
int pauses_cut(struct pauses *pauses, struct curve *rest, const struct curve_point *points,
	       size_t n);

/* The moment with all pauses before it. */
double pauses_moment(const struct pauses *pauses, double at);
