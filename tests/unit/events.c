#include "recorder/tree/events.h"

#include <linux/perf_event.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "share/sanitized.h"
#include "tests/check.h"

static int64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- made rings ---- */

enum { ROOM = 4096 };
static unsigned char pages[2][ROOM * 2] __attribute__((aligned(ROOM)));
static struct ring rings[2];

static struct events begin(void)
{
	memset(pages, 0, sizeof pages);
	memset(rings, 0, sizeof rings);
	for (size_t i = 0; i < 2; i++)
		rings[i] = (struct ring){ .fd = -1, .pages = pages[i], .data = ROOM };
	return (struct events){ .rings = rings, .n = 2, .data = ROOM };
}

static struct perf_event_mmap_page *positions(size_t ring)
{
	return (struct perf_event_mmap_page *)(void *)pages[ring];
}

/* As the kernel does: the record goes on at the beginning. */
static void put(size_t ring, const void *record, size_t n)
{
	struct perf_event_mmap_page *at = positions(ring);
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	for (size_t i = 0; i < n; i++)
		pages[ring][page + (at->data_head + i) % ROOM] = ((const unsigned char *)record)[i];
	at->data_head += n;
}

static void put_fork(size_t ring, uint32_t pid, uint64_t time)
{
	struct {
		struct perf_event_header head;
		uint32_t pid, ppid, tid, ptid;
		uint64_t time, trailer[2];
	} record = { { PERF_RECORD_FORK, 0, sizeof record }, pid, 1, pid, 1, time, { 0, time } };
	put(ring, &record, sizeof record);
}

static void put_fault(size_t ring, uint32_t thread, uint64_t period, uint64_t count)
{
	static uint64_t time = 100;
	struct {
		struct perf_event_header head;
		uint64_t ip;
		uint32_t pid, tid;
		uint64_t time, address, period, count;
	} record = {
		{ PERF_RECORD_SAMPLE, 0, sizeof record }, 0, 1, thread, time++, 0, period, count
	};
	if (!rings[ring].counted)
		record.head.size -= sizeof record.count;
	put(ring, &record, record.head.size);
}

static void rings_are_read_in_the_order_of_time(void)
{
	struct events events = begin();
	put_fork(0, 11, 10);
	put_fork(0, 12, 30);
	put_fork(1, 13, 20);
	put_fork(1, 14, 90);
	for (uint32_t pid = 11; pid <= 13; pid++) {
		const struct event *event = events_next(&events, 50);
		CHECK(event != NULL);
		CHECK_INT(event ? event->pid : 0, pid == 12 ? 13 : pid == 13 ? 12 : pid);
	}
	CHECK(!events_next(&events, 50)); /* the last is younger */
	CHECK_INT(positions(0)->data_tail, positions(0)->data_head);
	CHECK(events_next(&events, 90) != NULL);
	CHECK(!events_next(&events, 91));
}

static void a_record_at_both_ends_of_a_ring_is_whole(void)
{
	struct events events = begin();
	unsigned told = 0;
	for (uint32_t i = 1; i <= 1000; i++) {
		put_fork(0, i, i);
		const struct event *event = events_next(&events, i);
		CHECK(event != NULL);
		told += event && event->pid == (pid_t)i;
	}
	CHECK_INT(told, 1000);
	CHECK(!events_next(&events, 2000));
	CHECK_INT(positions(0)->data_tail, positions(0)->data_head);
	free(rings[0].straddling);
}

static void a_ring_of_nonsense_is_emptied(void)
{
	struct perf_event_header head = { PERF_RECORD_SAMPLE, 0, 8 };
	static const uint16_t sizes[] = { 0, 4, 7, 9, 24, 4000, ROOM + 8, 65535 };
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		for (uint64_t tail = 0; tail < 2 * ROOM; tail += 1000) {
			struct events events = begin();
			head.size = sizes[i];
			positions(0)->data_head = rings[0].tail = tail;
			put(0, &head, sizeof head);
			positions(0)->data_head += 24;
			CHECK(!events_next(&events, 1));
			CHECK_INT(positions(0)->data_tail, positions(0)->data_head);
			free(rings[0].straddling);
		}
}

struct told {
	uint32_t thread;
	size_t ring;
	uint64_t period, count, faults;
};

static void stand_for(struct events events, const struct told *told, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		put_fault(told[i].ring, told[i].thread, told[i].period, told[i].count);
		const struct event *event = events_next(&events, (int64_t)(1000 + i));
		CHECK_INT(event ? event->fault.faults : 0, told[i].faults);
	}
	weights_free(&events.weights);
}

/* What a fault tells is how many come after it; what it stands for is those before. */
static void a_fault_stands_for_those_before_it(void)
{
	static const struct told told[] = {
		{ 5, 0, 1, 0, 1 }, { 5, 0, 40, 0, 1 }, { 5, 0, 30, 0, 40 },
		{ 6, 0, 1, 0, 1 }, { 5, 1, 1, 0, 1 },  { 5, 0, 20, 0, 30 },
		{ 5, 1, 7, 0, 1 }, { 5, 1, 0, 0, 7 },  { 5, 1, 3, 0, 1 },
	};
	stand_for(begin(), told, sizeof told / sizeof *told);
}

/* And where it tells how many there were, nothing is guessed: but of one that nothing is known of,
 * which stands for no more than its period. */
static void counted_faults_add_up_to_the_last(void)
{
	static const struct told told[] = {
		{ 5, 0, 1, 1, 1 },      { 5, 0, 4000, 2, 1 }, { 5, 0, 30, 40, 38 },
		{ 6, 0, 20, 9000, 20 }, { 5, 1, 900, 7, 7 },  { 5, 0, 20, 41, 1 },
		{ 6, 0, 1, 9500, 500 }, { 5, 1, 1, 8, 1 },
	};
	struct events events = begin();
	rings[0].counted = rings[1].counted = true;
	stand_for(events, told, sizeof told / sizeof *told);
}

/* ---- the kernel's own ---- */

static bool open_or_skip(struct events *events, unsigned wanted)
{
	int r = events_open(events, wanted);
	if (r == 0 && (wanted & EVENTS_FAULTS) && !events->faults)
		r = events->refused;
	if (r < 0)
		printf("# skipped: perf_event_open: %s\n", strerror(-r));
	return r == 0;
}

/* A shell that starts 100 programs: of each there are a fork, an exec and an exit, in this order.
 */
static void tell_in_order(unsigned wanted)
{
	struct events events;
	struct {
		int64_t at;
		pid_t pid;
	} last = { 0 };
	int counts[EVENT_KINDS] = { 0 };
	if (!open_or_skip(&events, wanted))
		return;
	pid_t pid = fork();
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c",
		      "i=0; while [ $i -lt 100 ]; do /bin/true; i=$((i+1)); done", (char *)NULL);
		_exit(127);
	}
	int rest = 0;
	while (rest < 2) { /* until it has ended, and once more */
		rest += rest > 0 || waitpid(pid, NULL, WNOHANG) == pid;
		usleep(1000);
		for (const struct event *event; (event = events_next(&events, now()));) {
			CHECK(event->at >= last.at);
			counts[event->kind]++;
			if (event->kind == EVENT_FORK)
				CHECK_INT(event->parent, pid);
			last.at = event->at;
			last.pid = event->pid;
		}
	}
	CHECK_INT(counts[EVENT_FORK], 100);
	CHECK_INT(counts[EVENT_EXEC], 101);
	CHECK_INT(counts[EVENT_EXIT], 101);
	CHECK_INT(counts[EVENT_LOST], 0);
	CHECK_INT(last.pid, pid);
	CHECK((counts[EVENT_FAULT] > 0) == ((wanted & EVENTS_FAULTS) != 0));
	CHECK((counts[EVENT_MAP] > 100) == ((wanted & EVENTS_FAULTS) != 0));
	events_close(&events);
}

static void everything_is_told_in_order(void)
{
	tell_in_order(EVENTS_TASKS);
}

static void faults_are_told_among_the_others(void)
{
	tell_in_order(EVENTS_TASKS | EVENTS_FAULTS);
}

enum { TOUCHED = 20000 };

/* As large as that, page by page, with a rest now and then: what a target does. */
static int touch(bool rests)
{
	const size_t page = 4096, size = TOUCHED * page;
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return 1;
	madvise(memory, size, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < TOUCHED; i++) {
		memory[i * page] = 1;
		if (rests && i % 400 == 0)
			usleep(1000);
	}
	return 0;
}

/* As many as the kernel has counted, of all whom the rings are of. */
static uint64_t count_all(const struct events *events)
{
	uint64_t sum = 0, one;
	for (size_t i = 0; i < events->n; i++)
		if (read(events->rings[i].fd, &one, sizeof one) == sizeof one)
			sum += one;
	return sum;
}

/* What faults of that program stand for, and how many were told, and the kernel's count of all. */
static uint64_t sum_faults(const char *how, uint64_t *told, uint64_t *all, bool *sound)
{
	struct events events;
	uint64_t sum = 0, lost = 0;
	*told = *all = 0;
	*sound = true;
	if (!open_or_skip(&events, EVENTS_FAULTS))
		return 0;
	pid_t pid = fork();
	if (pid == 0) {
		execl("/proc/self/exe", "events", how, (char *)NULL);
		_exit(127);
	}
	int rest = 0;
	while (rest < 2) {
		rest += rest > 0 || waitpid(pid, NULL, WNOHANG) == pid;
		usleep(200);
		for (const struct event *event; (event = events_next(&events, now()));) {
			const struct fault *fault = &event->fault;
			lost += event->lost;
			if (event->kind != EVENT_FAULT)
				continue;
			++*told;
			sum += fault->faults;
			*sound &= fault->pid == pid && fault->thread == pid && fault->faults > 0;
			*sound &= !event_registers || fault->in_kernel || fault->registers != NULL;
			*sound &= !fault->stack || fault->n_stack <= EVENT_STACK;
		}
	}
	CHECK_INT(lost, 0);
	*all = count_all(&events);
	printf("# %s: %llu faults told, for %llu of %llu%s\n", how, (unsigned long long)*told,
	       (unsigned long long)sum, (unsigned long long)*all,
	       events.counted ? ", counted" : "");
	CHECK(!events.counted || sum <= *all);
	events_close(&events);
	return sum;
}

/* Nor are they so many that they cost much: the program's start and its end need some hundreds of
 * pages of their own. What comes after the last that is told is told by nobody. */
static void faults_add_up(void)
{
	static const char *const ways[] = { "at-once", "with-rests" };
	for (size_t i = 0; i < 2; i++) {
		uint64_t told, all;
		bool sound;
		uint64_t sum = sum_faults(ways[i], &told, &all, &sound);
		if (sum == 0)
			return;
		if (!SANITIZED) /* whose shadow has pages of its own */
			CHECK_NEAR((double)all, TOUCHED, TOUCHED / 10.0);
		CHECK(sum > TOUCHED / 2);
		CHECK(sound || SANITIZED);
		CHECK(told > 5 && told < TOUCHED / 2);
	}
}

/* ---- of a program that runs ---- */

enum { OF_EACH = 3000 };

static void *touch_some(void *unused)
{
	const size_t page = 4096;
	char *memory = mmap(NULL, OF_EACH * page, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	madvise(memory, OF_EACH * page, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < OF_EACH && memory != MAP_FAILED; i++)
		memory[i * page] = 1;
	return unused;
}

/* Once it is let: by itself, then in a thread, and in another. */
static int touch_when_told(int go)
{
	char letter;
	pthread_t thread;
	if (read(go, &letter, 1) != 1)
		return 1;
	touch_some(NULL);
	for (int i = 0; i < 2; i++) {
		usleep(20000); /* that it is seen to begin */
		if (pthread_create(&thread, NULL, touch_some, NULL) != 0)
			return 1;
		usleep(20000);
		pthread_join(thread, NULL);
	}
	return 0;
}

static void a_program_that_runs_is_heard_by_its_threads(void)
{
	struct events events;
	uint64_t own = 0, others = 0;
	int go[2];
	CHECK_INT(pipe(go), 0);
	pid_t pid = fork();
	if (pid == 0)
		_exit(touch_when_told(go[0]));
	int r = events_adopt(&events, &pid, 1), rest = 0;
	CHECK_INT(write(go[1], "g", 1), 1);
	while (rest < 2) {
		pid_t threads[8];
		size_t n = 0;
		rest += rest > 0 || waitpid(pid, NULL, WNOHANG) == pid;
		usleep(200);
		for (const struct event *event; (event = events_next(&events, now()));) {
			if (event->kind == EVENT_CLONE && n < 8)
				threads[n++] = event->thread;
			if (event->kind != EVENT_FAULT)
				continue;
			CHECK_INT(event->fault.pid, pid);
			*(event->fault.thread == pid ? &own : &others) += event->fault.faults;
		}
		for (size_t i = 0; i < n; i++)
			events_follow(&events, threads[i]);
	}
	close(go[0]);
	close(go[1]);
	if (r < 0) {
		printf("# skipped: perf_event_open: %s\n", strerror(-r));
		return;
	}
	/* The kernel's steps may grow until so few faults fit into none: no more are told than
	 * there were, with those of a thread's own beginning and end. */
	CHECK(events.counted);
	CHECK(SANITIZED || own <= OF_EACH + OF_EACH / 10);
	CHECK(SANITIZED || others <= 2 * (OF_EACH + OF_EACH / 10));
	CHECK(own + others > 0); /* but for what they touched before they were heard */
	CHECK(events.n <= 1);    /* the rings of those that ended are gone */
	printf("# the first thread %llu, the others %llu of %d\n", (unsigned long long)own,
	       (unsigned long long)others, 2 * OF_EACH);
	events_close(&events);
}

int main(int argc, char *argv[])
{
	if (argc > 1)
		return touch(strcmp(argv[1], "with-rests") == 0);
	RUN(rings_are_read_in_the_order_of_time);
	RUN(a_record_at_both_ends_of_a_ring_is_whole);
	RUN(a_ring_of_nonsense_is_emptied);
	RUN(a_fault_stands_for_those_before_it);
	RUN(counted_faults_add_up_to_the_last);
	RUN_MEASURED(everything_is_told_in_order);
	RUN_MEASURED(faults_are_told_among_the_others);
	if (!check_in_valgrind()) {
		RUN_MEASURED(faults_add_up);
		RUN_MEASURED(a_program_that_runs_is_heard_by_its_threads);
	}
	return DONE();
}
