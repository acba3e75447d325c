/* Greenlets switch C stacks behind the interpreter's back: what runs is then another line of calls
 * than the one that an event before told of. */
#pragma once

#include <stdbool.h>

extern bool greenlets_are_used; /* the program has imported them, or is about to */

void greenlets_open(void); /* the interpreter is up */
void greenlets_import(const char *name);
const void *greenlets_current(void); /* tells them apart; NULL: the one a thread begins with */
