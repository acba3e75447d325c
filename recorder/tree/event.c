#include "recorder/tree/event.h"

#include <linux/perf_event.h>
#include <stdbool.h>
#include <string.h>

/* Of the registers that are told, in the kernel's order (arch/ARCH/include/uapi/asm/perf_regs.h),
 * the place that DWARF gives to each (the psABI). */
#if defined(__x86_64__)
static const uint8_t places[FAULT_REGISTERS] = { 0, 3, 2,  1,  4,  5,  6,  7, FAULT_PC,
						 8, 9, 10, 11, 12, 13, 14, 15 };
const uint64_t event_registers = 0xff01ff; /* but for flags and segments */
#elif defined(__aarch64__)
static const uint8_t places[FAULT_REGISTERS] = { 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
						 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
						 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, FAULT_PC };
const uint64_t event_registers = 0x1ffffffff;
#else
static const uint8_t places[FAULT_REGISTERS];
const uint64_t event_registers = 0;
#endif

enum { PLAIN = 40, COUNT = 8 }; /* bytes of a fault, before its registers */

uint64_t event_sample_type(bool counted)
{
	uint64_t plain = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_ADDR |
			 PERF_SAMPLE_PERIOD | (counted ? PERF_SAMPLE_READ : 0);
	uint64_t moment = PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER;
	return event_registers ? plain | moment : plain;
}

static uint64_t take(const unsigned char *record, size_t at, size_t size)
{
	uint32_t narrow;
	uint64_t wide;
	if (size == sizeof wide)
		return memcpy(&wide, record + at, sizeof wide), wide;
	return memcpy(&narrow, record + at, sizeof narrow), narrow;
}

static pid_t take_pid(const unsigned char *record, size_t at)
{
	return (pid_t)take(record, at, 4);
}

/* Of every record that has no time of its own. */
static int64_t take_trailing_time(const unsigned char *body, size_t n)
{
	return (int64_t)take(body, n - 8, 8);
}

/* ---- each kind: what stands in `n` bytes ---- */

/* u32 pid, ppid, tid, ptid; u64 time. A thread is a task whose process was there before. */
static void parse_task(const unsigned char *body, size_t n, struct event *event)
{
	if (n < 24)
		return;
	event->pid = take_pid(body, 0);
	event->parent = take_pid(body, 4);
	event->thread = take_pid(body, 8);
	event->maker = take_pid(body, 12);
	event->at = (int64_t)take(body, 16, 8);
	event->kind = event->pid == event->parent ? EVENT_CLONE : EVENT_FORK;
}

static void parse_exit(const unsigned char *body, size_t n, struct event *event)
{
	parse_task(body, n, event);
	if (event->kind != EVENT_OTHER)
		event->kind = EVENT_EXIT;
}

/* u32 pid, tid; char comm[]. */
static void parse_comm(const unsigned char *body, size_t n, struct event *event)
{
	if (n < 8 + 8 + EVENT_TRAILER || take(body, 0, 4) != take(body, 4, 4))
		return;
	size_t room = n - 8 - EVENT_TRAILER, most = sizeof event->name - 1;
	event->pid = event->thread = take_pid(body, 0);
	event->at = take_trailing_time(body, n);
	memcpy(event->name, body + 8, room < most ? room : most);
	event->kind = EVENT_EXEC;
}

/* u64 id, lost. */
static void parse_lost(const unsigned char *body, size_t n, struct event *event)
{
	if (n < 16 + EVENT_TRAILER)
		return;
	event->lost = take(body, 8, 8);
	event->at = take_trailing_time(body, n);
	event->kind = EVENT_LOST;
}

/* u32 pid, tid; u64 addr, len, pgoff; char filename[]. */
static void parse_map(const unsigned char *body, size_t n, struct event *event)
{
	if (n < 32 + 8 + EVENT_TRAILER || !memchr(body + 32, '\0', n - 32 - EVENT_TRAILER))
		return;
	event->pid = take_pid(body, 0);
	event->thread = take_pid(body, 4);
	event->start = take(body, 8, 8);
	event->length = take(body, 16, 8);
	event->offset = take(body, 24, 8);
	event->path = (const char *)body + 32;
	event->at = take_trailing_time(body, n);
	event->kind = EVENT_MAP;
}

/* u64 abi; then, but for nobody's (a thread of the kernel's), the registers; u64 size; the stack,
 * u64 how much of it was there to be copied. Those of a program of another width go by other
 * numbers, and are left out. */
static void parse_moment(const unsigned char *body, size_t n, struct event *event)
{
	struct fault *fault = &event->fault;
	uint64_t abi = n < 8 ? PERF_SAMPLE_REGS_ABI_NONE : take(body, 0, 8);
	size_t at = 8 + 8 * (size_t)FAULT_REGISTERS;
	if (abi != PERF_SAMPLE_REGS_ABI_64 || n < at)
		return;
	for (size_t i = 0; i < FAULT_REGISTERS; i++)
		event->registers[places[i]] = take(body, 8 + 8 * i, 8);
	fault->registers = event->registers;
	uint64_t size = n < at + 8 ? 0 : take(body, at, 8);
	at += 8;
	if (size == 0 || size > n - at || n - at - size < 8)
		return;
	uint64_t told = take(body, at + (size_t)size, 8);
	fault->n_stack = (size_t)(told < size ? told : size);
	fault->stack = fault->n_stack > 0 ? body + at : NULL;
}

/* u64 ip; u32 pid, tid; u64 time, addr, period; where they are counted, u64 value. Of a thread that
 * is past its end there are no numbers any more. */
static void parse_fault(const unsigned char *body, size_t n, bool counted, struct event *event)
{
	size_t plain = PLAIN + (counted ? COUNT : 0);
	if (n < plain || take_pid(body, 8) <= 0 || take_pid(body, 12) <= 0)
		return;
	event->kind = EVENT_FAULT;
	event->pid = event->fault.pid = take_pid(body, 8);
	event->thread = event->fault.thread = take_pid(body, 12);
	event->at = event->fault.at = (int64_t)take(body, 16, 8);
	event->fault.address = take(body, 24, 8);
	event->fault.faults = take(body, 32, 8);
	event->count = counted ? take(body, PLAIN, 8) : 0;
	if (event_registers)
		parse_moment(body + plain, n - plain, event);
}

size_t event_parse(const void *bytes, size_t n, bool counted, struct event *event)
{
	static void (*const parsers[])(const unsigned char *, size_t, struct event *) = {
		[PERF_RECORD_MMAP] = parse_map,  [PERF_RECORD_LOST] = parse_lost,
		[PERF_RECORD_COMM] = parse_comm, [PERF_RECORD_EXIT] = parse_exit,
		[PERF_RECORD_FORK] = parse_task,
	};
	struct perf_event_header head;
	*event = (struct event){ 0 };
	if (n < sizeof head)
		return 0;
	memcpy(&head, bytes, sizeof head);
	if (head.size < sizeof head || head.size > n)
		return 0;
	const unsigned char *body = (const unsigned char *)bytes + sizeof head;
	size_t length = head.size - sizeof head;
	bool known = head.type < sizeof parsers / sizeof *parsers && parsers[head.type];
	known &= head.type != PERF_RECORD_COMM || (head.misc & PERF_RECORD_MISC_COMM_EXEC);
	unsigned mode = head.misc & PERF_RECORD_MISC_CPUMODE_MASK;
	if (known)
		parsers[head.type](body, length, event);
	if (head.type == PERF_RECORD_SAMPLE)
		parse_fault(body, length, counted, event);
	event->fault.in_kernel = event->kind == EVENT_FAULT && mode == PERF_RECORD_MISC_KERNEL;
	return head.size;
}
