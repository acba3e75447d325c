#include "plotter/chart/ticks.h"

#include <math.h>
#include <stdlib.h>

#include "tests/check.h"

/* "0 50 100 150 | memory (MiB)" */
static const char *labels(int (*ticks)(struct chart_axis *, unsigned), double low, double high,
			  unsigned wanted)
{
	static char text[2048];
	struct chart_axis axis = { .low = low, .high = high };
	text[0] = '\0';
	CHECK_INT(ticks(&axis, wanted), 0);
	CHECK(axis.n <= 64);
	for (size_t i = 0; i < axis.n; i++)
		strcat(strcat(text, axis.ticks[i].label), " ");
	strcat(strcat(text, "| "), axis.title);
	free(axis.ticks);
	return text;
}

static void memory_has_round_steps(void)
{
	CHECK_STR(labels(ticks_memory, 0, 204, 6), "0 50 100 150 200 | memory (MiB)");
	CHECK_STR(labels(ticks_memory, 0, 1.9, 5), "0.0 0.5 1.0 1.5 | memory (MiB)");
	CHECK_STR(labels(ticks_memory, 0, 0.5, 4), "0 200 400 | memory (KiB)");
	CHECK_STR(labels(ticks_memory, 0, 4096, 5), "0 1 2 3 4 | memory (GiB)");
	CHECK_STR(labels(ticks_memory, 0, 2 * 1048576.0, 5), "0.0 0.5 1.0 1.5 2.0 | memory (TiB)");
}

static void time_is_in_the_unit_people_say(void)
{
	CHECK_STR(labels(ticks_time, 0, 1.91, 8), "0.0 0.5 1.0 1.5 | time (s)");
	CHECK_STR(labels(ticks_time, 0, 0.04, 4), "0 10 20 30 40 | time (ms)");
	CHECK_STR(labels(ticks_time, 0, 600, 6), "0:00 2:00 4:00 6:00 8:00 10:00 | time (min:s)");
	CHECK_STR(labels(ticks_time, 0, 5 * 3600, 6),
		  "0:00 1:00 2:00 3:00 4:00 5:00 | time (h:min)");
	CHECK_STR(labels(ticks_time, 0, 10 * 86400, 5), "0 2 4 6 8 10 | time (days)");
}

static void windows_start_anywhere(void)
{
	CHECK_STR(labels(ticks_time, 9.97, 10.03, 6),
		  "9.97 9.98 9.99 10.00 10.01 10.02 10.03 | time (s)");
	CHECK_STR(labels(ticks_time, 100.2, 101.9, 4), "100.5 101.0 101.5 | time (s)");
	CHECK_STR(labels(ticks_time, 18000, 18020, 5),
		  "300:00 300:05 300:10 300:15 300:20 | time (min:s)");
	CHECK_STR(labels(ticks_time, 400000, 400300, 5),
		  "111:07 111:08 111:09 111:10 111:11 | time (h:min)");
}

static void nonsense_ends(void)
{
	labels(ticks_memory, 0, 0, 5);
	labels(ticks_memory, 5, 1, 5);
	labels(ticks_memory, 0, 1e300, 5);
	labels(ticks_memory, 0, 1e-300, 5);
	labels(ticks_time, 0, INFINITY, 5);
	labels(ticks_time, NAN, NAN, 5);
	labels(ticks_time, 1e15, 1e15 + 1, 1000000);
	labels(ticks_time, 0, 10, 0);
}

int main(void)
{
	RUN(memory_has_round_steps);
	RUN(time_is_in_the_unit_people_say);
	RUN(windows_start_anywhere);
	RUN(nonsense_ends);
	return DONE();
}
