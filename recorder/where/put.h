/* The GROW records of a process. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "recorder/where/growth.h"

/* So many bytes more (or fewer) at a place: the process holds that much more from now on. What it
 * copied does not change what it holds. */
struct step {
	int64_t bytes;
	pid_t thread;
	uint64_t frame;
	enum profile_how how;
	uint64_t ticket; /* of its native frames; 0: none */
};

void put_step(struct growth_probe *growth, struct recording *recording, struct grower *grower,
	      const struct step *step, int64_t now);

/* What its shares come to, of an account; they are empty then. */
void put_shares(struct growth_probe *growth, struct recording *recording, struct grower *grower,
		const struct account *account, int64_t now);

/* What no event tells of: whoever seems to have done it. */
void put_polled(struct growth_probe *growth, struct recording *recording, struct grower *grower,
		const struct account *account, int64_t now);

/* What of that was kept back: as far as it is known by now, and all of it. */
void put_kept(struct growth_probe *growth, struct recording *recording, struct grower *grower,
	      int64_t now);
void put_rest(struct growth_probe *growth, struct recording *recording, struct grower *grower);
