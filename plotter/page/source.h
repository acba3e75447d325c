/* The source around the lines that grew, with a bar for each: files that are still as they were
 * when the recording began; of others the figures alone, and why. */
#pragma once

#include <stdio.h>

#include "share/commands/source_right.h"
#include "share/growth/growth.h"

/* 0 or -ENOMEM. */
int source_put(FILE *out, const struct profile *profile, const struct growth *growth,
	       const struct source_right *right);
