/* mprof-c live: a recording while it is made. */
#pragma once

#include "share/command.h"

extern const struct command command_live_here;
