/* What --at takes: SIZE:ACTION, or gpu:SIZE:ACTION. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum threshold_action {
	ACTION_WARN, /* one line on standard error */
	ACTION_MARK, /* no more than the MARK that each writes */
	ACTION_STOP, /* SIGSTOP */
	ACTION_TERM,
	ACTION_KILL,
	ACTION_RUN, /* a command */
};

struct threshold {
	uint64_t bytes; /* 0: a share of the limit */
	double percent; /* of the limit */
	enum threshold_action action;
	bool gpu;            /* of VRAM, on any one device */
	const char *size;    /* as given: "gpu:90%" */
	const char *does;    /* the action as given */
	const char *command; /* of ACTION_RUN */
};

enum { MOST_THRESHOLDS = 16 };

struct thresholds {
	struct threshold items[MOST_THRESHOLDS];
	size_t n;
};

/* Adds one. 0, -EINVAL, -ERANGE: beyond the bound, or no size at all, or -EDOM: no unit. `text`
 * stays the caller's and must last. */
int thresholds_add(struct thresholds *thresholds, const char *text);
