/* The figures, above the curve: in as many rows as their words need. */
#pragma once

#include "plotter/live/view.h"
#include "plotter/screen/cells.h"

/* How many rows that are: at least one, at most half of the screen's. */
int head_rows(const struct view_of *of, const struct view *view);
void head_put(struct cells *cells, const struct view_of *of, const struct view *view);

/* "recording, 2 min 05 s", "ended after 3.90 s", … */
char *head_say_state(char out[FIGURES_WORDS], const struct view_of *of, bool frozen);

/* "GPU 0 40.1 GiB of 80.0 GiB (50 %)" */
char *head_say_gpu(char out[FIGURES_WORDS], const struct profile *profile,
		   const struct profile_gpu *gpu);
