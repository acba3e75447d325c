#include "recorder/kernel/high_water.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/check.h"

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

int main(void)
{
	RUN(a_mark_that_is_only_read_tells_of_rises);
	RUN(a_mark_that_is_reset_tells_of_each_interval);
	RUN(nobody_has_none);
	return DONE();
}
