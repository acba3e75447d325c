/* Where the machine keeps its files: what stands before /proc, /sys and /dev. Nothing, but that a
 * test makes up a machine in a folder. */
#pragma once

#include <stddef.h>

enum { MACHINE_PATH = 512 };

const char *machine_root(void); /* "": the machine that we are on */

/* From now on its files are under `root`, which outlives that; NULL: under / again. Files that are
 * open stay what they are. Tests only. */
void machine_pretend(const char *root);

/* The path that `format` gives, behind the root; cut off where it is too long. */
void machine_path(char path[MACHINE_PATH], const char *format, ...)
	__attribute__((format(printf, 2, 3)));
