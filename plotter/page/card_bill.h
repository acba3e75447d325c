/* What a GPU's memory was held for when there was none left: a table of each process that failed
 * then, and there only where the recording tells of it. */
#pragma once

#include <stdio.h>

#include "share/growth/growth.h"

struct profile;

/* 0 or -ENOMEM. */
int card_bill_put(FILE *out, const struct profile *profile, const struct growth *growth);
