/* What the kernel tells of the family, as it happens: forks, execs and exits, and what it accounts
 * of those that ended. */
#pragma once

#include <stdint.h>

struct family;

/* Takes what it has to tell of all that happened until `now`, which is past. */
void follow_until(struct family *family, int64_t now);
