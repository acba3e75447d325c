/* When what is allowed is reached: what it is, and how long that takes. */
#pragma once

#include "share/growth/outlook.h"

/* Of a recording's own memory: the one of all limits that is reached first. */
void outlook_limit_memory(struct outlook_curve *curve, const struct profile *profile);

/* Of a device. */
void outlook_limit_device(struct outlook_curve *curve, const struct profile *profile);
