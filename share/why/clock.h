/* A wall clock that was set while it was recorded. */
#pragma once

#include <stdbool.h>

#include "share/why/why.h"

/* By more than a second, or than the recording is long; false: it was not, and nothing is said. */
bool why_say_clock(const struct why *why, struct why_statement *s);
