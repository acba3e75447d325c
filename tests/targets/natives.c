/* natives PERIOD PROGRAM …: runs it, has mprof-c-native name the stack of every so many page
 * faults, and prints them folded: "outermost;…;innermost N", a frame as "function path:line". Exit
 * status 77 where page faults are not told. */
#include <errno.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "recorder/kernel/clock.h"
#include "recorder/where/native.h"

enum { PAGES = 256, CPUS = 256, STACK = 8192 };

#if defined(__aarch64__)
static const uint64_t REGISTERS = 0x1ffffffff; /* x0 to x29, lr, sp, pc */
static const uint8_t places[FAULT_REGISTERS + 1] = { 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
						     11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
						     22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32 };
enum { N_REGISTERS = 33 };
#else
/* ax bx cx dx si di bp sp ip, then r8 to r15: arch/x86/include/uapi/asm/perf_regs.h */
static const uint64_t REGISTERS = 0xff01ff;
static const uint8_t places[] = { 0, 3, 2, 1, 4, 5, 6, 7, 16, 8, 9, 10, 11, 12, 13, 14, 15 };
enum { N_REGISTERS = 17 };
#endif

struct one {
	uint64_t at;
	size_t size;
	unsigned char *bytes;
};

static struct pollfd polled[CPUS];
static unsigned char *rings[CPUS];
static struct one *records;
static size_t n_records;
static char **stacks;
static size_t n_stacks, asked, refused, last_cpu;
static int64_t spent;

static int open_event(int cpu, unsigned period)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof attr,
		.config = PERF_COUNT_SW_PAGE_FAULTS,
		.sample_period = period,
		.sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_ADDR |
			       PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER,
		.sample_regs_user = REGISTERS,
		.sample_stack_user = STACK,
		.inherit = 1,
		.disabled = 1,
		.enable_on_exec = 1,
		.wakeup_events = 1,
		.mmap = 1,
		.comm = 1,
		.comm_exec = 1,
		.task = 1,
		.sample_id_all = 1,
		.exclude_kernel = geteuid() != 0,
	};
	return (int)syscall(SYS_perf_event_open, &attr, 0, cpu, -1, PERF_FLAG_FD_CLOEXEC);
}

static void open_rings(unsigned period)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	for (long cpu = 0; cpu < sysconf(_SC_NPROCESSORS_CONF) && cpu < CPUS; cpu++) {
		int fd = open_event((int)cpu, period);
		if (fd < 0)
			exit(77);
		rings[last_cpu] =
			mmap(NULL, (PAGES + 1) * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (rings[last_cpu] == MAP_FAILED)
			exit(77);
		polled[last_cpu++] = (struct pollfd){ .fd = fd, .events = POLLIN };
	}
}

static uint64_t word(const unsigned char *at)
{
	uint64_t value;
	return memcpy(&value, at, sizeof value), value;
}

static int32_t half(const unsigned char *at)
{
	int32_t value;
	return memcpy(&value, at, sizeof value), value;
}

/* ---- the records ---- */

/* Where its time stands: at the end but in a sample. */
static void keep(unsigned char *bytes, size_t size)
{
	bool sample = half(bytes) == PERF_RECORD_SAMPLE;
	records = realloc(records, (n_records + 1) * sizeof *records);
	records[n_records++] =
		(struct one){ word(sample ? bytes + 16 : bytes + size - 8), size, bytes };
}

static void drain(unsigned char *ring)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), data = PAGES * page;
	struct perf_event_mmap_page *head = (void *)ring;
	uint64_t end = __atomic_load_n(&head->data_head, __ATOMIC_ACQUIRE), at = head->data_tail;
	while (at < end) {
		struct perf_event_header is;
		for (size_t i = 0; i < sizeof is; i++)
			((unsigned char *)&is)[i] = ring[page + (at + i) % data];
		unsigned char *bytes = malloc(is.size);
		for (size_t i = 0; i < is.size; i++)
			bytes[i] = ring[page + (at + i) % data];
		keep(bytes, is.size);
		at += is.size;
	}
	__atomic_store_n(&head->data_tail, end, __ATOMIC_RELEASE);
}

static void ask(struct native *native, const unsigned char *b, size_t size)
{
	uint64_t registers[FAULT_REGISTERS] = { 0 };
	const unsigned char *at = b + 32 + 8;
	if (size < 56 || word(b + 32) == 0 ||
	    half(b + 8) ==
		    native_pid(native)) /* no registers: of a kernel thread, or in its exit */
		return;
	for (size_t i = 0; i < N_REGISTERS; i++)
		registers[places[i]] = word(at + 8 * i);
	at += 8 * N_REGISTERS;
	uint64_t room = word(at);
	struct fault fault = {
		.pid = half(b + 8),
		.thread = half(b + 12),
		.address = word(b + 24),
		.registers = registers,
		.stack = at + 8,
		.n_stack = room ? word(at + 8 + room) : 0,
	};
	int64_t before = clock_now();
	if (native_ask(native, asked, &fault))
		asked++;
	else
		refused++;
	spent += clock_now() - before;
}

static void take(struct native *native, const struct one *is)
{
	const unsigned char *b = is->bytes;
	int type = half(b), misc = half(b + 4) & 0xffff;
	struct event event = { .pid = half(b + 8) };
	if (type == PERF_RECORD_SAMPLE) {
		ask(native, b, is->size);
		return;
	}
	if (type == PERF_RECORD_MMAP) {
		event.kind = EVENT_MAP;
		event.start = word(b + 16);
		event.length = word(b + 24);
		event.offset = word(b + 32);
		event.path = (const char *)b + 40;
	} else if (type == PERF_RECORD_COMM && (misc & PERF_RECORD_MISC_COMM_EXEC)) {
		event.kind = EVENT_EXEC;
	} else if (type == PERF_RECORD_FORK && half(b + 8) != half(b + 12)) {
		event.kind = EVENT_FORK;
		event.parent = half(b + 12);
	}
	if (event.kind && event.pid != native_pid(native))
		native_tell(native, &event);
}

static int by_time(const void *a, const void *b)
{
	const struct one *x = a, *y = b;
	return (x->at > y->at) - (x->at < y->at);
}

/* ---- the answers ---- */

static void fold(const struct native_answer *is)
{
	char *text = malloc(64 + is->n * 1024);
	size_t at = 0;
	text[0] = '\0';
	if (is->python)
		at += (size_t)sprintf(text, "Python%s", is->n ? ";" : "");
	for (size_t i = is->n; i-- > 0;)
		at += (size_t)sprintf(text + at, "%.400s %.400s:%d%s", is->frames[i].function,
				      is->frames[i].path, is->frames[i].line, i ? ";" : "");
	stacks = realloc(stacks, (n_stacks + 1) * sizeof *stacks);
	stacks[n_stacks++] = text;
}

static void take_answers(struct native *native)
{
	struct native_answer answer;
	while (native_next(native, &answer))
		fold(&answer);
}

static void drain_all(struct native *native)
{
	for (size_t i = 0; i < last_cpu; i++)
		drain(rings[i]);
	if (n_records > 0)
		qsort(records, n_records, sizeof *records, by_time);
	for (size_t i = 0; i < n_records; i++) {
		take(native, &records[i]);
		free(records[i].bytes);
		take_answers(native);
		while (refused > 0 && native_settle(native, 10000000000))
			refused = 0;
	}
	n_records = 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void print(void)
{
	qsort(stacks, n_stacks, sizeof *stacks, compare);
	for (size_t i = 0, n; i < n_stacks; i += n) {
		for (n = 1; i + n < n_stacks && strcmp(stacks[i], stacks[i + n]) == 0;)
			n++;
		printf("%s %zu\n", stacks[i], n);
	}
}

static int64_t cpu_of(pid_t pid)
{
	clockid_t clock;
	struct timespec is = { 0 };
	if (pid <= 0 || clock_getcpuclockid(pid, &clock) != 0)
		return 0;
	clock_gettime(clock, &is);
	return is.tv_sec * 1000000000 + is.tv_nsec;
}

static pid_t begin(char *argv[])
{
	pid_t pid = fork();
	if (pid == 0) {
		execvp(argv[0], argv);
		_exit(127);
	}
	return pid;
}

int main(int argc, char *argv[])
{
	int status;
	struct native *native = native_open();
	if (argc < 3 || !native)
		return 2;
	open_rings((unsigned)atoi(argv[1]));
	pid_t pid = begin(argv + 2);
	while (waitpid(pid, &status, WNOHANG) == 0) {
		poll(polled, (nfds_t)last_cpu, 20);
		drain_all(native);
	}
	drain_all(native);
	bool settled = native_settle(native, 20000000000);
	take_answers(native);
	print();
	const char *path, *advice;
	if (native_advice(native, &path, &advice))
		fprintf(stderr, "%s: %s\n", path, advice);
	double each = 1e3 * (double)(asked ? asked : 1);
	fprintf(stderr, "%zu asked, %zu answered, %s, %.1f us each here, %.1f there\n", asked,
		n_stacks, settled ? "settled" : "given up", (double)spent / each,
		(double)cpu_of(native_pid(native)) / each);
	native_close(native);
	return 0;
}
