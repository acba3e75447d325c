/* The first and the last records of a recording. */
#pragma once

struct recording;

/* CMDLINE and META, into the writer's buffer. */
void ends_put_head(struct recording *recording);

/* Once all has been concluded: META of what it comes to, GONE and EXIT. */
void ends_put_foot(struct recording *recording);

/* The same records once more, and the peak as the only sample, for whoever is told of a recording
 * that cannot be read back. */
void ends_put_again(struct recording *recording);
