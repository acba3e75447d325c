/* What -b asks for: "rss,swap,pss". The first is recorded as MEM, the others beside it as VAL
 * (probe_metrics): of the whole family where MEM is its sum, else of the target. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "recorder/source/source.h"

enum { METRICS_MOST = 16, METRICS_WORD = 32 };

struct metrics {
	const struct source *sources[METRICS_MOST];
	size_t n; /* at least 1 */
	bool gpu; /* and VRAM, which probe_gpu records */
};

/* 0; -ENOENT: `bad` is no metric's name, -EEXIST: it is named twice, -E2BIG. */
int metrics_parse(const char *text, struct metrics *metrics, char bad[METRICS_WORD]);

/* Takes a list that is right apart: the first of it; does it name gpu? */
const struct source *metrics_first(const char *text);
bool metrics_name_gpu(const char *text);

/* Says what is wrong with the list, or what of it this machine cannot tell. -1 to go on, else the
 * exit status. */
int metrics_check(const char *text);
