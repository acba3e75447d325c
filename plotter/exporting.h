/* export, for real: what mprof-c's export hands over to. */
#pragma once

#include "share/command.h"

extern const struct command command_export_here;
