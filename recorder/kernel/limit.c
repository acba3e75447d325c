#include "recorder/kernel/limit.h"

#include <stdbool.h>

#include "recorder/kernel/cgroup.h"
#include "recorder/kernel/procfs.h"

/* MemTotal. */
static struct limit limit_of_machine(void)
{
	char text[8192];
	struct limit limit = { .kind = LIMIT_OF_MACHINE };
	if (procfs_once(0, "meminfo", text, sizeof text) > 0)
		procfs_parse_kb(text, "MemTotal:", &limit.bytes);
	return limit;
}

/* One above what the machine has is none. */
struct limit limit_of_group(const struct cgroup *group)
{
	struct limit machine = limit_of_machine(), limit;
	bool slows;
	if (cgroup_limit(group, &limit.bytes, &slows) < 0)
		return machine;
	limit.kind = slows ? LIMIT_SLOWS : LIMIT_OF_GROUP;
	return machine.bytes == 0 || limit.bytes < machine.bytes ? limit : machine;
}

struct limit limit_of(pid_t pid)
{
	struct cgroup group;
	return cgroup_find(&group, pid) < 0 ? limit_of_machine() : limit_of_group(&group);
}
