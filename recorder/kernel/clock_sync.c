#include "recorder/kernel/clock_sync.h"

#include <errno.h>
#include <sys/timex.h>

int clock_sync_read(struct clock_sync *sync)
{
	struct timex timex = { .modes = 0 }; /* asks, and sets nothing */
	if (adjtimex(&timex) < 0)
		return -errno;
	sync->unsynchronised = timex.status & STA_UNSYNC;
	sync->most_error = (double)timex.maxerror / 1e6;
	return 0;
}
