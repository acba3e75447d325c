#include "recorder/heap/preload/count.h"

#include <errno.h>

#include "recorder/heap/preload/sample.h"

_Thread_local uint64_t count_left;
static _Thread_local bool begun;

static bool draw(size_t size)
{
	if (!begun) {
		int64_t distance = sample_distance();
		begun = distance > 0;
		count_left = begun ? (uint64_t)distance : 0;
	}
	if (!begun)
		return false;
	if (size <= count_left) {
		count_left -= size;
		return false;
	}
	count_left = (uint64_t)sample_distance();
	return true;
}

/* What is met while one is drawn is ours, and too early to be counted. */
bool count_beyond(size_t size)
{
	int before = errno;
	sample_quiet++;
	bool due = draw(size);
	sample_quiet--;
	errno = before;
	return due && !sample_quiet;
}
