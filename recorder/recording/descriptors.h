/* How many files we may have open: a tree takes several for each process. What we start gets the
 * limit as it was. */
#pragma once

#include <sys/resource.h>

/* As many as we may have; *before is the limit until then. */
void descriptors_raise(struct rlimit *before);

/* In a child of ours, before exec. Async-signal-safe. One that was never read (rlim_max 0) is left.
 */
void descriptors_restore(const struct rlimit *before);
