#include "recorder/kernel/limit.h"

#include "recorder/kernel/cgroup.h"
#include "tests/pretend.h"

#define MEMINFO "MemTotal:       1000 kB\nMemFree: 5 kB\n"

static void without_a_group_all_that_the_machine_has(void)
{
	pretend_begin();
	CHECK_INT(limit_of(7).bytes, 0);
	pretend_put("/proc/meminfo", MEMINFO);
	CHECK_INT(limit_of(7).bytes, 1000 * 1024);
	CHECK_INT(limit_of(7).kind, LIMIT_OF_MACHINE);
	pretend_end();
}

static void put_group(const char *most, const char *high)
{
	pretend_put("/proc/self/mountinfo", "41 31 0:38 / /sys/fs/cgroup rw - cgroup2 c rw\n");
	pretend_put("/proc/7/cgroup", "0::/a\n");
	pretend_put("/sys/fs/cgroup/a/memory.max", "%s\n", most);
	pretend_put("/sys/fs/cgroup/a/memory.high", "%s\n", high);
}

static void the_least_of_both(void)
{
	pretend_begin();
	pretend_put("/proc/meminfo", MEMINFO);
	put_group("max", "max");
	CHECK_INT(limit_of(7).bytes, 1000 * 1024);
	CHECK_INT(limit_of(7).kind, LIMIT_OF_MACHINE);
	put_group("4096", "max");
	CHECK_INT(limit_of(7).bytes, 4096);
	CHECK_INT(limit_of(7).kind, LIMIT_OF_GROUP);
	CHECK_INT(limit_of(8).bytes, 1000 * 1024);
	put_group("9999999999", "max");
	CHECK_INT(limit_of(7).bytes, 1000 * 1024);
	CHECK_INT(limit_of(7).kind, LIMIT_OF_MACHINE);
	pretend_remove("/proc/meminfo");
	CHECK_INT(limit_of(7).bytes, 9999999999);
	pretend_end();
}

static void a_group_may_slow_before_it_kills(void)
{
	pretend_begin();
	pretend_put("/proc/meminfo", MEMINFO);
	put_group("8192", "4096");
	CHECK_INT(limit_of(7).bytes, 4096);
	CHECK_INT(limit_of(7).kind, LIMIT_SLOWS);
	pretend_end();
}

/* A job's limit is shared by its steps and tasks. */
static void whose_limit_it_is(void)
{
	struct cgroup task, whose;
	char folder[PATH_MAX];
	pretend_begin();
	pretend_put("/proc/self/mountinfo", "41 31 0:38 / /sys/fs/cgroup rw - cgroup2 c rw\n");
	pretend_put("/proc/7/cgroup", "0::/job/step/task\n");
	pretend_put("/sys/fs/cgroup/memory.stat", "anon 1\n");
	pretend_put("/sys/fs/cgroup/job/memory.max", "4096\n");
	pretend_put("/sys/fs/cgroup/job/step/memory.max", "8192\n");
	pretend_put("/sys/fs/cgroup/job/step/task/memory.max", "max\n");
	CHECK_INT(cgroup_find(&task, 7), 0);
	limit_find_group(&whose, &task, limit_of_group(&task).bytes);
	CHECK_STR(whose.folder, pretend_path(folder, "/sys/fs/cgroup/job"));
	pretend_put("/sys/fs/cgroup/job/step/task/memory.max", "1024\n");
	limit_find_group(&whose, &task, limit_of_group(&task).bytes);
	CHECK_STR(whose.folder, pretend_path(folder, "/sys/fs/cgroup/job/step/task"));
	pretend_end();
}

int main(void)
{
	RUN(without_a_group_all_that_the_machine_has);
	RUN(the_least_of_both);
	RUN(a_group_may_slow_before_it_kills);
	RUN(whose_limit_it_is);
	return DONE();
}
