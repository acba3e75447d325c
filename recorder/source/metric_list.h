/* What -b asks for: "rss,swap,pss". The first is recorded as MEM, the others beside it as VAL
 * (probe_values): of the whole family where MEM is its sum, else of the target. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "recorder/source/source.h"

enum { METRIC_LIST_MOST = 16, METRIC_LIST_WORD = 32 };

struct metric_list {
	const char *text; /* as given; the caller's */
	const struct source *sources[METRIC_LIST_MOST];
	size_t n;  /* at least 1, where nothing is wrong */
	bool gpu;  /* and VRAM, which probe_gpu records */
	bool bill; /* and what MEM consists of, which probe_bill records */
	int error; /* 0; -ENOENT: `wrong` is no metric's name, -EEXIST: it is named twice, -E2BIG */
	char wrong[METRIC_LIST_WORD];
};

#define METRIC_LIST_DEFAULT                                        \
	{                                                          \
		.text = "rss", .sources = { &source_rss }, .n = 1, \
	}

/* metrics->error. */
int metric_list_parse(const char *text, struct metric_list *metrics);

/* Is one of them of the control group? */
bool metric_list_has_group(const struct metric_list *metrics);

/* Says what is wrong with the list, or what of it this machine cannot tell. -1 to go on, else the
 * exit status. */
int metric_list_check(const struct metric_list *metrics);
