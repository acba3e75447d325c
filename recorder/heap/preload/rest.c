#include "recorder/heap/preload/rest.h"

#include <time.h>

int64_t rest_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t rest_until(int64_t until, int64_t begun, int share)
{
	static const int64_t SAVED = 5000000000; /* ns */
	int64_t from = until > begun - SAVED ? until : begun - SAVED;
	return from + (rest_now() - begun) * share;
}
