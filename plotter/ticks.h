/* Nice steps for an axis. */
#pragma once

#include "plotter/chart.h"

/* Both fill axis->ticks (owned by the axis), labels and title for about `wanted` labels; 0 or
 * -ENOMEM. */
int ticks_memory(struct chart_axis *axis,
		 unsigned wanted); /* steps of 1, 2, 5 × 10^n KiB/MiB or binary-friendly GiB */
int ticks_time(struct chart_axis *axis, unsigned wanted); /* s, min:s, h:min, days */

/* "182.0 MiB", "1.46 GiB"; "0.60 s", "2 min 5 s", "1 h 3 min". Returns out. */
char *format_memory(char *out, unsigned long size, double mib);
char *format_duration(char *out, unsigned long size, double seconds);
