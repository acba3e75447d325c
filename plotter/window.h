/* The part of a recording that is asked for. */
#pragma once

#include "share/command.h"

struct window { /* seconds from a recording's start; both 0: everything */
	double from, to;
};

extern const struct option_type option_window; /* struct window */
