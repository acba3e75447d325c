#include "recorder/probe_table.h"

#include <stddef.h>

#define DECLARED(name) extern const struct probe probe_##name;
#define LISTED(name)   &probe_##name,

PROBES(DECLARED)
const struct probe *const probe_table[] = { PROBES(LISTED) NULL };
