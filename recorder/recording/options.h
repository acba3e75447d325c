/* What every recording is told: how often, how long, of what, and where it goes. */
#pragma once

#include <stdbool.h>

#include "recorder/source/metric_list.h"
#include "share/command.h"

struct recording_options {
	double interval, timeout; /* seconds; timeout 0: none */
	const char *output;       /* not yet expanded (naming.h); NULL: the default name */
	struct metric_list metrics;
	const char *rank;  /* of the process that is meant, among several; NULL */
	const char *group; /* to be recorded in place of a process; NULL */
	bool tree;         /* MEM is the whole tree's */
	bool children;     /* each descendant is a series of its own */
	bool quiet;
	bool aside;  /* quiet since another rank speaks: still says what only it knows */
	bool wait;   /* until the last descendant has ended */
	bool live;   /* somebody looks on */
	bool public; /* all may read the recording */
};

#define RECORDING_DEFAULTS                                      \
	{                                                       \
		.interval = 0.1, .metrics = METRIC_LIST_DEFAULT \
	}

/* The rows that run and attach have in common. */
extern const struct command_option recording_rows[];

/* For rows of the commands' own. */
#define RECORDING_AT(member) offsetof(struct recording_options, member)
extern const struct option_type recording_seconds, recording_timeout;
