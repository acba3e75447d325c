/* What peak prints of a recording. */
#pragma once

struct profile;

/* For people: mprof's lines, then each figure with how it is known. The exit status. */
int peak_print_text(const struct profile *profile);

/* Of what merge wrote: mprof's lines, and how its sum is known. The exit status. */
int peak_print_sum(const struct profile *profile);

/* For programs: one object, of an array. */
void peak_print_json(const struct profile *profile);
