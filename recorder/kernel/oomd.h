/* What systemd-oomd has ended of a control group: it keeps counts in attributes of the group's
 * folder, user.oomd_ooms before it kills and user.oomd_kill after that (systemd-oomd.service(8)).
 */
#pragma once

#include <stdint.h>

struct cgroup;

/* The group's own folder: a group that is empty is soon removed, but what is open can be read. A
 * descriptor, or -errno. */
int oomd_open(const struct cgroup *group);

/* Of the group, whose folder is open (below 0: it is not), and those above it, as far as they are
 * seen; 0: nothing, or nobody keeps count. */
uint64_t oomd_kills(const struct cgroup *group, int folder);
