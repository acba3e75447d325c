#include "plotter/chart/ticks.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share/array.h"

enum { MOST_TICKS = 64 };

/* One way to write an axis: the unit that its labels are in, in data coordinates (MiB or seconds).
 */
struct unit {
	double size;
	double least; /* the smallest figure that is in it */
	const char *title;
};

/* Writes the label of one tick. */
typedef void write_label(char *out, size_t size, double value, double step);

static double span_of(const struct chart_axis *axis)
{
	double span = axis->high - axis->low;
	return isfinite(span) && span > 0 ? span : 0;
}

/* The smallest of 1, 2, 5 × 10^n that is at least `least`. */
static double nice_step(double least)
{
	double power = pow(10, floor(log10(least)));
	for (double factor = 1; factor < 10; factor = factor == 2 ? 5 : factor * 2)
		if (power * factor >= least * (1 - 1e-9))
			return power * factor;
	return power * 10;
}

/* Decimals that a label needs so that neighbours differ. */
static int decimals_of(double step)
{
	double digits = ceil(-log10(step) - 1e-9);
	return digits > 0 ? (int)fmin(digits, 9) : 0;
}

/* Ticks at every multiple of `step` units; `write` labels one. */
static int place(struct chart_axis *axis, double step, double unit, write_label *write)
{
	double first = ceil(axis->low / unit / step - 1e-9);
	double last = floor(axis->high / unit / step + 1e-9);
	if (!isfinite(first) || !isfinite(last))
		return 0;
	for (double i = first; i <= last && axis->n < MOST_TICKS; i++) {
		struct chart_tick *tick = array_more(&axis->ticks, &axis->n, sizeof *tick);
		if (!tick)
			return -ENOMEM;
		tick->at = i * step * unit;
		write(tick->label, sizeof tick->label, i * step, step);
	}
	return 0;
}

static void write_decimal(char *out, size_t size, double value, double step)
{
	snprintf(out, size, "%.*f", decimals_of(step), value == 0 ? 0 : value);
}

static unsigned at_least_one(unsigned wanted)
{
	return wanted ? wanted : 1;
}

int ticks_memory(struct chart_axis *axis, unsigned wanted)
{
	static const struct unit units[] = {
		{ 0x1p20, 0x1p20, "memory (TiB)" },
		{ 0x1p10, 1536, "memory (GiB)" },
		{ 1, 1, "memory (MiB)" },
		{ 0x1p-10, 0, "memory (KiB)" },
	};
	const struct unit *unit = units;
	double span = span_of(axis);
	/* As format_memory writes the highest figure, which stands beside the axis: 1.5 GiB reads
	 * well as 1536 MiB does not. */
	double top = axis->top > 0 ? axis->top : axis->high;
	while (unit->size > 1 && top < unit->least)
		unit++;
	if (unit->size == 1 && top < unit->least)
		unit++;
	snprintf(axis->title, sizeof axis->title, "%s", unit->title);
	if (span == 0)
		return 0;
	return place(axis, nice_step(span / unit->size / at_least_one(wanted)), unit->size,
		     write_decimal);
}

/* ---- time ---- */

static void write_clock(char *out, size_t size, double value, double step)
{
	(void)step;
	long minutes = lround(value);
	snprintf(out, size, "%ld:%02ld", minutes / 60, minutes % 60);
}

/* The units are those of format_duration, whose figures stand beside the axis. Labels count the
 * small unit: seconds in "min:s", minutes in "h:min". */
static const struct scale {
	double most;  /* seconds up to which it serves */
	double small; /* seconds */
	const char *title;
	write_label *write;
	double steps[16]; /* in small units; none: 1, 2, 5 × 10^n */
} scales[] = {
	{ 0.1, 1e-3, "time (ms)", write_decimal, { 0 } },
	{ 119.95, 1, "time (s)", write_decimal, { 0 } },
	{ 2 * 3600,
	  1,
	  "time (min:s)",
	  write_clock,
	  { 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200 } },
	{ 2 * 86400,
	  60,
	  "time (h:min)",
	  write_clock,
	  { 1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880 } },
	{ INFINITY, 86400, "time (days)", write_decimal, { 0 } },
};

static double step_of(const struct scale *scale, double least)
{
	if (scale->steps[0] == 0)
		return nice_step(least);
	for (size_t i = 0; scale->steps[i] > 0; i++)
		if (scale->steps[i] >= least * (1 - 1e-9))
			return scale->steps[i];
	return nice_step(least);
}

int ticks_time(struct chart_axis *axis, unsigned wanted)
{
	const struct scale *scale = scales;
	double span = span_of(axis);
	/* By what the axis reaches, except that a window narrower than it keeps its seconds
	 * readable. */
	while (axis->high > scale->most)
		scale++;
	while (scale > scales + 1 && span / at_least_one(wanted) < scale->small * 0.9)
		scale--;
	snprintf(axis->title, sizeof axis->title, "%s", scale->title);
	if (span == 0)
		return 0;
	return place(axis, step_of(scale, span / scale->small / at_least_one(wanted)), scale->small,
		     scale->write);
}
