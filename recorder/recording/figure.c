#include "recorder/recording/figure.h"

#include <stdio.h>

#include "share/profile/profile.h"

static double mib(uint64_t bytes)
{
	return sample_mib(sample_umib(bytes));
}

char *figure_write(char out[FIGURE_SIZE], uint64_t bytes)
{
	snprintf(out, FIGURE_SIZE, "%.6f", mib(bytes));
	return out;
}

char *figure_say(char out[FORMAT_SIZE], uint64_t bytes)
{
	return format_memory(out, mib(bytes));
}
