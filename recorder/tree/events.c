#include "recorder/tree/events.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "recorder/kernel/clock.h"
#include "recorder/kernel/procfs.h"
#include "share/array.h"

/* A fork, an exec and an exit take some 130 bytes: the rings have room for what a CPU can start
 * between two looks, a tenth of a second apart. */
enum { MOST_PAGES = 32, LONGEST = 256 };

/* ---- the records: perf_event_open(2), "MMAP layout" ---- */

static uint64_t take(const unsigned char *record, size_t at, size_t size)
{
	uint32_t narrow;
	uint64_t wide;
	if (size == sizeof wide)
		return memcpy(&wide, record + at, sizeof wide), wide;
	return memcpy(&narrow, record + at, sizeof narrow), narrow;
}

/* u32 pid, ppid, tid, ptid; u64 time. A thread is a task whose process was there before. */
static void parse_task(const unsigned char *body, size_t n, bool exit, struct event *event)
{
	if (n < 24)
		return;
	event->pid = (pid_t)take(body, 0, 4);
	event->parent = (pid_t)take(body, 4, 4);
	event->at = (int64_t)take(body, 16, 8);
	event->kind = exit ? EVENT_EXIT : event->pid == event->parent ? EVENT_CLONE : EVENT_FORK;
}

/* u32 pid, tid; char comm[]; then the time, as in every record that has none of its own. */
static void parse_comm(const unsigned char *body, size_t n, struct event *event)
{
	if (n < 24 || take(body, 0, 4) != take(body, 4, 4))
		return;
	size_t room = n - 16, most = sizeof event->name - 1;
	event->pid = (pid_t)take(body, 0, 4);
	event->at = (int64_t)take(body, n - 8, 8);
	memcpy(event->name, body + 8, room < most ? room : most);
	event->kind = EVENT_EXEC;
}

/* u64 id, lost; then the time. */
static void parse_lost(const unsigned char *body, size_t n, struct event *event)
{
	if (n < 24)
		return;
	event->lost = take(body, 8, 8);
	event->at = (int64_t)take(body, n - 8, 8);
	event->kind = EVENT_LOST;
}

size_t events_parse(const void *bytes, size_t n, struct event *event)
{
	struct perf_event_header head;
	const unsigned char *body = (const unsigned char *)bytes + sizeof head;
	*event = (struct event){ 0 };
	if (n < sizeof head)
		return 0;
	memcpy(&head, bytes, sizeof head);
	if (head.size < sizeof head || head.size > n)
		return 0;
	size_t length = head.size - sizeof head;
	if (head.type == PERF_RECORD_FORK || head.type == PERF_RECORD_EXIT)
		parse_task(body, length, head.type == PERF_RECORD_EXIT, event);
	else if (head.type == PERF_RECORD_COMM && (head.misc & PERF_RECORD_MISC_COMM_EXEC))
		parse_comm(body, length, event);
	else if (head.type == PERF_RECORD_LOST)
		parse_lost(body, length, event);
	return head.size;
}

/* ---- the rings ---- */

/* On ourselves, and off: what a child inherits is turned on by its exec. */
static int open_on_cpu(int cpu)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof attr,
		.config = PERF_COUNT_SW_DUMMY,
		.sample_type = PERF_SAMPLE_TIME,
		.disabled = 1,
		.inherit = 1,
		.exclude_kernel = 1,
		.exclude_hv = 1,
		.comm = 1,
		.comm_exec = 1,
		.task = 1,
		.enable_on_exec = 1,
		.sample_id_all = 1,
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC,
	};
	long fd = syscall(SYS_perf_event_open, &attr, 0, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? -errno : (int)fd;
}

/* Rings are locked memory, of which an ordinary user has little: they are as large as they may be.
 */
static int map_ring(struct events *e, struct ring *ring)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	do {
		ring->pages =
			mmap(NULL, page + e->data, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, 0);
		if (ring->pages != MAP_FAILED)
			return 0;
		e->data /= 2;
	} while (errno == EPERM && e->n == 1 && e->data >= page);
	ring->pages = NULL;
	return -errno;
}

/* That CPU is switched off, and may yet be switched on. */
static int note_off(struct events *e, int cpu)
{
	int *off = array_more(&e->off, &e->n_off, sizeof *off);
	if (!off)
		return -ENOMEM;
	*off = cpu;
	return 0;
}

static int add_ring(struct events *e, int cpu)
{
	int fd = open_on_cpu(cpu);
	if (fd == -ENODEV)
		return note_off(e, cpu);
	if (fd < 0)
		return fd;
	if (procfs_keep(fd) < 0) /* without rings a recording is less, without files it is none */
		return -EMFILE;
	struct ring *ring = array_more(&e->rings, &e->n, sizeof *ring);
	if (!ring) {
		close(fd);
		return -ENOMEM;
	}
	ring->fd = fd;
	return map_ring(e, ring);
}

/* /sys may be hidden and the CPUs that we may run on be fewer than those of the program, so the
 * kernel itself is asked: of a number that no CPU can have it says EINVAL. */
int events_open(struct events *e)
{
	*e = (struct events){ .data = MOST_PAGES * (size_t)sysconf(_SC_PAGESIZE),
			      .ahead = clock_ahead() };
	int r = 0;
	for (int cpu = 0; r == 0; cpu++)
		r = add_ring(e, cpu);
	if (r == -EINVAL && e->n > 0)
		return 0;
	events_close(e);
	return r;
}

bool events_are_whole(const struct events *e)
{
	bool whole = e->n > 0;
	for (size_t i = 0; i < e->n_off && whole; i++) {
		int fd = open_on_cpu(e->off[i]);
		whole = fd == -ENODEV;
		if (fd >= 0)
			close(fd);
	}
	return whole;
}

static void copy_out(const struct events *e, const struct ring *ring, uint64_t from, void *to,
		     size_t n)
{
	const char *data = (const char *)ring->pages + sysconf(_SC_PAGESIZE);
	size_t at = (size_t)(from & (e->data - 1));
	size_t first = n < e->data - at ? n : e->data - at;
	memcpy(to, data + at, first);
	memcpy((char *)to + first, data, n - first);
}

/* Reads the ring's next record ahead. A record that makes no sense empties the ring. */
static void read_ahead(const struct events *e, struct ring *ring)
{
	struct perf_event_mmap_page *positions = ring->pages;
	char record[LONGEST];
	uint64_t tail = positions->data_tail;
	uint64_t head = __atomic_load_n(&positions->data_head, __ATOMIC_ACQUIRE);
	while (ring->length == 0 && tail != head) {
		size_t n = head - tail < sizeof record ? (size_t)(head - tail) : sizeof record;
		copy_out(e, ring, tail, record, n);
		ring->length = events_parse(record, n, &ring->next);
		ring->next.at += e->ahead;
		if (ring->length > 0 && ring->next.kind != EVENT_OTHER)
			return;
		tail = ring->length > 0 ? tail + ring->length : head;
		ring->length = 0;
		__atomic_store_n(&positions->data_tail, tail, __ATOMIC_RELEASE);
	}
}

/* An event follows from another only after that one was in its ring. So, of all that happened until
 * a moment that was past before the rings are read, none is missing. */
int events_next(struct events *e, int64_t until, struct event *event)
{
	struct ring *oldest = NULL;
	for (size_t i = 0; i < e->n; i++) {
		struct ring *ring = &e->rings[i];
		if (ring->length == 0)
			read_ahead(e, ring);
		if (ring->length > 0 && ring->next.at <= until &&
		    (!oldest || ring->next.at < oldest->next.at))
			oldest = ring;
	}
	if (!oldest)
		return 0;
	struct perf_event_mmap_page *positions = oldest->pages;
	*event = oldest->next;
	__atomic_store_n(&positions->data_tail, positions->data_tail + oldest->length,
			 __ATOMIC_RELEASE);
	oldest->length = 0;
	return 1;
}

void events_close(struct events *e)
{
	for (size_t i = 0; i < e->n; i++) {
		if (e->rings[i].pages)
			munmap(e->rings[i].pages, (size_t)sysconf(_SC_PAGESIZE) + e->data);
		close(e->rings[i].fd);
	}
	free(e->rings);
	free(e->off);
	*e = (struct events){ 0 };
}
