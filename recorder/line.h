/* The line command: what each line of a Python script does. */
#pragma once

#include "share/command.h"

extern const struct command command_line;
