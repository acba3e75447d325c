/* What peak says of the metrics beside the first, of the limit, and of a kill for memory. */
#pragma once

struct profile;

/* Whose a metric is that is no process': " of the control group", " of the machine"; else NULL. */
const char *peak_scope(const char *metric);

void peak_print_metrics(const struct profile *profile);
