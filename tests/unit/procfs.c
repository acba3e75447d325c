#include "recorder/kernel/procfs.h"

#include <errno.h>
#include <unistd.h>

#include "tests/check.h"

static void statm_has_its_second_field(void)
{
	uint64_t pages = 7;
	CHECK_INT(procfs_parse_statm("1234 567 89 1 0 2 0\n", &pages), 0);
	CHECK_INT(pages, 567);
	CHECK_INT(procfs_parse_statm("0 0 0 0 0 0 0\n", &pages), 0);
	CHECK_INT(pages, 0);
	CHECK_INT(procfs_parse_statm("", &pages), -EINVAL);
	CHECK_INT(procfs_parse_statm("12", &pages), -EINVAL);
	CHECK_INT(procfs_parse_statm("12 x", &pages), -EINVAL);
}

static void figures_in_kb_are_found_by_their_key(void)
{
	const char *text =
		"Name:\tVmHWM: 9 kB\nVmPeak:\t  5000 kB\nVmHWM:\t  1234 kB\nVmRSS:\t 1 kB\n";
	uint64_t bytes = 0;
	CHECK_INT(procfs_parse_kb(text, "VmHWM:", &bytes), 0);
	CHECK_INT(bytes, 1234 * 1024);
	CHECK_INT(procfs_parse_kb(text, "VmSwap:", &bytes), -ENOENT);
	CHECK_INT(procfs_parse_kb("", "VmHWM:", &bytes), -ENOENT);
}

static void a_name_may_hold_anything(void)
{
	struct procfs_stat stat;
	const char *text =
		"42 (a) b (c)) S 7 1 1 0 -1 4194304 1 55 0 0 0 0 0 0 20 0 1 0 9876 1 1\n";
	CHECK_INT(procfs_parse_stat(text, &stat), 0);
	CHECK_STR(stat.name, "a) b (c)");
	CHECK_INT(stat.state, 'S');
	CHECK_INT(stat.ppid, 7);
	CHECK_INT(stat.start, 9876);
	CHECK_INT(stat.child_faults, 55);
	CHECK_INT(procfs_parse_stat("42 nothing", &stat), -EINVAL);
	CHECK_INT(procfs_parse_stat("42 (x) S 7", &stat), -EINVAL);
}

static void a_file_is_read_again_and_again(void)
{
	struct procfs file;
	char text[256];
	uint64_t pages = 0;
	CHECK_INT(procfs_open(&file, getpid(), 0, "statm"), 0);
	for (int i = 0; i < 3; i++) {
		CHECK(procfs_read(&file, text, sizeof text) > 0);
		CHECK_INT(procfs_parse_statm(text, &pages), 0);
		CHECK(pages > 0);
	}
	procfs_close(&file);
	CHECK_INT(procfs_open(&file, 1 << 30, 0, "statm"), -ESRCH);
}

static void a_closed_file_is_opened_at_each_read(void)
{
	struct procfs file;
	char text[256];
	CHECK_INT(procfs_open(&file, getpid(), getpid(), "statm"), 0);
	procfs_close(&file);
	CHECK_INT(file.fd, -1);
	CHECK(procfs_read(&file, text, sizeof text) > 0);
}

static void the_newest_pid_is_the_last_field(void)
{
	pid_t pid = 0;
	CHECK_INT(procfs_parse_newest("0.10 0.20 0.30 1/234 5678\n", &pid), 0);
	CHECK_INT(pid, 5678);
	CHECK_INT(procfs_parse_newest("nonsense", &pid), -EINVAL);
}

int main(void)
{
	RUN(statm_has_its_second_field);
	RUN(figures_in_kb_are_found_by_their_key);
	RUN(a_name_may_hold_anything);
	RUN(a_file_is_read_again_and_again);
	RUN(a_closed_file_is_opened_at_each_read);
	RUN(the_newest_pid_is_the_last_field);
	return DONE();
}
