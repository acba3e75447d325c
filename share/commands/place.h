/* Where -o points, for a command: says what may not be replaced. */
#pragma once

#include "share/replace.h"

/* May this be written there? Neither what stands there for another reason (replace_allows), nor one
 * of `words`, which the command or the program that it starts is given; NULL: it is given none.
 * -1 to go on, else the exit status. */
int place_check(const char *path, enum replace_kind kind, const char *const words[]);

/* The sentence for an error of replace_allows, or of what asks it; returns the exit status. */
int place_say(const char *path, enum replace_kind kind, int error);
