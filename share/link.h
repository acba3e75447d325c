/* Names of files that a terminal opens when they are clicked (OSC 8). */
#pragma once

#include <stdio.h>

/* What is written to `out` from here on leads to that file of this machine, until link_end. Writes
 * nothing where `out` is no terminal, or one that shows text only: TERM=dumb, NO_COLOR; nor where
 * the path is not absolute. */
void link_begin(FILE *out, const char *path);
void link_end(FILE *out, const char *path);
