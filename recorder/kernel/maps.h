/* A line of /proc/PID/maps: what a process has mapped there (proc_pid_maps(5)). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct maps_line {
	uint64_t low, high, offset; /* addresses of the process; of the file */
	uint64_t device, inode;     /* as stat has them; inode 0: no file */
	char rights[8];             /* "r-xp" */
	const char
		*path; /* in the line; "": it has none, and of a deleted one " (deleted)" behind */
};

/* false: it is none. What ends the line is cut off. */
bool maps_parse(char *line, struct maps_line *is);
