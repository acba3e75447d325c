/* Progress, as some terminals show it beside their title: OSC 9;4. Others would take it for a
 * message to be shown. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#define PROGRESS_NONE "\x1b]9;4;0\x1b\\"

/* Is this terminal known to take it? */
bool progress_is_known(void);

/* percent -1: none. */
void progress_put(int percent, FILE *out);
