#include "recorder/kernel/high_water.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/pretend.h"

static const size_t SPIKE = 64 << 20;

static void spike(void)
{
	char *memory =
		mmap(NULL, SPIKE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (size_t i = 0; memory != MAP_FAILED && i < SPIKE; i += 4096)
		memory[i] = 1;
	munmap(memory, SPIKE);
}

static void a_mark_that_is_only_read_tells_of_rises(void)
{
	struct high_water mark;
	uint64_t before = 0, most = 0;
	CHECK_INT(high_water_open(&mark, getpid(), false), 0);
	CHECK(!high_water_is_reset(&mark));
	CHECK_INT(high_water_read(&mark, &before), 0);
	spike();
	CHECK_INT(high_water_read(&mark, &most), 0);
	CHECK(most > before + SPIKE / 2);
	CHECK_INT(mark.highest, most);
	CHECK_INT(high_water_read(&mark, &most), 0);
	CHECK_INT(most, 0);
	CHECK(!mark.changed);
	high_water_close(&mark);
}

static void a_mark_that_is_reset_tells_of_each_interval(void)
{
	struct high_water mark;
	uint64_t first = 0, second = 0, third = 0;
	CHECK_INT(high_water_open(&mark, getpid(), true), 0);
	if (!high_water_is_reset(&mark)) {
		printf("# SKIP: this kernel lets nobody reset it\n");
		return;
	}
	high_water_read(&mark, &first); /* of all the time before */
	spike();
	high_water_read(&mark, &first);
	high_water_read(&mark, &second);
	spike();
	high_water_read(&mark, &third);
	CHECK(first > second + SPIKE / 2);
	CHECK(third > second + SPIKE / 2);
	CHECK(mark.highest >= first && mark.highest >= third);
	high_water_close(&mark);
}

static void nobody_has_none(void)
{
	struct high_water mark;
	CHECK_INT(high_water_open(&mark, 1 << 30, true), -ESRCH);
}

/* ---- in a machine that is made up ---- */

static void put_mark(const char *name, unsigned kib)
{
	pretend_put("/proc/7/status", "Name:\t%s\nVmHWM:\t %u kB\n", name, kib);
}

static uint64_t kib_of(struct high_water *mark)
{
	uint64_t most = 999;
	CHECK_INT(high_water_read(mark, &most), 0);
	return most / 1024;
}

static void an_exec_loses_the_mark_of_before(void)
{
	struct high_water mark;
	pretend_begin();
	put_mark("shell", 100);
	CHECK_INT(high_water_open(&mark, 7, false), 0);
	CHECK_INT(kib_of(&mark), 100);
	CHECK(!mark.changed);
	put_mark("program", 120);
	CHECK_INT(kib_of(&mark), 120);
	CHECK(mark.changed);
	put_mark("program", 50); /* the same once more */
	CHECK_INT(kib_of(&mark), 0);
	CHECK(mark.changed);
	put_mark("program", 60);
	CHECK_INT(kib_of(&mark), 0);
	CHECK(!mark.changed);
	CHECK_INT(mark.highest, 120 * 1024);
	high_water_close(&mark);
	pretend_end();
}

static void a_mark_that_may_not_be_reset_is_read(void)
{
	struct high_water mark;
	char text[8];
	pretend_begin();
	put_mark("program", 100);
	CHECK_INT(high_water_open(&mark, 7, true), 0); /* there is no clear_refs */
	CHECK(!high_water_is_reset(&mark));
	CHECK_INT(kib_of(&mark), 100);
	high_water_close(&mark);
	pretend_put("/proc/7/clear_refs", "0");
	CHECK_INT(high_water_open(&mark, 7, true), 0);
	CHECK_INT(kib_of(&mark), 100);
	CHECK(procfs_once(7, "clear_refs", text, sizeof text) > 0);
	CHECK_STR(text, "5");
	put_mark("program", 40);
	CHECK_INT(kib_of(&mark), 40); /* of each interval, not only what is higher */
	CHECK(!mark.changed);
	high_water_close(&mark);
	pretend_end();
}

/* Its leading thread has ended, and tells nothing any more. */
static void a_zombie_has_no_mark_but_its_threads_have(void)
{
	struct high_water mark;
	uint64_t most;
	pretend_begin();
	put_mark("program", 100);
	CHECK_INT(high_water_open(&mark, 7, false), 0);
	pretend_put("/proc/7/status", "Name:\tprogram\nState:\tZ\n");
	CHECK_INT(high_water_read(&mark, &most), -ESRCH);
	pretend_put("/proc/7/task/9/stat", "9 (x) S 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 6 0");
	pretend_put("/proc/7/task/9/status", "Name:\tprogram\nVmHWM:\t 130 kB\n");
	CHECK_INT(kib_of(&mark), 130);
	high_water_close(&mark);
	pretend_end();
}

int main(void)
{
	RUN(a_mark_that_is_only_read_tells_of_rises);
	RUN(a_mark_that_is_reset_tells_of_each_interval);
	RUN(nobody_has_none);
	RUN(an_exec_loses_the_mark_of_before);
	RUN(a_mark_that_may_not_be_reset_is_read);
	RUN(a_zombie_has_no_mark_but_its_threads_have);
	return DONE();
}
