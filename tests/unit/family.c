/* The family in a machine that is made up: no process of it runs. */
#include "recorder/tree/family.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <linux/taskstats.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "recorder/kernel/clock.h"
#include "share/profile/profile.h"
#include "tests/pretend.h"

enum { TARGET = 5000000, A, B, C, D, STRANGER };

static const int64_t MS = 1000000;
#define PAGE ((uint64_t)sysconf(_SC_PAGESIZE))

static struct family family;
static char told[1024]; /* what the watcher was told: "born A, named A worker, gone A 3, " */
static int64_t now;
static int newest;

/* ---- the watcher ---- */

static const char *letter(pid_t pid)
{
	static const char *const letters[] = { "T", "A", "B", "C", "D", "S" };
	return pid >= TARGET && pid <= STRANGER ? letters[pid - TARGET] : "?";
}

__attribute__((format(printf, 1, 2))) static void tell(const char *format, ...)
{
	size_t used = strlen(told);
	va_list args;
	va_start(args, format);
	vsnprintf(told + used, sizeof told - used, format, args);
	va_end(args);
}

static void on_born(void *context, const struct member *m)
{
	(void)context;
	tell("born %s of %s, ", letter(m->pid), letter(m->ppid));
}

static void on_named(void *context, const struct member *m)
{
	(void)context;
	tell("named %s %s, ", letter(m->pid), m->name);
}

static void on_gone(void *context, const struct member *m)
{
	(void)context;
	tell(m->status == PROFILE_STATUS_UNKNOWN ? "gone %s, " : "gone %s %d, ", letter(m->pid),
	     m->status);
}

#define CHECK_TOLD(expected)               \
	do {                               \
		CHECK_STR(told, expected); \
		*told = '\0';              \
	} while (0)

/* ---- the machine ---- */

static void give_out_a_pid(void)
{
	pretend_put("/proc/loadavg", "0 0 0 1/1 %d\n", ++newest);
}

/* Has the kernel lists of children? */
static void make_machine(bool lists)
{
	*told = '\0';
	now = clock_now();
	pretend_begin();
	give_out_a_pid();
	if (lists)
		pretend_children(getpid(), getpid(), "");
}

static void process(int pid, int ppid, const char *name, unsigned long long pages)
{
	pretend_process(pid, ppid, name, 'S', 100, pages);
	pretend_children(pid, pid, "");
}

static void open_family(enum family_reach reach)
{
	const struct family_watcher watcher = { NULL, on_born, on_named, on_gone };
	process(TARGET, getpid(), "target", 10);
	CHECK_INT(family_prepare(&family, reach), 0);
	CHECK_INT(family_open(&family, TARGET, source_find("rss"), &watcher), 0);
}

static void end(void)
{
	family_close(&family);
	pretend_end();
}

/* Pages of all, a tenth of a second later; somebody has been started meanwhile. */
static uint64_t sample(void)
{
	uint64_t total = 0;
	now += 100 * MS;
	give_out_a_pid();
	CHECK_INT(family_sample(&family, now, &total), 0);
	return total / PAGE;
}

static uint64_t sample_at_once(void)
{
	uint64_t total = 0;
	CHECK_INT(family_sample(&family, clock_now(), &total), 0);
	return total / PAGE;
}

/* ---- births ---- */

static void a_whole_tree_is_found_at_once(bool lists)
{
	make_machine(lists);
	open_family(FAMILY_DESCENDS);
	CHECK_INT(family.scanning, !lists);
	process(A, TARGET, "worker", 5);
	process(B, A, "helper", 3);
	process(STRANGER, 1, "other", 1000);
	pretend_children(TARGET, TARGET, "5000001 ");
	pretend_children(A, A, "5000002 ");
	CHECK_INT(sample(), 18);
	CHECK(strstr(told, "born A of T, named A worker, "));
	CHECK(strstr(told, "born B of A, named B helper, "));
	CHECK(!strstr(told, "S"));
	CHECK_INT(family.n, 3);
	CHECK_INT(family.descendants, 2);
	*told = '\0';
	CHECK_INT(sample(), 18);
	CHECK_TOLD("");
	end();
}

static void by_lists_of_children(void)
{
	a_whole_tree_is_found_at_once(true);
}

static void by_the_parents_that_all_name(void)
{
	a_whole_tree_is_found_at_once(false);
}

static void children_belong_to_threads(void)
{
	make_machine(true);
	open_family(FAMILY_DESCENDS);
	process(A, TARGET, "worker", 5);
	pretend_children(TARGET, B, "5000001 "); /* its thread of that number */
	CHECK_INT(sample(), 15);
	CHECK_TOLD("born A of T, named A worker, ");
	pretend_remove("/proc/5000000/task/5000002");
	CHECK_INT(sample(), 15);
	CHECK_TOLD("");
	end();
}

static void alone_means_alone(void)
{
	make_machine(true);
	open_family(FAMILY_ALONE);
	process(A, TARGET, "worker", 5);
	pretend_children(TARGET, TARGET, "5000001 ");
	CHECK_INT(sample(), 10);
	CHECK_TOLD("");
	end();
}

/* A pid may be given out before its process is listed: so for a while, and now and then. */
static void nobody_is_new_while_no_pid_is_given_out(void)
{
	uint64_t total;
	make_machine(true);
	open_family(FAMILY_DESCENDS);
	family_sample(&family, now, &total);
	process(A, TARGET, "worker", 5);
	pretend_children(TARGET, TARGET, "5000001 ");
	family_sample(&family, now + 60 * MS, &total);
	CHECK_INT(total / PAGE, 10);
	family_sample(&family, now + 1100 * MS, &total);
	CHECK_INT(total / PAGE, 15);
	end();
}

/* ---- names ---- */

static void a_name_is_told_once_it_is_its_own(void)
{
	make_machine(true);
	open_family(FAMILY_DESCENDS);
	process(A, TARGET, "target", 5); /* between fork and exec */
	pretend_children(TARGET, TARGET, "5000001 ");
	CHECK_INT(sample_at_once(), 15);
	CHECK_TOLD("born A of T, ");
	process(A, TARGET, "worker", 6);
	CHECK_INT(sample(), 16);
	CHECK_TOLD("named A worker, ");
	process(A, TARGET, "other", 6);
	for (int i = 0; i < 8; i++)
		sample();
	CHECK_TOLD("born A of T, named A other, ");
	end();
}

static void one_that_never_calls_exec_has_its_parents_name(void)
{
	make_machine(true);
	open_family(FAMILY_DESCENDS);
	process(A, TARGET, "target", 5);
	pretend_children(TARGET, TARGET, "5000001 ");
	sample_at_once();
	CHECK_TOLD("born A of T, ");
	sample();
	CHECK_TOLD("named A target, ");
	end();
}

static void an_interpreter_is_told_with_its_script(void)
{
	make_machine(true);
	open_family(FAMILY_DESCENDS);
	process(A, TARGET, "python3", 5);
	pretend_put("/proc/5000001/cmdline", "python3%c/srv/worker.py%c", '\0', '\0');
	pretend_children(TARGET, TARGET, "5000001 ");
	sample();
	CHECK_TOLD("born A of T, named A python3 worker.py, ");
	end();
}

/* ---- ends ---- */

static void begin_with_a_worker(bool lists, enum family_reach reach)
{
	make_machine(lists);
	open_family(reach);
	process(A, TARGET, "worker", 5);
	pretend_children(TARGET, TARGET, "5000001 ");
	CHECK_INT(sample(), 15);
	*told = '\0';
}

/* It holds nothing, which is not 0 bytes; its pid is its own until somebody has waited for it. */
static void a_zombie_has_ended(void)
{
	begin_with_a_worker(true, FAMILY_DESCENDS);
	pretend_process(A, TARGET, "worker", 'Z', 100, 0);
	CHECK_INT(sample(), 10);
	CHECK_TOLD("gone A, ");
	CHECK_INT(family.most / PAGE, 15); /* what it held before is not forgotten */
	CHECK_INT(family.n, 2);
	CHECK_INT(sample(), 10);
	CHECK_INT(family.most / PAGE, 10);
	pretend_gone(A);
	pretend_children(TARGET, TARGET, "");
	CHECK_INT(sample(), 10);
	CHECK_INT(family.n, 1);
	CHECK_TOLD("");
	end();
}

static void one_that_ends_changes_nothing_for_the_others(void)
{
	begin_with_a_worker(true, FAMILY_DESCENDS);
	process(B, TARGET, "second", 7);
	pretend_children(TARGET, TARGET, "5000001 5000002 ");
	CHECK_INT(sample(), 22);
	*told = '\0';
	pretend_gone(A);
	CHECK_INT(sample(), 17);
	CHECK_TOLD("gone A, ");
	end();
}

static void a_pid_may_be_given_out_again(bool lists)
{
	begin_with_a_worker(lists, FAMILY_DESCENDS);
	pretend_gone(A);
	pretend_process(A, TARGET, "second", 'S', 200, 7);
	pretend_children(A, A, "");
	pretend_children(TARGET, TARGET, "5000001 ");
	sample(); /* the first has ended */
	CHECK_INT(sample(), 17);
	CHECK_TOLD("gone A, born A of T, named A second, ");
	CHECK_INT(family.descendants, 2);
	end();
}

static void a_pid_given_out_again_is_a_new_process(void)
{
	a_pid_may_be_given_out_again(true);
}

static void so_it_is_where_only_its_start_differs(void)
{
	a_pid_may_be_given_out_again(false);
}

/* /proc shows nothing of it, but it lives: a process of this very test. */
static void who_is_hidden_has_not_ended(void)
{
	char list[32];
	make_machine(true);
	open_family(FAMILY_DESCENDS);
	pid_t pid = fork();
	if (pid == 0)
		pause();
	snprintf(list, sizeof list, "%d ", (int)pid);
	pretend_children(TARGET, TARGET, list);
	CHECK_INT(sample(), 10);
	CHECK_INT(sample(), 10);
	CHECK_INT(family.n, 2);
	CHECK_INT(family.unread, 1);
	CHECK_INT(family.hidden, 1);
	CHECK_TOLD("");
	process(pid, TARGET, "worker", 5); /* it shows itself */
	CHECK_INT(sample(), 15);
	CHECK_INT(family.unread, 0);
	pretend_gone(pid);
	CHECK_INT(sample(), 10);
	CHECK_INT(family.unread, 1);
	CHECK_INT(family.hidden, 1);
	*told = '\0';
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	pretend_children(TARGET, TARGET, "");
	CHECK_INT(sample(), 10);
	CHECK_INT(family.unread, 0);
	CHECK_TOLD("gone ?, ");
	end();
}

static void the_target_cannot_be_measured_when_it_has_ended(void)
{
	uint64_t total;
	begin_with_a_worker(true, FAMILY_DESCENDS);
	pretend_process(TARGET, getpid(), "target", 'Z', 100, 0);
	CHECK_INT(family_sample(&family, now + MS, &total), -ESRCH);
	CHECK_INT(total / PAGE, 5);
	CHECK_TOLD("");
	end();
}

static void settling_tells_of_ends_without_measuring(void)
{
	const struct member *living[1] = { NULL };
	begin_with_a_worker(true, FAMILY_DESCENDS);
	family_settle(&family);
	CHECK_TOLD("");
	CHECK_INT(family_living(&family, living, 1), 1);
	CHECK_INT(living[0]->pid, A);
	CHECK_STR(living[0]->name, "worker");
	CHECK_INT(family_living(&family, NULL, 0), 1);
	pretend_process(A, TARGET, "worker", 'Z', 100, 0);
	family_settle(&family);
	CHECK_TOLD("gone A, ");
	end();
}

/* ---- orphans ---- */

static void orphans_stay_and_unknown_ones_are_found(void)
{
	make_machine(true);
	process(STRANGER, getpid(), "editor", 1000); /* a child of ours that was there before */
	pretend_children(getpid(), getpid(), "5000005 ");
	open_family(FAMILY_ADOPTS);
	process(A, TARGET, "shell", 5);
	process(B, A, "daemon", 7);
	pretend_children(TARGET, TARGET, "5000001 ");
	pretend_children(A, A, "5000002 ");
	CHECK_INT(sample(), 22);
	*told = '\0';
	pretend_gone(A); /* and before it did, it forked once more */
	pretend_children(TARGET, TARGET, "");
	process(B, getpid(), "daemon", 7);
	process(C, getpid(), "second", 2);
	pretend_children(getpid(), getpid(), "5000005 5000000 5000002 5000003 ");
	CHECK_INT(sample(), 19);
	CHECK_TOLD("gone A, born C of ?, named C second, ");
	family_reaped(&family, B, 3, 9 * PAGE);
	CHECK_TOLD("gone B 3, ");
	CHECK_INT(members_find(&family, B)->peak, 9 * PAGE);
	family_reaped(&family, D, 0, PAGE); /* nobody ever saw it */
	CHECK_TOLD("gone D 0, ");
	family_reaped(&family, STRANGER, 0, PAGE);
	CHECK_TOLD("");
	CHECK_INT(family.descendants, 4);
	end();
}

static void what_is_disowned_is_nobodys(void)
{
	make_machine(true);
	open_family(FAMILY_ADOPTS);
	process(A, getpid(), "command", 100);
	pretend_children(getpid(), getpid(), "5000000 5000001 ");
	family_disown(&family, A);
	CHECK_INT(sample(), 10);
	family_reaped(&family, A, 0, PAGE);
	CHECK_TOLD("");
	end();
}

/* ---- memory that is shared ---- */

static void vfork_shows_its_parents_memory_once(void)
{
	make_machine(true);
	open_family(FAMILY_DESCENDS);
	pretend_process(TARGET, getpid(), "target", 'D', 100, 10);
	process(A, TARGET, "target", 10);
	pretend_children(TARGET, TARGET, "5000001 ");
	CHECK_INT(sample(), 10);
	pretend_process(TARGET, getpid(), "target", 'S', 100, 10);
	process(A, TARGET, "worker", 2);
	CHECK_INT(sample(), 12);
	pretend_process(TARGET, getpid(), "target", 'D', 100, 2); /* once apart, always apart */
	CHECK_INT(sample(), 4);
	CHECK_TOLD("born A of T, named A worker, ");
	end();
}

/* ---- exact marks ---- */

static void put_mark(int pid, unsigned pages)
{
	char name[64];
	snprintf(name, sizeof name, "/proc/%d/status", pid);
	pretend_put(name, "Name:\tx\nVmHWM:\t%llu kB\n", pages * PAGE / 1024ull);
	snprintf(name, sizeof name, "/proc/%d/clear_refs", pid);
	pretend_put(name, "0");
}

static void marks_add_up_to_the_most_that_can_have_been(void)
{
	char text[8];
	const struct family_watcher nobody = { 0 };
	make_machine(true);
	process(TARGET, getpid(), "target", 10);
	put_mark(TARGET, 10);
	CHECK_INT(family_prepare(&family, FAMILY_DESCENDS), 0);
	family.exact = true;
	CHECK_INT(family_open(&family, TARGET, source_find("rss"), &nobody), 0);
	process(A, TARGET, "worker", 5);
	put_mark(A, 20);
	pretend_children(TARGET, TARGET, "5000001 ");
	CHECK_INT(sample(), 15);
	CHECK_INT(family.most / PAGE, 10 + 20);
	CHECK(procfs_once(A, "clear_refs", text, sizeof text) > 0);
	CHECK_STR(text, "5");
	put_mark(A, 1); /* less than what it held at the sample before */
	CHECK_INT(sample(), 15);
	CHECK_INT(family.most / PAGE, 10 + 5);
	CHECK_INT(members_find(&family, A)->peak / PAGE, 20);
	end();
}

/* ---- what the kernel tells ---- */

/* A ring as the kernel would write it: perf_event_open(2). */
static struct perf_event_mmap_page *make_ring(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct ring *ring = calloc(1, sizeof *ring);
	CHECK(ring != NULL);
	ring->data = page;
	ring->fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	ring->pages =
		mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(ring->pages != MAP_FAILED);
	family.events = (struct events){ .rings = ring, .n = 1, .data = page };
	return ring->pages;
}

static void put_record(const void *record, size_t n)
{
	struct perf_event_mmap_page *positions = family.events.rings->pages;
	memcpy((char *)positions + sysconf(_SC_PAGESIZE) + positions->data_head, record, n);
	positions->data_head += n;
}

static void put_task(uint32_t type, int pid, int ppid)
{
	now++;
	struct {
		struct perf_event_header head;
		uint32_t pid, ppid, tid, ptid;
		uint64_t time, trailer[2];
	} record = { { type, 0, sizeof record },
		     (uint32_t)pid,
		     (uint32_t)ppid,
		     (uint32_t)pid,
		     (uint32_t)ppid,
		     (uint64_t)now,
		     { 0, (uint64_t)now } };
	put_record(&record, sizeof record);
}

static void put_exec(int pid, const char *name)
{
	struct {
		struct perf_event_header head;
		uint32_t pid, tid;
		char name[16];
		uint64_t trailer[2];
	} record = { { PERF_RECORD_COMM, PERF_RECORD_MISC_COMM_EXEC, sizeof record },
		     (uint32_t)pid,
		     (uint32_t)pid,
		     "",
		     { 0, (uint64_t)++now } };
	snprintf(record.name, sizeof record.name, "%s", name);
	put_record(&record, sizeof record);
}

static void put_loss(uint64_t lost)
{
	struct {
		struct perf_event_header head;
		uint64_t id, lost, trailer[2];
	} record = { { PERF_RECORD_LOST, 0, sizeof record }, 1, lost, { 0, (uint64_t)++now } };
	put_record(&record, sizeof record);
}

static void begin_with_events(void)
{
	make_machine(true);
	open_family(FAMILY_ADOPTS);
	make_ring();
	CHECK(family_is_whole(&family));
	sample();
}

static void one_that_lived_between_two_samples_is_told(void)
{
	begin_with_events();
	put_task(PERF_RECORD_FORK, A, TARGET);
	put_exec(A, "short");
	put_task(PERF_RECORD_EXIT, A, A);
	CHECK_INT(sample(), 10);
	CHECK_TOLD("named A short, gone A, ");
	CHECK_INT(family.descendants, 1);
	sample();
	CHECK_INT(family.n, 1);
	end();
}

static void one_that_lives_is_met_when_it_is_told(void)
{
	begin_with_events();
	process(A, TARGET, "worker", 5);
	put_task(PERF_RECORD_FORK, A, TARGET);
	CHECK_INT(sample(), 15);
	CHECK_TOLD("born A of T, named A worker, ");
	process(A, TARGET, "next", 6);
	put_exec(A, "next");
	CHECK_INT(sample(), 16);
	CHECK_TOLD("born A of T, named A next, ");
	put_task(PERF_RECORD_FORK, A, A); /* a thread … */
	put_task(PERF_RECORD_EXIT, A, A); /* … and its end */
	CHECK_INT(sample(), 16);
	CHECK_TOLD("");
	pretend_gone(A);
	put_task(PERF_RECORD_EXIT, A, A);
	CHECK_INT(sample(), 10);
	CHECK_TOLD("gone A, ");
	end();
}

static void a_fork_of_a_known_pid_is_another_process(void)
{
	begin_with_events();
	process(A, TARGET, "worker", 5);
	put_task(PERF_RECORD_FORK, A, TARGET);
	sample();
	*told = '\0';
	pretend_gone(A);
	pretend_process(A, TARGET, "second", 'S', 200, 7);
	pretend_children(A, A, "");
	put_task(PERF_RECORD_FORK, A, TARGET);
	CHECK_INT(sample(), 17);
	CHECK_TOLD("gone A, born A of T, named A second, ");
	end();
}

static void strangers_forks_are_no_news(void)
{
	begin_with_events();
	put_task(PERF_RECORD_FORK, A, STRANGER);
	CHECK_INT(sample(), 10);
	CHECK_TOLD("");
	CHECK_INT(family.n, 1);
	end();
}

static void after_a_loss_newcomers_are_looked_for(void)
{
	begin_with_events();
	process(A, TARGET, "worker", 5);
	pretend_children(TARGET, TARGET, "5000001 ");
	CHECK_INT(sample(), 10); /* its fork would have been told */
	put_loss(3);
	CHECK_INT(sample(), 15);
	CHECK(!family_is_whole(&family));
	CHECK_INT(family.lost, 3);
	end();
}

/* ---- what the kernel accounts ---- */

static void send_account(int socket, int pid, int ppid, const char *name, unsigned kib)
{
	struct __attribute__((packed)) {
		struct nlmsghdr head;
		struct genlmsghdr generic;
		struct nlattr both, pid;
		uint32_t number;
		struct nlattr stats;
		struct taskstats body;
	} m = {
		.head = { sizeof m, 30, 0, 0, 0 },
		.generic = { TASKSTATS_CMD_NEW, 1, 0 },
		.pid = { sizeof(struct nlattr) + 4, TASKSTATS_TYPE_PID },
		.number = (uint32_t)pid,
		.stats = { sizeof(struct nlattr) + sizeof m.body, TASKSTATS_TYPE_STATS },
	};
	m.both.nla_type = TASKSTATS_TYPE_AGGR_PID;
	m.both.nla_len = (uint16_t)(sizeof m - sizeof m.head - sizeof m.generic);
	m.body.version = 11;
	m.body.ac_pid = (uint32_t)pid;
	m.body.ac_ppid = (uint32_t)ppid;
	m.body.hiwater_rss = kib;
	snprintf(m.body.ac_comm, sizeof m.body.ac_comm, "%s", name);
	CHECK_INT(send(socket, &m, sizeof m, 0), sizeof m);
}

static void an_account_tells_the_peak_at_the_end(void)
{
	int ends[2];
	begin_with_a_worker(true, FAMILY_DESCENDS);
	CHECK_INT(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
	family.exits.fd = ends[0];
	CHECK_INT(family_wait(&family, now + 100 * MS), 0);
	send_account(ends[1], A, TARGET, "worker", 400);
	send_account(ends[1], STRANGER, 1, "other", 400);
	pretend_process(A, TARGET, "worker", 'Z', 100, 0);
	CHECK_INT(sample(), 10);
	CHECK_TOLD(""); /* its word is waited for, and has come: the next tick tells */
	CHECK_INT(sample(), 10);
	CHECK_TOLD("gone A, ");
	CHECK_INT(members_find(&family, A)->peak, 400 * 1024);
	CHECK(family_wait(&family, now) > 0);
	close(ends[1]);
	end();
}

int main(void)
{
	pretend_begin();
	bool counts = pretend_counts_links();
	pretend_end();
	if (!counts) {
		printf("1..0 # SKIP the folder for temporary files does not count links\n");
		return 0;
	}
	RUN(by_lists_of_children);
	RUN(by_the_parents_that_all_name);
	RUN(children_belong_to_threads);
	RUN(alone_means_alone);
	RUN(nobody_is_new_while_no_pid_is_given_out);
	RUN(a_name_is_told_once_it_is_its_own);
	RUN(one_that_never_calls_exec_has_its_parents_name);
	RUN(an_interpreter_is_told_with_its_script);
	RUN(a_zombie_has_ended);
	RUN(one_that_ends_changes_nothing_for_the_others);
	RUN(a_pid_given_out_again_is_a_new_process);
	RUN(so_it_is_where_only_its_start_differs);
	RUN(who_is_hidden_has_not_ended);
	RUN(the_target_cannot_be_measured_when_it_has_ended);
	RUN(settling_tells_of_ends_without_measuring);
	RUN(orphans_stay_and_unknown_ones_are_found);
	RUN(what_is_disowned_is_nobodys);
	RUN(vfork_shows_its_parents_memory_once);
	RUN(marks_add_up_to_the_most_that_can_have_been);
	RUN(one_that_lived_between_two_samples_is_told);
	RUN(one_that_lives_is_met_when_it_is_told);
	RUN(a_fork_of_a_known_pid_is_another_process);
	RUN(strangers_forks_are_no_news);
	RUN(after_a_loss_newcomers_are_looked_for);
	RUN(an_account_tells_the_peak_at_the_end);
	return DONE();
}
