#include "recorder/kernel/limit.h"

#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "recorder/kernel/cgroup.h"
#include "recorder/kernel/machine.h"
#include "recorder/kernel/procfs.h"

/* MemTotal; where /proc shows processes only (subset=pid), the same by a system call. */
static struct limit limit_of_machine(void)
{
	char text[8192];
	struct sysinfo info;
	struct limit limit = { .kind = LIMIT_OF_MACHINE };
	if (procfs_once(0, "meminfo", text, sizeof text) > 0)
		procfs_parse_kb(text, "MemTotal:", &limit.bytes);
	else if (!*machine_root() && sysinfo(&info) == 0)
		limit.bytes = (uint64_t)info.totalram * info.mem_unit;
	return limit;
}

/* One above what the machine has is none. */
struct limit limit_of_group(const struct cgroup *group)
{
	struct limit machine = limit_of_machine(), limit;
	bool slows;
	if (!group || cgroup_limit(group, &limit.bytes, &slows) < 0)
		return machine;
	limit.kind = slows ? LIMIT_SLOWS : LIMIT_OF_GROUP;
	return machine.bytes == 0 || limit.bytes < machine.bytes ? limit : machine;
}

bool limit_is_near(uint64_t limit, uint64_t used)
{
	return limit > 0 && used > limit / 100 * 90;
}

void limit_find_group(struct cgroup *whose, const struct cgroup *group, uint64_t bytes)
{
	struct cgroup above = *group;
	uint64_t least;
	bool slows;
	do {
		char *slash = strrchr(above.folder + above.mount, '/');
		*whose = above;
		if (!slash)
			return;
		*slash = '\0';
	} while (cgroup_limit(&above, &least, &slows) == 0 && least == bytes);
}

struct limit limit_of(pid_t pid)
{
	struct cgroup group;
	return cgroup_find(&group, pid) < 0 ? limit_of_machine() : limit_of_group(&group);
}

bool limit_is_hidden(void)
{
	struct cgroup group;
	char path[MACHINE_PATH];
	machine_path(path, "/proc/%d/cgroup", (int)getpid());
	return access(path, F_OK) == 0 && cgroup_find(&group, getpid()) < 0;
}
