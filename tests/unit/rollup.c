#include "recorder/kernel/rollup.h"

#include <errno.h>

#include "tests/pretend.h"

static const char *put(const char *text)
{
	pretend_put("/proc/7/smaps_rollup", "%s", text);
	return text;
}

static void a_rollup_is_read_again_and_again(void)
{
	struct procfs file;
	char text[ROLLUP_TEXT];
	pretend_begin();
	put("Rss: 5 kB\nPss: 3 kB\n");
	CHECK_INT(rollup_open(&file, 7), 0);
	CHECK_INT(rollup_fetch(&file, text), 0);
	CHECK_STR(text, put("Rss: 5 kB\nPss: 3 kB\n"));
	CHECK_STR((put("Rss: 6 kB\n"), rollup_fetch(&file, text) == 0 ? text : ""), "Rss: 6 kB\n");
	rollup_close(&file);
	pretend_end();
}

/* What was opened before execve reads as nothing after it. */
static void an_exec_is_survived(void)
{
	struct procfs file;
	char text[ROLLUP_TEXT];
	pretend_begin();
	put("Rss: 5 kB\n");
	CHECK_INT(rollup_open(&file, 7), 0);
	pretend_remove("/proc/7/smaps_rollup");
	put("Rss: 6 kB\n");
	CHECK_INT(rollup_fetch(&file, text), 0);
	CHECK_STR(text, "Rss: 6 kB\n");
	pretend_gone(7);
	CHECK_INT(rollup_fetch(&file, text), -ESRCH);
	rollup_close(&file);
	CHECK_INT(rollup_open(&file, 7), -ESRCH);
	pretend_end();
}

static void a_thread_stands_in_for_a_dead_leader(void)
{
	struct procfs file;
	char text[ROLLUP_TEXT];
	pretend_begin();
	put("");
	pretend_process(7, 1, "worker", 'Z', 5, 0);
	pretend_put("/proc/7/task/9/stat", "9 (worker) S 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 6 0");
	pretend_put("/proc/7/task/9/smaps_rollup", "Rss: 8 kB\n");
	CHECK_INT(rollup_open(&file, 7), 0);
	CHECK_INT(rollup_fetch(&file, text), 0);
	CHECK_STR(text, "Rss: 8 kB\n");
	rollup_close(&file);
	pretend_end();
}

int main(void)
{
	RUN(a_rollup_is_read_again_and_again);
	RUN(an_exec_is_survived);
	RUN(a_thread_stands_in_for_a_dead_leader);
	return DONE();
}
