#include "recorder/kernel/kernel_log.h"

#include <errno.h>
#include <sys/socket.h>

#include "tests/pretend.h"

static void kills_are_told_in_either_shape(void)
{
	CHECK_INT(kernel_log_parse("6,1,500,-;Out of memory: Killed process 42 (x) total-vm:1kB",
				   400),
		  42);
	CHECK_INT(kernel_log_parse("3,1,500,-;Memory cgroup out of memory: Killed process 7 (a b)",
				   500),
		  7);
}

static void what_is_older_or_else_is_none(void)
{
	CHECK_INT(kernel_log_parse("6,1,500,-;Out of memory: Killed process 42 (x)", 501), 0);
	CHECK_INT(kernel_log_parse("6,1,500,-;Killed process x", 0), 0);
	CHECK_INT(kernel_log_parse("6,1,500,-;Killed process 99999999999", 0), 0);
	CHECK_INT(kernel_log_parse("6,1,500,-;something else", 0), 0);
	CHECK_INT(kernel_log_parse("no semicolon, Killed process 4", 0), 0);
	CHECK_INT(kernel_log_parse(";Killed process 4", 0), 0);
	CHECK_INT(kernel_log_parse("", 0), 0);
}

/* A record a read, as the kernel gives them. */
static int make_log(const char *const records[])
{
	int ends[2];
	CHECK_INT(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends), 0);
	for (; *records; records++)
		CHECK(write(ends[1], *records, strlen(*records)) > 0);
	close(ends[1]);
	return ends[0];
}

struct wanted {
	pid_t pid;
	int visits;
};

static bool is_wanted(void *context, pid_t pid)
{
	struct wanted *wanted = context;
	wanted->visits++;
	return pid == wanted->pid;
}

static void a_kill_is_found_among_others(void)
{
	const char *const records[] = {
		"6,1,100,-;Killed process 5 (old)",   "6,2,300,-;Killed process 6 (one)",
		"6,3,310,-;usb 1-1: new device",      "6,4,320,-;Killed process 7 (two)",
		"6,5,330,-;Killed process 8 (three)", NULL
	};
	struct wanted wanted = { .pid = 7 };
	int log = make_log(records);
	CHECK_INT(kernel_log_kills(log, 200, is_wanted, &wanted), 1);
	CHECK_INT(wanted.visits, 2);
	wanted.pid = 9;
	CHECK_INT(kernel_log_kills(log, 200, is_wanted, &wanted), 0); /* the rest of it */
	CHECK_INT(wanted.visits, 3);
	close(log);
}

static void it_is_read_from_now_on_or_from_the_past(void)
{
	struct wanted wanted = { .pid = 7 };
	pretend_begin();
	CHECK_INT(kernel_log_open(true), -ENOENT);
	pretend_put("/dev/kmsg", "6,4,320,-;Killed process 7 (two)");
	int past = kernel_log_open(true), log = kernel_log_open(false);
	CHECK(past >= 0 && log >= 0);
	CHECK_INT(kernel_log_kills(log, 0, is_wanted, &wanted), 0);
	CHECK_INT(kernel_log_kills(past, 0, is_wanted, &wanted), 1);
	close(past);
	close(log);
	pretend_end();
}

static void put_namespace(const char *name)
{
	char path[PATH_MAX];
	pretend_put("/proc/self/ns/other", "-");
	unlink(pretend_path(path, "/proc/self/ns/pid"));
	CHECK_INT(symlink(name, path), 0);
}

static void its_numbers_are_ours_in_the_first_namespace_alone(void)
{
	pretend_begin();
	CHECK(!kernel_log_counts_as_we());
	put_namespace("pid:[4026531836]");
	CHECK(kernel_log_counts_as_we());
	put_namespace("pid:[4026532190]");
	CHECK(!kernel_log_counts_as_we());
	pretend_end();
}

int main(void)
{
	RUN(kills_are_told_in_either_shape);
	RUN(what_is_older_or_else_is_none);
	RUN(a_kill_is_found_among_others);
	RUN(it_is_read_from_now_on_or_from_the_past);
	RUN(its_numbers_are_ours_in_the_first_namespace_alone);
	return DONE();
}
