/* What something writes to a stream, as text. */
#pragma once

#include <stdio.h>

static char text[65536];

/* Runs `put` with `out`; `text` holds what it wrote. */
#define WRITTEN(put)                                          \
	do {                                                  \
		*text = 0;                                    \
		FILE *out = fmemopen(text, sizeof text, "w"); \
		put;                                          \
		fclose(out);                                  \
	} while (0)
