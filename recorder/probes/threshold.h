/* What --at takes: SIZE:ACTIONS, behind gpu: or a metric of the group or the machine. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/source/source.h"

enum threshold_action {
	ACTION_WARN, /* one line on standard error */
	ACTION_MARK, /* no more than the MARK that each writes */
	ACTION_STOP, /* SIGSTOP */
	ACTION_TERM,
	ACTION_KILL,
	ACTION_RUN, /* a command */
};

enum { MOST_THRESHOLDS = 16, MOST_STEPS = 8 };

struct threshold {
	uint64_t bytes; /* 0: a share of the limit */
	double percent; /* of the limit */
	struct threshold_step {
		enum threshold_action action;
		int64_t after; /* ns: so much later, to those that still live; 0: at once */
	} steps[MOST_STEPS];
	size_t n_steps;
	bool gpu;                /* of VRAM, on any one device */
	const struct source *of; /* what rises, where it is named; NULL: VRAM, or what MEM says */
	const char *size;        /* as given: "gpu:90%" */
	const char *does;        /* the actions as given */
	const char *command;     /* of ACTION_RUN, which is the last */
};

struct thresholds {
	struct threshold items[MOST_THRESHOLDS];
	size_t n;
};

/* Adds one. 0, -EINVAL, -ERANGE: beyond the bound, or no size at all, or -EDOM: no unit. `text`
 * stays the caller's and must last. */
int thresholds_add(struct thresholds *thresholds, const char *text);
