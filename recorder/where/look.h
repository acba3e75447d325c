/* A look at the processes: at what has grown in them, and where. */
#pragma once

#include <stdint.h>

#include "recorder/where/growth.h"

enum look_why { LOOK_FAULTS, LOOK_TICK, LOOK_END /* nothing is kept back */ };

void look_at_all(struct growth_probe *growth, struct recording *recording, enum look_why why,
		 int64_t now);

void look_close(struct growth_probe *growth); /* frees what looks use */

/* The process may be gone: what was told of it until then is put. */
void look_last(struct growth_probe *growth, struct recording *recording, struct grower *grower,
	       int64_t now);
