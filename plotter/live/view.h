/* What is shown, and how. */
#pragma once

#include <stdbool.h>

#include "plotter/live/figures.h"
#include "plotter/live/recent.h"

enum { VIEW_MESSAGE = 512 };

/* What the keys change, and the terminal. */
struct view {
	int width, height; /* cells */
	bool ascii, colour;
	unsigned seconds; /* of the curve; 0: all */
	bool hide_gpu, hide_children, hide_lines, help, frozen;
	char message[VIEW_MESSAGE]; /* in the last row, in place of the keys; "": none */
	bool prompt;                /* that is being typed */
};

enum view_state {
	VIEW_RECORDING,
	VIEW_BROKEN, /* nobody records it any more, and it has no end */
	VIEW_ENDED,
};

/* What is looked at. */
struct view_of {
	const struct profile *profile;
	const struct recent *recent;
	const struct figures *figures;
	growth_own own;
	enum view_state state;
	double silence;  /* seconds without a sample that was due; 0: none is missed */
	const char *end; /* how it ended; "" while it goes on */
};

/* So many seconds of it are shown; 0: all, since it is no longer. */
static inline unsigned view_window(const struct view_of *of, const struct view *view)
{
	int64_t length = of->profile->memory.last.us - of->profile->start_us;
	return length > (int64_t)view->seconds * 1000000 ? view->seconds : 0;
}
