#include "plotter/export/clock.h"

#include "share/profile/profile.h"

/* In seconds: a clock in a file can be anything. */
void clock_align(const struct profile *const profiles[], size_t n, int64_t shift[])
{
	double first = 0, last = 0, sum = 0;
	int64_t zero = n > 0 ? profiles[0]->start_us : 0;
	for (size_t i = 0; i < n; i++) {
		double start = sample_seconds(profiles[i]->start_us);
		double end = sample_seconds(profile_end_us(profiles[i]));
		first = i == 0 || start < first ? start : first;
		last = i == 0 || end > last ? end : last;
		sum += end > start ? end - start : 0;
	}
	bool together = last - first <= 2 * sum;
	for (size_t i = 0; i < n; i++)
		shift[i] = together ? 0 : zero - profiles[i]->start_us;
}
