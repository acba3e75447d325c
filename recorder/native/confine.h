/* The helper reads files that anybody may have made: it keeps nothing that it does not need. */
#pragma once

/* Lowest priority, a session of its own, no terminal's signals, limits of memory, no file that may
 * be written, no privilege but those that reading files of others takes, where it has these. What
 * this machine refuses is gone without. */
void confine(void);
