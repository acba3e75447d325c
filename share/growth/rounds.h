/* Growth from mark to mark: whatever a round of work is, an epoch or a request, and however long it
 * takes. */
#pragma once

#include <stddef.h>

#include "share/growth/answer.h"

struct profile;

/* Of the marks of one name that are most, "epoch" of "epoch 1", "epoch 2" …; *name is "" where
 * there are too few, and the answer is too short. 0 or -ENOMEM. */
int rounds_find(struct answer *answer, char *name, size_t size, const struct profile *profile,
		const struct curve *curve);
