/* The option --own: what the user calls his own, beside what is so anyway. */
#pragma once

#include "share/command.h"

enum { OWN_MOST = 32 };

/* Patterns, which are not copied; NULL ends them. */
struct own {
	char *globs[OWN_MOST + 1];
};

/* Into a struct own; may be given several times. */
extern const struct option_type option_own;
#define OWN_HELP "your own code too: a path or its end, * for anything; may be repeated"
