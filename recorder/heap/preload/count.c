#include "recorder/heap/preload/count.h"

#include <errno.h>
#include <stdbool.h>

#include "recorder/heap/preload/sample.h"

_Thread_local int64_t count_left;
static _Thread_local bool begun;

/* What is met while one is drawn is ours, and too early to be counted. */
static bool draw(void)
{
	int before = errno;
	sample_quiet++;
	if (!begun) {
		int64_t distance = sample_distance();
		begun = distance > 0;
		count_left = begun ? count_left + distance : 0;
	}
	bool due = begun && count_left < 0;
	if (due)
		count_left = sample_distance();
	sample_quiet--;
	errno = before;
	return due;
}

void *count_reached(void *pointer, size_t size, void (*taken)(const void *, size_t))
{
	if (draw() && pointer && !sample_quiet)
		taken(pointer, size);
	return pointer;
}

void *count_sample(void *pointer, size_t size)
{
	return count_reached(pointer, size, sample_taken);
}
