/* What systemd-oomd has ended of a control group: it keeps the count in an attribute of the group's
 * folder, user.oomd_kill, of processes killed (systemd-oomd.service(8)). */
#pragma once

#include <stdint.h>

struct cgroup;

/* Of the group and those above it, as far as they are seen; 0: nothing, or nobody keeps count. */
uint64_t oomd_kills(const struct cgroup *cgroup);
