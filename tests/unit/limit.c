#include "recorder/kernel/limit.h"

#include "tests/pretend.h"

#define MEMINFO "MemTotal:       1000 kB\nMemFree: 5 kB\n"

static void without_a_group_all_that_the_machine_has(void)
{
	pretend_begin();
	CHECK_INT(limit_of(7).bytes, 0);
	pretend_put("/proc/meminfo", MEMINFO);
	CHECK_INT(limit_of(7).bytes, 1000 * 1024);
	pretend_end();
}

static void the_least_of_both(void)
{
	pretend_begin();
	pretend_put("/proc/meminfo", MEMINFO);
	pretend_put("/proc/self/mountinfo", "41 31 0:38 / /sys/fs/cgroup rw - cgroup2 c rw\n");
	pretend_put("/proc/7/cgroup", "0::/a\n");
	pretend_put("/sys/fs/cgroup/a/memory.max", "max\n");
	CHECK_INT(limit_of(7).bytes, 1000 * 1024);
	pretend_put("/sys/fs/cgroup/a/memory.max", "4096\n");
	CHECK_INT(limit_of(7).bytes, 4096);
	CHECK_INT(limit_of(7).kind, LIMIT_OF_GROUP);
	pretend_put("/sys/fs/cgroup/a/memory.high", "2048\n");
	CHECK_INT(limit_of(7).bytes, 2048);
	CHECK_INT(limit_of(7).kind, LIMIT_SLOWS);
	pretend_put("/sys/fs/cgroup/a/memory.high", "max\n");
	CHECK_INT(limit_of(8).bytes, 1000 * 1024);
	CHECK_INT(limit_of(8).kind, LIMIT_OF_MACHINE);
	pretend_put("/sys/fs/cgroup/a/memory.max", "9999999999\n");
	CHECK_INT(limit_of(7).bytes, 1000 * 1024);
	pretend_remove("/proc/meminfo");
	CHECK_INT(limit_of(7).bytes, 9999999999);
	pretend_end();
}

int main(void)
{
	RUN(without_a_group_all_that_the_machine_has);
	RUN(the_least_of_both);
	return DONE();
}
