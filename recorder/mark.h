/* The mark command: a label for this moment, from a script that is recorded. */
#pragma once

#include "share/command.h"

extern const struct command command_mark;
