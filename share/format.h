/* Figures for people, each with its unit. */
#pragma once

#include <stddef.h>

enum { FORMAT_SIZE = 32 }; /* holds any of them */

char *format_memory(char out[FORMAT_SIZE], double mib); /* "182.0 MiB", "1.46 GiB", "812 KiB" */
char *format_duration(char out[FORMAT_SIZE],
		      double seconds); /* "0.60 s", "2 min 05 s", "1 h 03 min" */

/* How a program ended: "exit 3", "SIGKILL", "signal 40"; its wait status as a recording holds it, a
 * signal below 0. */
char *format_end(char out[FORMAT_SIZE], int status);
