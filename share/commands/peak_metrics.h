/* What peak says of the metrics beside the first, of the limit, and of a kill for memory. */
#pragma once

struct profile;

void peak_print_metrics(const struct profile *profile);
