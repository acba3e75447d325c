/* Who holds how much of which device, and whose figure has changed since it was read last. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "recorder/gpu/backend.h"

struct holders {
	struct holder {
		unsigned device;
		pid_t pid;
		uint64_t bytes;
		bool told; /* by the reading that is being taken */
	} * all;
	size_t n;
};

typedef void holders_change(void *context, unsigned device, pid_t pid, uint64_t before,
			    uint64_t bytes);

/* Calls `change` for each whose figure is another now; who is told no more holds nothing. */
void holders_take(struct holders *holders, unsigned device, const struct gpu_reading *reading,
		  holders_change *change, void *context);
void holders_free(struct holders *holders);
