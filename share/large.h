/* A file that may not grow any more (ulimit -f) is told of as any other that cannot be written, and
 * is no death by SIGXFSZ. */
#pragma once

/* From now on the signal is ignored. */
void large_ignore(void);

/* In a child of ours, before exec: as it was before us. Async-signal-safe. */
void large_restore(void);
