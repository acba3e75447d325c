#include "recorder/kernel/procfs.h"

#include <errno.h>
#include <unistd.h>

#include "recorder/kernel/own_procfs.h"
#include "tests/pretend.h"

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

static void what_is_ignored_is_told(void)
{
	const char *text = "42 (a) b) Z 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 "
			   "23 24 25 26 27 28 29 65536 31\n";
	uint64_t ignored = 0;
	CHECK_INT(procfs_parse_ignored(text, &ignored), 0);
	CHECK_INT(ignored, 65536);
	CHECK_INT(procfs_parse_ignored("42 (x) S 7 8", &ignored), -EINVAL);
	CHECK_INT(procfs_parse_ignored("", &ignored), -EINVAL);
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

static void a_machine_can_be_made_up(void)
{
	struct procfs file;
	struct procfs_stat stat;
	char text[64];
	pretend_begin();
	pretend_process(7, 3, "worker", 'S', 55, 12);
	CHECK_INT(procfs_stat(7, &stat), 0);
	CHECK_INT(stat.ppid, 3);
	CHECK_INT(stat.start, 55);
	CHECK_STR(stat.name, "worker");
	CHECK_INT(procfs_stat(getpid(), &stat), -ESRCH);
	CHECK_INT(procfs_open(&file, 7, 0, "statm"), 0);
	pretend_gone(7);
	CHECK_INT(procfs_open(&file, 7, 0, "statm"), -ESRCH);
	pretend_put("/proc/loadavg", "0 0 0 1/2 34\n");
	CHECK(procfs_once(0, "loadavg", text, sizeof text) > 0);
	CHECK_STR(text, "0 0 0 1/2 34\n");
	pretend_end();
	CHECK_INT(procfs_stat(getpid(), &stat), 0);
}

static void a_dead_leader_gives_way_to_a_thread(void)
{
	struct procfs file;
	char text[64];
	pretend_begin();
	pretend_process(7, 3, "worker", 'Z', 55, 0);
	CHECK_INT(procfs_open(&file, 7, 0, "statm"), 0);
	CHECK_INT(procfs_change_thread(&file), -ESRCH);
	pretend_put("/proc/7/task/9/stat", "9 (worker) S 3 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 56 0");
	pretend_put("/proc/7/task/9/statm", "20 10 0 0 0 0 0\n");
	CHECK_INT(procfs_change_thread(&file), 0);
	CHECK(procfs_read(&file, text, sizeof text) > 0);
	CHECK_STR(text, "20 10 0 0 0 0 0\n");
	procfs_close(&file);
	pretend_end();
}

static void put_thread(int pid, int thread, char state, int pages)
{
	char name[64];
	snprintf(name, sizeof name, "/proc/%d/task/%d/stat", pid, thread);
	pretend_put(name, "%d (t) %c 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 5 0\n", thread, state);
	snprintf(name, sizeof name, "/proc/%d/task/%d/statm", pid, thread);
	pretend_put(name, "9 %d 0 0 0 0 0\n", pages);
}

static void a_process_lives_as_long_as_any_of_its_threads(void)
{
	struct procfs_stat stat;
	pretend_begin();
	pretend_process(7, 1, "t", 'Z', 5, 0);
	CHECK_INT(procfs_live_thread(7), 0);
	CHECK(!procfs_has_memory(7));
	CHECK(procfs_stat(7, &stat) == 0 && !procfs_lives(&stat, 7));
	put_thread(7, 8, 'Z', 0);
	put_thread(7, 9, 'S', 3);
	CHECK_INT(procfs_live_thread(7), 9);
	CHECK(procfs_has_memory(7));
	CHECK(procfs_lives(&stat, 7));
	pretend_end();
	CHECK_INT(procfs_live_thread(getpid()), getpid());
}

static void another_process_of_the_number_is_not_taken(void)
{
	struct procfs file;
	pretend_begin();
	pretend_process(7, 1, "t", 'Z', 5, 0);
	put_thread(7, 9, 'S', 3);
	CHECK_INT(procfs_open(&file, 7, 0, "statm"), 0);
	CHECK_INT(procfs_change_thread(&file), 0);
	CHECK_INT(file.thread, 9);
	put_thread(7, 9, 'Z', 0);
	put_thread(7, 8, 'S', 4);
	CHECK_INT(procfs_change_thread(&file), 0);
	CHECK_INT(file.thread, 8);
	pretend_process(7, 1, "other", 'S', 6, 100);
	CHECK_INT(procfs_change_thread(&file), -ESRCH);
	CHECK(!procfs_is_same(&file));
	procfs_close(&file);
	pretend_end();
}

static void a_proc_is_ours_if_it_has_our_number_and_no_further(void)
{
	CHECK_INT(own_procfs_parse("Name:\ta\nPid:\t7\nPPid:\t1\nNSpid:\t7\nX:\t1\n", 7), 0);
	CHECK_INT(own_procfs_parse("Name:\ta\nPid:\t7\nPPid:\t1\n", 7), 0);
	CHECK_INT(own_procfs_parse("Name:\ta\nPid:\t8\nNSpid:\t8\t7\n", 7), -EXDEV);
	CHECK_INT(own_procfs_parse("Name:\ta\nPid:\t7\nNSpid:\t7\t7\n", 7), -EXDEV);
	CHECK_INT(own_procfs_parse("Name:\ta\nPid:\t70\nNSpid:\t70", 7), -EXDEV);
	CHECK_INT(own_procfs_parse("", 7), -EXDEV);
	CHECK_INT(own_procfs_check(), 0);
}

int main(void)
{
	RUN(a_proc_is_ours_if_it_has_our_number_and_no_further);
	RUN(a_process_lives_as_long_as_any_of_its_threads);
	RUN(another_process_of_the_number_is_not_taken);
	RUN(statm_has_its_second_field);
	RUN(figures_in_kb_are_found_by_their_key);
	RUN(a_name_may_hold_anything);
	RUN(what_is_ignored_is_told);
	RUN(a_file_is_read_again_and_again);
	RUN(a_closed_file_is_opened_at_each_read);
	RUN(the_newest_pid_is_the_last_field);
	RUN(a_machine_can_be_made_up);
	RUN(a_dead_leader_gives_way_to_a_thread);
	return DONE();
}
