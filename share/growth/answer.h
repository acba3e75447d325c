/* Does it keep growing? The answer for one curve, from the floors of windows: pure. Its thresholds
 * and what they were weighed by: tests/unit/answer.c. It never calls growth a leak: it may be
 * meant. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "share/growth/floors.h"

#define ANSWER_WARM_UP 0.25 /* of the time, that nothing is told of */

enum answer_kind {
	ANSWER_TOO_SHORT,
	ANSWER_FLAT,    /* or falling: nothing that grows can be told from its ups and downs */
	ANSWER_GROWS,   /* and goes on growing */
	ANSWER_SETTLES, /* it grew, ever slower, or no longer */
	ANSWER_STEP,    /* it grew in a few steps */
	ANSWER_STOPPED, /* it grew, and stands still since: idle, stopped, or done with growing */
	ANSWER_UNEVEN,  /* it grew, now fast, now slowly: no rate can be told */
	N_ANSWERS,
};

struct answer_series {
	const struct curve_point *points; /* seconds from the recording's start */
	size_t n;
	double after; /* seconds: what comes before is warm-up, and known to be; 0: not known */
	double error; /* MiB: what its figures may be off by; 0: nothing */
};

struct answer {
	enum answer_kind kind;
	double slope, low, high; /* MiB/h, with 95 %; not of one that is too short */
	double since, until;     /* seconds: what it is told of */
	double period;           /* seconds of a round of work; 0: none */
	double grown;            /* MiB, of the floors, from `since` to `until` */
	double step;             /* seconds: where the largest step stood, of ANSWER_STEP */
	unsigned steps;          /* so many, of ANSWER_STEP */
	double paused;           /* seconds of that time that are left out: nobody ran */
	bool late;               /* the step came too late to tell whether it stays */
	double wanted;           /* seconds that would do, of ANSWER_TOO_SHORT */
	double held;             /* MiB: what was held at the end, as a rule */
};

/* 0 or -ENOMEM. */
int answer_find(struct answer *answer, const struct answer_series *series);

/* The same of what was held at the least between one moment (seconds, rising) and the next: growth
 * by rounds of work, whatever time they take. Slope, low and high are MiB a round; `since`, `until`
 * count rounds. Rounds that no point lies in are passed over. 0 or -ENOMEM. */
int answer_find_by_rounds(struct answer *answer, const struct curve *curve, const double *moments,
			  size_t n);

/* "grows", "settles", "step", "flat", "too short", "stopped", "uneven". */
const char *answer_word(enum answer_kind kind);
