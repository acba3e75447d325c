/* plot, for real: what mprof-c's plot hands over to. */
#pragma once

#include "share/command.h"

extern const struct command command_plot_here;
