#include "recorder/tree/events.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/check.h"

/* The layouts of perf_event_open(2), with PERF_SAMPLE_TIME and sample_id_all. */
struct task {
	struct perf_event_header head;
	uint32_t pid, ppid, tid, ptid;
	uint64_t time, sample_time;
};

struct comm {
	struct perf_event_header head;
	uint32_t pid, tid;
	char name[8];
	uint64_t sample_time;
};

struct lost {
	struct perf_event_header head;
	uint64_t id, lost, sample_time;
};

static struct task task_record(uint32_t type, uint32_t pid, uint32_t ppid)
{
	return (struct task){ { type, 0, sizeof(struct task) }, pid, ppid, pid + 1, ppid, 77, 78 };
}

static void forks_and_exits_are_told_apart(void)
{
	struct event event;
	struct task fork = task_record(PERF_RECORD_FORK, 12, 10);
	struct task clone = task_record(PERF_RECORD_FORK, 12, 12);
	struct task exit = task_record(PERF_RECORD_EXIT, 12, 12);
	CHECK_INT(events_parse(&fork, sizeof fork, &event), sizeof fork);
	CHECK_INT(event.kind, EVENT_FORK);
	CHECK_INT(event.pid, 12);
	CHECK_INT(event.parent, 10);
	CHECK_INT(event.at, 77);
	CHECK_INT(events_parse(&clone, sizeof clone, &event), sizeof clone);
	CHECK_INT(event.kind, EVENT_CLONE);
	CHECK_INT(events_parse(&exit, sizeof exit, &event), sizeof exit);
	CHECK_INT(event.kind, EVENT_EXIT);
}

static void only_an_exec_gives_a_name(void)
{
	struct event event;
	struct comm comm = {
		{ PERF_RECORD_COMM, PERF_RECORD_MISC_COMM_EXEC, sizeof comm }, 9, 9, "spend", 55
	};
	CHECK_INT(events_parse(&comm, sizeof comm, &event), sizeof comm);
	CHECK_INT(event.kind, EVENT_EXEC);
	CHECK_STR(event.name, "spend");
	CHECK_INT(event.at, 55);
	memcpy(comm.name, "12345678", 8); /* no NUL */
	CHECK_INT(events_parse(&comm, sizeof comm, &event), sizeof comm);
	CHECK_STR(event.name, "12345678");
	comm.tid = 10; /* a thread's name */
	CHECK_INT(events_parse(&comm, sizeof comm, &event), sizeof comm);
	CHECK_INT(event.kind, EVENT_OTHER);
	comm.tid = 9;
	comm.head.misc = 0; /* prctl(PR_SET_NAME) */
	CHECK_INT(events_parse(&comm, sizeof comm, &event), sizeof comm);
	CHECK_INT(event.kind, EVENT_OTHER);
}

static void losses_are_counted(void)
{
	struct event event;
	struct lost lost = { { PERF_RECORD_LOST, 0, sizeof lost }, 1, 23, 99 };
	CHECK_INT(events_parse(&lost, sizeof lost, &event), sizeof lost);
	CHECK_INT(event.kind, EVENT_LOST);
	CHECK_INT(event.lost, 23);
	CHECK_INT(event.at, 99);
}

static void a_damaged_record_is_none(void)
{
	struct event event;
	struct task task = task_record(PERF_RECORD_FORK, 12, 10);
	CHECK_INT(events_parse(&task, sizeof task - 1, &event), 0);
	CHECK_INT(events_parse(&task, 3, &event), 0);
	task.head.size = 4;
	CHECK_INT(events_parse(&task, sizeof task, &event), 0);
	task.head.size = 16; /* too short for what it says it is */
	CHECK_INT(events_parse(&task, sizeof task, &event), 16);
	CHECK_INT(event.kind, EVENT_OTHER);
	task.head.size = sizeof task;
	task.head.type = 4711;
	CHECK_INT(events_parse(&task, sizeof task, &event), sizeof task);
	CHECK_INT(event.kind, EVENT_OTHER);
}

static int64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* A shell that starts 200 programs: of each there are a fork, an exec and an exit, in this order.
 */
static void everything_is_told_in_order(void)
{
	struct events events;
	struct event event, last = { 0 };
	int counts[EVENT_LOST + 1] = { 0 };
	int r = events_open(&events);
	if (r < 0) {
		printf("# skipped: perf_event_open: %s\n", strerror(-r));
		return;
	}
	pid_t pid = fork();
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c",
		      "i=0; while [ $i -lt 200 ]; do /bin/true; i=$((i+1)); done", (char *)NULL);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
	while (events_next(&events, now(), &event)) {
		CHECK(event.at >= last.at);
		counts[event.kind]++;
		if (event.kind == EVENT_FORK)
			CHECK_INT(event.parent, pid);
		last = event;
	}
	CHECK_INT(counts[EVENT_FORK], 200);
	CHECK_INT(counts[EVENT_EXEC], 201);
	CHECK_INT(counts[EVENT_EXIT], 201);
	CHECK_INT(counts[EVENT_LOST], 0);
	CHECK_INT(last.pid, pid);
	events_close(&events);
}

int main(void)
{
	RUN(forks_and_exits_are_told_apart);
	RUN(only_an_exec_gives_a_name);
	RUN(losses_are_counted);
	RUN(a_damaged_record_is_none);
	RUN(everything_is_told_in_order);
	return DONE();
}
