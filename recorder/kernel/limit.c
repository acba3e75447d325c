#include "recorder/kernel/limit.h"

#include "recorder/kernel/cgroup.h"
#include "recorder/kernel/procfs.h"

uint64_t limit_of_machine(void)
{
	char text[8192];
	uint64_t bytes = 0;
	if (procfs_once(0, "meminfo", text, sizeof text) > 0)
		procfs_parse_kb(text, "MemTotal:", &bytes);
	return bytes;
}

uint64_t limit_of(pid_t pid)
{
	struct cgroup group;
	uint64_t limit, machine = limit_of_machine();
	bool slows;
	if (cgroup_find(&group, pid) < 0 || cgroup_limit(&group, &limit, &slows) < 0)
		return machine;
	return machine == 0 || limit < machine ? limit : machine;
}
