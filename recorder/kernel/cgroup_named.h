/* A control group by what people call it. */
#pragma once

struct cgroup;

/* By its folder; by its path, as /proc/PID/cgroup has it; or by the last part of that, as of a unit
 * ("cron.service"), where it is the only one. 0; -ENOENT: there is none; -EEXIST: there are several
 * of that name. */
int cgroup_named(struct cgroup *group, const char *word);
