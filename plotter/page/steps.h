/* The largest steps by which a recording grew, for a page's script: ,"steps":[[seconds, MiB,
 * where], …], those of a device's memory behind the others; nothing where none is known. */
#pragma once

#include <stdio.h>

#include "share/growth/growth.h"

struct profile;

/* 0 or -ENOMEM. */
int steps_put(FILE *out, const struct profile *profile, growth_own own);
