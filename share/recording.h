/* What the commands have in common to say of a recording. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct profile;

/* Warns of what was wrong with the file, a line for each kind of flaw. */
void recording_warn(const struct profile *profile);

/* “holds no samples”, and how to be rid of it; returns the exit status. */
int recording_say_empty(const char *path);

/* Is one of them compressed, and this program one that cannot read it? */
bool recording_needs_plotter(const char *const paths[], size_t n);
