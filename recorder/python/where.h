/* The option that the growth probe obeys. */
#pragma once

#include "share/command.h"

enum where_mode { WHERE_AUTO, WHERE_STACKS, WHERE_LINES, WHERE_OFF };

extern const struct option_type record_where;
