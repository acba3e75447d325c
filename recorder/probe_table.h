/* The probes of mprof-c. A new one is its file and a line here. */
#pragma once

#include "recorder/recording/probe.h"

/* Their options stand in --help in this order, and so does what they say at the end. */
#define PROBES(X)          \
	X(announce)        \
	X(gpu)             \
	X(vram)            \
	X(growth)          \
	X(values)          \
	X(bill)            \
	X(peaks)           \
	X(act)             \
	X(max_peak)        \
	X(prometheus)      \
	X(memory_kill)     \
	X(near_limit)      \
	X(termination_log) \
	X(overlap)         \
	X(unseen)          \
	X(heap)            \
	X(python_agent)    \
	X(oom)

#define PROBE_COUNTED(name) +1
enum { N_PROBES = PROBES(PROBE_COUNTED) };

extern const struct probe *const probe_table[]; /* ends with NULL */
