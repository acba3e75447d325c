/* Which of the many processes of a job this recording is of, and how its node's clock stands: what
 * is needed to lay the recordings of a job over each other. */
#pragma once

struct launcher;
struct profile_writer;

/* META, as far as something is known; of one that was started alone nothing is put. 0 or -errno. */
int instance_put(struct profile_writer *writer, const struct launcher *launcher);
