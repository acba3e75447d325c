#include "recorder/tree/event.h"

#include <linux/perf_event.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "tests/check.h"

/* The layouts of perf_event_open(2), with sample_id_all: all end in the thread and the time. */
struct trailer {
	uint32_t pid, tid;
	uint64_t time;
};

struct task {
	struct perf_event_header head;
	uint32_t pid, ppid, tid, ptid;
	uint64_t time;
	struct trailer trailer;
};

struct comm {
	struct perf_event_header head;
	uint32_t pid, tid;
	char name[8];
	struct trailer trailer;
};

struct lost {
	struct perf_event_header head;
	uint64_t id, lost;
	struct trailer trailer;
};

static struct task task_record(uint32_t type, uint32_t pid, uint32_t ppid)
{
	return (struct task){
		{ type, 0, sizeof(struct task) }, pid, ppid, pid + 1, ppid, 77, { ppid, ppid, 78 }
	};
}

static void forks_and_exits_are_told_apart(void)
{
	struct event event;
	struct task fork = task_record(PERF_RECORD_FORK, 12, 10);
	struct task clone = task_record(PERF_RECORD_FORK, 12, 12);
	struct task exit = task_record(PERF_RECORD_EXIT, 12, 12);
	CHECK_INT(event_parse(&fork, sizeof fork, false, &event), sizeof fork);
	CHECK_INT(event.kind, EVENT_FORK);
	CHECK_INT(event.pid, 12);
	CHECK_INT(event.parent, 10);
	CHECK_INT(event.thread, 13);
	CHECK_INT(event.at, 77);
	CHECK_INT(event_parse(&clone, sizeof clone, false, &event), sizeof clone);
	CHECK_INT(event.kind, EVENT_CLONE);
	CHECK_INT(event_parse(&exit, sizeof exit, false, &event), sizeof exit);
	CHECK_INT(event.kind, EVENT_EXIT);
}

static void only_an_exec_gives_a_name(void)
{
	struct event event;
	struct comm comm = { { PERF_RECORD_COMM, PERF_RECORD_MISC_COMM_EXEC, sizeof comm },
			     9,
			     9,
			     "spend",
			     { 9, 9, 55 } };
	CHECK_INT(event_parse(&comm, sizeof comm, false, &event), sizeof comm);
	CHECK_INT(event.kind, EVENT_EXEC);
	CHECK_STR(event.name, "spend");
	CHECK_INT(event.at, 55);
	memcpy(comm.name, "12345678", 8); /* no NUL */
	CHECK_INT(event_parse(&comm, sizeof comm, false, &event), sizeof comm);
	CHECK_STR(event.name, "12345678");
	comm.tid = 10; /* a thread's name */
	CHECK_INT(event_parse(&comm, sizeof comm, false, &event), sizeof comm);
	CHECK_INT(event.kind, EVENT_OTHER);
	comm.tid = 9;
	comm.head.misc = 0; /* prctl(PR_SET_NAME) */
	CHECK_INT(event_parse(&comm, sizeof comm, false, &event), sizeof comm);
	CHECK_INT(event.kind, EVENT_OTHER);
}

static void losses_are_counted(void)
{
	struct event event;
	struct lost lost = { { PERF_RECORD_LOST, 0, sizeof lost }, 1, 23, { 4, 4, 99 } };
	CHECK_INT(event_parse(&lost, sizeof lost, false, &event), sizeof lost);
	CHECK_INT(event.kind, EVENT_LOST);
	CHECK_INT(event.lost, 23);
	CHECK_INT(event.at, 99);
}

static void a_damaged_record_is_none(void)
{
	struct event event;
	struct task task = task_record(PERF_RECORD_FORK, 12, 10);
	CHECK_INT(event_parse(&task, sizeof task - 1, false, &event), 0);
	CHECK_INT(event_parse(&task, 3, false, &event), 0);
	task.head.size = 4;
	CHECK_INT(event_parse(&task, sizeof task, false, &event), 0);
	task.head.size = 16; /* too short for what it says it is */
	CHECK_INT(event_parse(&task, sizeof task, false, &event), 16);
	CHECK_INT(event.kind, EVENT_OTHER);
	task.head.size = sizeof task;
	task.head.type = 4711;
	CHECK_INT(event_parse(&task, sizeof task, false, &event), sizeof task);
	CHECK_INT(event.kind, EVENT_OTHER);
}

struct map {
	struct perf_event_header head;
	uint32_t pid, tid;
	uint64_t start, length, offset;
	char path[16];
	struct trailer trailer;
};

static void a_map_has_a_place_and_a_path(void)
{
	struct event event;
	struct map map = { { PERF_RECORD_MMAP, 0, sizeof map },
			   9,
			   10,
			   0x7000,
			   0x2000,
			   0x1000,
			   "/lib/a.so",
			   { 9, 10, 55 } };
	CHECK_INT(event_parse(&map, sizeof map, false, &event), sizeof map);
	CHECK_INT(event.kind, EVENT_MAP);
	CHECK_INT(event.pid, 9);
	CHECK_INT(event.start, 0x7000);
	CHECK_INT(event.length, 0x2000);
	CHECK_INT(event.offset, 0x1000);
	CHECK_STR(event.path, "/lib/a.so");
	CHECK_INT(event.at, 55);
	memset(map.path, 'a', sizeof map.path); /* it does not end */
	CHECK_INT(event_parse(&map, sizeof map, false, &event), sizeof map);
	CHECK_INT(event.kind, EVENT_OTHER);
}

/* ---- faults ---- */

/* With as many registers as this machine tells, each of which says which one of them it is. */
struct sample {
	struct perf_event_header head;
	uint64_t ip;
	uint32_t pid, tid;
	uint64_t time, address, period, abi, registers[FAULT_REGISTERS], size;
	uint8_t stack[32];
	uint64_t told;
};

static struct sample sample_record(void)
{
	struct sample s = { .head = { PERF_RECORD_SAMPLE, PERF_RECORD_MISC_USER, sizeof s },
			    .pid = 9,
			    .tid = 10,
			    .time = 55,
			    .address = 0x1234,
			    .period = 7,
			    .abi = PERF_SAMPLE_REGS_ABI_64,
			    .size = sizeof s.stack,
			    .told = 24 };
	for (size_t i = 0; i < FAULT_REGISTERS; i++)
		s.registers[i] = 100 + i;
	s.stack[23] = 77;
	return s;
}

static void a_fault_has_registers_and_a_stack(void)
{
	struct event event;
	struct sample s = sample_record();
	CHECK_INT(event_parse(&s, sizeof s, false, &event), sizeof s);
	CHECK_INT(event.kind, EVENT_FAULT);
	CHECK_INT(event.pid, 9);
	CHECK_INT(event.fault.pid, 9);
	CHECK_INT(event.fault.thread, 10);
	CHECK_INT(event.at, 55);
	CHECK_INT(event.fault.address, 0x1234);
	CHECK_INT(event.fault.faults, 7);
	CHECK(!event.fault.in_kernel);
	if (!event_registers)
		return;
	CHECK(event.fault.registers == event.registers);
	CHECK_INT(event.fault.n_stack, 24);
	CHECK_INT(event.fault.stack[23], 77);
	s.head.misc = PERF_RECORD_MISC_KERNEL;
	CHECK_INT(event_parse(&s, sizeof s, false, &event), sizeof s);
	CHECK(event.fault.in_kernel);
}

/* The count stands before all that is of the moment. */
static void a_fault_may_tell_how_many_there_were(void)
{
	struct event event;
	struct sample s = sample_record();
	unsigned char counted[sizeof s + 8];
	const size_t before = offsetof(struct sample, abi);
	const uint64_t count = 4711;
	s.head.size += 8;
	memcpy(counted, &s, before);
	memcpy(counted + before, &count, 8);
	memcpy(counted + before + 8, (const char *)&s + before, sizeof s - before);
	CHECK_INT(event_parse(counted, sizeof counted, true, &event), sizeof counted);
	CHECK_INT(event.count, 4711);
	CHECK_INT(event.fault.faults, 7);
	if (event_registers)
		CHECK_INT(event.fault.stack[23], 77);
	s = sample_record();
	CHECK_INT(event_parse(&s, sizeof s, false, &event), sizeof s);
	CHECK_INT(event.count, 0);
}

/* The kernel's order is that of perf_regs.h, DWARF's that of the psABI. */
static void registers_have_the_numbers_of_dwarf(void)
{
	struct event event;
	struct sample s = sample_record();
	event_parse(&s, sizeof s, false, &event);
#if defined(__x86_64__)
	static const int ax = 0, bx = 1, cx = 2, dx = 3, bp = 6, sp = 7, ip = 8, r8 = 9, r15 = 16;
	CHECK_INT(event.registers[0], 100 + ax);
	CHECK_INT(event.registers[1], 100 + dx);
	CHECK_INT(event.registers[2], 100 + cx);
	CHECK_INT(event.registers[3], 100 + bx);
	CHECK_INT(event.registers[6], 100 + bp);
	CHECK_INT(event.registers[FAULT_SP], 100 + sp);
	CHECK_INT(event.registers[8], 100 + r8);
	CHECK_INT(event.registers[15], 100 + r15);
	CHECK_INT(event.registers[FAULT_PC], 100 + ip);
#elif defined(__aarch64__)
	for (size_t i = 0; i < FAULT_REGISTERS; i++)
		CHECK_INT(event.registers[i], 100 + i);
#endif
}

static void what_is_not_told_of_a_moment_is_left_out(void)
{
	struct event event;
	struct sample s = sample_record();
	s.abi = PERF_SAMPLE_REGS_ABI_32;
	CHECK_INT(event_parse(&s, sizeof s, false, &event), sizeof s);
	CHECK_INT(event.kind, EVENT_FAULT);
	CHECK(!event.fault.registers && !event.fault.stack);
	s = sample_record();
	s.told = 0;
	CHECK_INT(event_parse(&s, sizeof s, false, &event), sizeof s);
	CHECK(!event.fault.stack);
	s.told = UINT64_MAX; /* more than there is */
	event_parse(&s, sizeof s, false, &event);
	CHECK(event.fault.n_stack <= sizeof s.stack);
	s.size = UINT64_MAX;
	event_parse(&s, sizeof s, false, &event);
	CHECK(!event.fault.stack);
	s = sample_record();
	s.tid = 0; /* it has ended */
	event_parse(&s, sizeof s, false, &event);
	CHECK_INT(event.kind, EVENT_OTHER);
}

static void a_fault_that_is_cut_off_anywhere_is_survived(void)
{
	struct event event;
	struct sample s = sample_record();
	for (size_t n = sizeof s.head; n < sizeof s; n += 8) {
		s.head.size = (uint16_t)n;
		CHECK_INT(event_parse(&s, n, false, &event), n);
		CHECK(event.fault.n_stack <= sizeof s.stack);
		CHECK(!event.fault.stack ||
		      event.fault.stack + event.fault.n_stack <= (const uint8_t *)&s + n);
	}
}

int main(void)
{
	RUN(forks_and_exits_are_told_apart);
	RUN(only_an_exec_gives_a_name);
	RUN(losses_are_counted);
	RUN(a_damaged_record_is_none);
	RUN(a_map_has_a_place_and_a_path);
	RUN(a_fault_has_registers_and_a_stack);
	RUN(a_fault_may_tell_how_many_there_were);
	RUN(registers_have_the_numbers_of_dwarf);
	RUN(what_is_not_told_of_a_moment_is_left_out);
	RUN(a_fault_that_is_cut_off_anywhere_is_survived);
	return DONE();
}
