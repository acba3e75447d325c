/* Nice steps for an axis. */
#pragma once

#include "plotter/chart/chart.h"

/* Both fill axis->ticks (owned by the axis), labels and title for about `wanted` labels; 0 or
 * -ENOMEM. */
int ticks_memory(struct chart_axis *axis,
		 unsigned wanted); /* steps of 1, 2, 5 × 10^n KiB/MiB or binary-friendly GiB */
int ticks_time(struct chart_axis *axis, unsigned wanted); /* s, min:s, h:min, days */
