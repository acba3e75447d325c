/* The commands that work on recordings, in the order of the help. A new one is a file here, a word
 * in this list and one in meson.build, and its page; both programs have it. */
#pragma once

#include "share/command.h"

#define COMMANDS(COMMAND) \
	COMMAND(report)   \
	COMMAND(why)      \
	COMMAND(list)     \
	COMMAND(rm)       \
	COMMAND(clean)    \
	COMMAND(peak)     \
	COMMAND(merge)

#define COMMAND_DECLARE(name) extern const struct command command_##name;
COMMANDS(COMMAND_DECLARE)
#define COMMAND_ROW(name) &command_##name,
