/* --max-peak SIZE: the exit status tells that the peak was above a size. */
#include <stddef.h>

#include "recorder/recording/figure.h"
#include "recorder/recording/recording.h"
#include "share/command.h"
#include "share/fault.h"

struct max_peak {
	uint64_t allowed; /* bytes; 0: any */
};

static const struct command_option options[] = {
	{ 0, "max-peak", &option_size, offsetof(struct max_peak, allowed),
	  "leave with 3 when the peak was above SIZE" },
	{ 0 },
};

/* The largest figure that was certainly reached: of MEM, and where that is the resident set, of the
 * marks. */
static uint64_t peak_of(const struct recording *r)
{
	uint64_t peak = r->memory.peak;
	if (r->family.n > 0 && !r->family.source->metric->marked)
		return peak;
	peak = r->peaks.high_water > peak ? r->peaks.high_water : peak;
	if (r->peaks.ru_maxrss > r->target.floor && r->peaks.ru_maxrss > peak)
		peak = r->peaks.ru_maxrss;
	return peak;
}

static int say(void *state, const struct recording *r, int status)
{
	const struct max_peak *m = state;
	char peak[FORMAT_SIZE], limit[FORMAT_SIZE];
	uint64_t most = peak_of(r);
	if (m->allowed == 0 || most <= m->allowed)
		return status;
	fault(STATUS_ABOVE, "the peak of %s was above the %s of --max-peak", figure_say(peak, most),
	      figure_say(limit, m->allowed));
	return status == STATUS_OK ? STATUS_ABOVE : status;
}

const struct probe probe_max_peak = {
	.state_size = sizeof(struct max_peak),
	.options = options,
	.say = say,
};
