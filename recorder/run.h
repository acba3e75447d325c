/* The run command: records a program. */
#pragma once

#include "share/command.h"

extern const struct command command_run;
