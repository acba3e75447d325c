/* Does the kernel's clock follow another one, and how far may it be off? */
#pragma once

#include <stdbool.h>

struct clock_sync {
	bool unsynchronised; /* nobody has set it right lately, for all that the kernel knows */
	double most_error;   /* seconds: the kernel's own bound */
};

/* 0 or -errno: where that may not be asked. */
int clock_sync_read(struct clock_sync *sync);
