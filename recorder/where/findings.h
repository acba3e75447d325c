/* What the file and the user are told of the Pythons that were found, or could not be read. */
#pragma once

#include "recorder/where/growth.h"

/* Whose sources a reader of the recording may be shown: its head tells the target's user, and each
 * other that is met is told as well. */
void findings_user(struct growth_probe *growth, struct recording *recording,
		   const struct grower *grower);

/* The first that is found, and the first that is refused, are what the file tells of. */
void findings_find(struct growth_probe *growth, struct recording *recording,
		   const struct grower *grower);

/* How the growth is seen. */
void findings_begin(const struct growth_probe *growth, struct recording *recording);

/* Does a page of a process, or of a file that it has mapped, not come? Whoever wants it waits. */
bool findings_stall(struct growth_probe *growth, struct recording *recording, int64_t now);

/* In one sentence each, what could not be read, or is not allowed. */
void findings_say(const struct growth_probe *growth, const struct recording *recording);
